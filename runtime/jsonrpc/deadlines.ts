/**
 * One wheel of deadlines for all requests of a peer: setting and dropping a deadline is linking and unlinking a node, and at most
 * one timer of the platform exists, which sleeps until the first slot that holds something.
 */

const SLOTS = 512;
const TICK_MS = 10;

/** A node of the wheel. The owner sets `dueAt` only before {@link DeadlineWheel.add}, or later to a later time. */
export interface Deadline {
  /** In milliseconds of `performance.now()`; moving it to a later time needs no call. */
  dueAt: number;
  previous: Deadline | undefined;
  next: Deadline | undefined;
  slot: number;
}

/** Runs `expire` for every deadline that is reached, up to {@link TICK_MS} milliseconds late and never early. */
export class DeadlineWheel<T extends Deadline> {
  /** Made for the first deadline: many peers live shortly and never set one. */
  #slots: (Deadline | undefined)[] = [];
  readonly #expire: (deadline: T) => void;
  readonly #holds: boolean;
  #count = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The tick the timer will wake for. */
  #wakeTick = Number.POSITIVE_INFINITY;
  /** Every tick up to this one has been looked at. */
  #seenTick: number = tickBefore(performance.now());

  /** @param holds whether the process lives on for a deadline that is set. */
  constructor(expire: (deadline: T) => void, holds = true) {
    this.#expire = expire;
    this.#holds = holds;
  }

  /** Number of deadlines that are set. */
  get size(): number {
    return this.#count;
  }

  add(deadline: T): void {
    this.#link(deadline);
    if (this.#count++ === 0) holdProcess(this.#timer, this.#holds);
    const tick = tickOf(deadline.dueAt);
    if (tick < this.#wakeTick) this.#sleepUntil(tick);
  }

  /** Does nothing for a deadline that is not set. */
  drop(deadline: T): void {
    if (deadline.slot < 0) return;
    this.#unlink(deadline);
    if (--this.#count === 0) holdProcess(this.#timer, false);
  }

  /** Stops the timer; what is still set never expires. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wakeTick = Number.POSITIVE_INFINITY;
  }

  #link(deadline: Deadline): void {
    if (this.#slots.length === 0) this.#slots = new Array<Deadline | undefined>(SLOTS).fill(undefined);
    // A deadline already passed belongs into the next slot that will be looked at.
    const slot = Math.max(tickOf(deadline.dueAt), this.#seenTick + 1) % SLOTS;
    const head = this.#slots[slot];
    deadline.slot = slot;
    deadline.previous = undefined;
    deadline.next = head;
    if (head !== undefined) head.previous = deadline;
    this.#slots[slot] = deadline;
  }

  #unlink(deadline: Deadline): void {
    const { previous, next, slot } = deadline;
    if (previous === undefined) this.#slots[slot] = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    deadline.previous = undefined;
    deadline.next = undefined;
    deadline.slot = -1;
  }

  #sleepUntil(tick: number): void {
    clearTimeout(this.#timer);
    this.#wakeTick = tick;
    const wait = Math.max(0, tick * TICK_MS - performance.now());
    this.#timer = setTimeout(() => this.#wake(), Math.min(Math.ceil(wait), 0x7fff_ffff));
    if (!this.#holds) holdProcess(this.#timer, false);
  }

  #wake(): void {
    this.#timer = undefined;
    this.#wakeTick = Number.POSITIVE_INFINITY;
    const now = performance.now();
    const last = tickBefore(now);
    const first = Math.max(this.#seenTick + 1, last - SLOTS + 1);
    this.#seenTick = Math.max(last, this.#seenTick);
    for (let tick = first; tick <= last; tick++) this.#sweep(tick % SLOTS, now);
    if (this.#count > 0) this.#sleepUntil(this.#nextTick());
  }

  #sweep(slot: number, now: number): void {
    const due: Deadline[] = [];
    let deadline = this.#slots[slot];
    while (deadline !== undefined) {
      const following = deadline.next;
      if (deadline.dueAt <= now) due.push(deadline);
      else if (tickOf(deadline.dueAt) % SLOTS !== slot) this.#move(deadline);
      deadline = following;
    }
    for (const one of due) {
      // What one expiry does can drop the others.
      if (one.slot !== slot) continue;
      this.drop(one as T);
      this.#expire(one as T);
    }
  }

  #move(deadline: Deadline): void {
    this.#unlink(deadline);
    this.#link(deadline);
  }

  /** The first tick whose slot holds anything, even if only for a later turn of the wheel. */
  #nextTick(): number {
    for (let ahead = 1; ahead < SLOTS; ahead++) {
      if (this.#slots[(this.#seenTick + ahead) % SLOTS] !== undefined) return this.#seenTick + ahead;
    }
    return this.#seenTick + SLOTS;
  }
}

/** The tick at which a deadline is surely over. */
function tickOf(time: number): number {
  return Math.ceil(time / TICK_MS);
}

function tickBefore(time: number): number {
  return Math.floor(time / TICK_MS);
}

/** An armed timer with nothing left to watch must not keep Node alive; elsewhere timers are plain numbers. */
function holdProcess(timer: ReturnType<typeof setTimeout> | undefined, hold: boolean): void {
  if (typeof timer !== "object") return;
  if (hold) timer.ref();
  else timer.unref();
}

/** A value that changes, as something to iterate: everyone gets the newest value first, then each later one, until it has ended. */

/** What is read by a feed. */
export interface FeedSource {
  /** Called when somebody begins to read. */
  watch(): void;
}

/** Lists are made with what they hold, and never changed: one that grows from nothing is made sixteen places wide. */
const NONE: readonly never[] = [];

/** What is told of. How soon to look again changes with every look, and is no change of what is looked at. */
interface State {
  readonly status: string;
  readonly pollMs?: number | undefined;
}

export class StateFeed<T extends State> implements AsyncIterable<T> {
  #last: T | undefined = undefined;
  #ended: boolean;
  #error: { readonly cause: unknown } | undefined = undefined;
  #readers: readonly Reader<T>[] = NONE;
  readonly #source: FeedSource | undefined;

  /** Without a source nothing will ever come. */
  constructor(source?: FeedSource) {
    this.#source = source;
    this.#ended = source === undefined;
  }

  get last(): T | undefined {
    return this.#last;
  }
  get ended(): boolean {
    return this.#ended;
  }
  get error(): { readonly cause: unknown } | undefined {
    return this.#error;
  }

  /** Takes a value that differs from the last one. */
  push(value: T): void {
    const last = this.#last;
    this.#last = value;
    if (this.#readers.length > 0 && last !== undefined && isSame(value, last)) return;
    for (const reader of this.#readers) reader.take(value);
  }

  fail(cause: unknown): void {
    this.#error = { cause };
    this.end();
  }

  end(): void {
    this.#ended = true;
    for (const reader of this.#readers) reader.look();
  }

  join(reader: Reader<T>): void {
    this.#readers = [...this.#readers, reader];
    if (this.#last !== undefined) reader.take(this.#last);
    this.#source?.watch();
  }

  leave(reader: Reader<T>): void {
    this.#readers = this.#readers.filter((one) => one !== reader);
  }

  [Symbol.asyncIterator](): AsyncIterator<T, void> {
    return new Reader(this);
  }
}

function isSame(one: State, other: State): boolean {
  if (one.status !== other.status) return false;
  return JSON.stringify({ ...one, pollMs: undefined }) === JSON.stringify({ ...other, pollMs: undefined });
}

interface Wanted<T> {
  resolve(step: IteratorResult<T, void>): void;
  reject(cause: unknown): void;
}

/** One who reads; written out, since a generator costs a frame and several promises for each value, and tasks come by the thousand. */
class Reader<T extends State> implements AsyncIterator<T, void> {
  readonly #feed: StateFeed<T>;
  #queue: readonly T[] = NONE;
  #wanted: readonly Wanted<T>[] = NONE;
  #begun = false;
  #over = false;

  constructor(feed: StateFeed<T>) {
    this.#feed = feed;
  }

  next(): Promise<IteratorResult<T, void>> {
    if (!this.#begun) {
      this.#begun = true;
      this.#feed.join(this);
    }
    const value = this.#shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    const step = new Promise<IteratorResult<T, void>>((resolve, reject) => {
      this.#wanted = [...this.#wanted, { resolve, reject }];
    });
    this.look();
    return step;
  }

  return(): Promise<IteratorResult<T, void>> {
    this.#begun = true;
    this.#finish();
    this.look();
    return Promise.resolve({ done: true, value: undefined });
  }

  take(value: T): void {
    this.#queue = [...this.#queue, value];
    this.look();
  }

  /** Gives what there is to those who want it. */
  look(): void {
    while (this.#wanted.length > 0) {
      const value = this.#shift();
      if (value === undefined && !this.#over && !this.#feed.ended) return;
      const { resolve, reject } = this.#wanted[0] as Wanted<T>;
      this.#wanted = this.#wanted.length > 1 ? this.#wanted.slice(1) : NONE;
      if (value !== undefined) {
        resolve({ done: false, value });
        continue;
      }
      // What went wrong is told once.
      const error = this.#over ? undefined : this.#feed.error;
      this.#finish();
      if (error === undefined) resolve({ done: true, value: undefined });
      else reject(error.cause);
    }
  }

  /** The value that comes next, where there is one. */
  #shift(): T | undefined {
    const value = this.#queue[0];
    this.#queue = this.#queue.length > 1 ? this.#queue.slice(1) : NONE;
    return value;
  }

  #finish(): void {
    this.#over = true;
    this.#queue = NONE;
    this.#feed.leave(this);
  }
}

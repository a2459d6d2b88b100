/**
 * Looks at something of the server again and again, at the pace that the server wishes or when there is news, and outlives connections that
 * are lost. Members and no async functions: thousands may go on at once, and what is alive of each is what it costs.
 */

import { ConnectionError, HttpError } from "../errors.js";

const DEFAULT_PAUSE_MS = 1_000;
/** A server that is slow to answer is asked less often, by no more than this. */
const LONGEST_ANSWER_MS = 500;
/** More than timers can do. */
const LONGEST_PAUSE_MS = 0x7fff_ffff;
/** Looks in a row that the connection may lose. */
export const MAX_LOST = 10;

type Timer = ReturnType<typeof setTimeout>;

export abstract class Looking {
  #timer: Timer | undefined = undefined;
  #lost = 0;
  /** Milliseconds that the last answer took. */
  #tookMs: number;

  /** @param tookMs milliseconds that the server took for its last answer. */
  constructor(tookMs: number) {
    this.#tookMs = tookMs;
  }

  /** Milliseconds that the server wants between two looks. */
  protected abstract readonly pauseMs: number | undefined;
  /** Aborts when the looking is given up, with a reason. */
  protected abstract readonly given: AbortSignal | undefined;
  protected abstract look(): Promise<unknown>;
  /** Takes note of a look that succeeded; false where there is nothing more to look for. */
  protected abstract looked(): boolean;
  /** Called when a pause is over; false where there is nothing more to look for. */
  protected abstract rested(): boolean;
  /** The looking is over, since this went wrong. */
  protected abstract broke(error: unknown): void;

  get #pauseMs(): number {
    const wanted = this.pauseMs ?? DEFAULT_PAUSE_MS;
    return Math.min(Math.max(wanted, Math.min(this.#tookMs, LONGEST_ANSWER_MS)), LONGEST_PAUSE_MS);
  }

  /** Looks at once. */
  protected lookOn(): void {
    const sentAt = performance.now();
    this.look().then(
      () => {
        this.#lost = 0;
        this.#tookMs = performance.now() - sentAt;
        try {
          if (this.looked()) this.rest();
        } catch (error) {
          this.broke(error);
        }
      },
      (error: unknown) => {
        if (isPassing(error) && ++this.#lost <= MAX_LOST) this.rest();
        else this.broke(error);
      },
    );
  }

  /** Looks after a pause. */
  protected rest(): void {
    if (this.given?.aborted === true) this.broke(this.given.reason);
    else this.#timer = setTimeout(wake, this.#pauseMs, this);
  }

  /** Ends a pause. */
  protected wake(): void {
    if (this.#timer !== undefined) this.resume();
  }

  resume(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.given?.aborted === true) this.broke(this.given.reason);
    else if (this.rested()) this.lookOn();
  }

  /** Lets the time of one pause pass. */
  protected pause(): Promise<void> {
    const { given } = this;
    return new Promise((resolve, reject) => {
      if (given?.aborted === true) {
        reject(given.reason);
        return;
      }
      const over = (): void => {
        clearTimeout(timer);
        given?.removeEventListener("abort", over);
        if (given?.aborted === true) reject(given.reason);
        else resolve();
      };
      const timer = setTimeout(over, this.#pauseMs);
      given?.addEventListener("abort", over);
    });
  }
}

const wake = (looking: Looking): void => looking.resume();

/** A connection was lost, or what stands before the servers found none: what was looked at is still there, perhaps at another. */
export function isPassing(error: unknown): boolean {
  if (error instanceof HttpError) return error.status >= 502 && error.status <= 504;
  return error instanceof ConnectionError && (error.code === "STREAM_LOST" || error.code === "REQUEST_FAILED");
}

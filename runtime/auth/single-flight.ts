/** One run of something for all who want it at the same time; it ends when nobody waits any more. Requirement AUTH-94. */

import { AuthorizationError } from "../errors.js";

/** How long a run goes on without anybody who waits: who gave up may come back at once in another way. */
const GRACE_MS = 2_000;

export interface SingleFlight<T> {
  /** Whether there is a run to join. */
  readonly running: boolean;
  /** Joins the run, or starts one. Rejects with the reason of `signal` where that aborts first. */
  join(start: (signal: AbortSignal) => Promise<T>, signal: AbortSignal | undefined): Promise<T>;
}

export function createSingleFlight<T>(): SingleFlight<T> {
  return new Flight<T>();
}

class Flight<T> implements SingleFlight<T> {
  #running: Promise<T> | undefined = undefined;
  #controller: AbortController = new AbortController();
  #waiting = 0;
  #grace: ReturnType<typeof setTimeout> | undefined = undefined;

  get running(): boolean {
    return this.#running !== undefined;
  }

  async join(start: (signal: AbortSignal) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    this.#running ??= this.#start(start);
    const running = this.#running;
    this.#waiting++;
    clearTimeout(this.#grace);
    try {
      return await (signal === undefined ? running : orAborted(running, signal));
    } finally {
      if (--this.#waiting === 0 && this.#running === running) {
        const controller = this.#controller;
        this.#grace = setTimeout(() => controller.abort(aborted()), GRACE_MS);
      }
    }
  }

  #start(start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#controller = new AbortController();
    const running = start(this.#controller.signal).finally(() => {
      this.#running = undefined;
      clearTimeout(this.#grace);
    });
    // Everybody may have given up by the time it fails.
    running.catch(() => undefined);
    return running;
  }
}

function aborted(): AuthorizationError {
  const problem = "The authorization was given up, since nobody waited for it any more.";
  return new AuthorizationError("SIGN_IN_ABORTED", problem, "Send a request to begin it again.");
}

function orAborted<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    running.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

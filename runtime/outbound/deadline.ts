/** The end of all waiting for one guarded request: its time is over, or its caller wants it no more. */

import { TimeoutError } from "../errors.js";
import { shownUrl } from "./url.js";

export interface Deadline {
  readonly signal: AbortSignal;
  /** Gives up now. The first reason counts. */
  abort(reason: unknown): void;
  /** Lets go of timer and signal; nothing happens any more. */
  end(): void;
}

export function createDeadline(url: URL, timeoutMs: number, signal: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal?.reason);
  const timer = setTimeout(() => controller.abort(late(url, "was not over", timeoutMs)), timeoutMs);
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    end() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
}

export function late(url: URL, what: string, timeoutMs: number): TimeoutError {
  return new TimeoutError(`The request to ${shownUrl(url)} ${what} within ${timeoutMs} ms.`, "Try again later.");
}

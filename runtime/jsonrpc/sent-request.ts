/** One request on its way: what its caller wants of it, and what the books say about it. */

import type { Abortable } from "./abort-watch.js";
import type { Deadline } from "./deadlines.js";
import type { RequestId } from "./message.js";

/** How one request is sent. `T` is what `read` makes of the result. */
export interface RequestOptions<T = unknown> {
  /** Milliseconds without an answer or progress before the request is given up; `Infinity` for none. Default: the peer's. */
  readonly timeoutMs?: number;
  /** Milliseconds beyond which nothing extends the deadline; never less than `timeoutMs`. Default: the peer's. */
  readonly maxTotalMs?: number;
  /** Asks for progress and gets the params of each notification. It also moves the deadline. */
  readonly onprogress?: (params: unknown) => void;
  /** Gives the request up when it aborts. */
  readonly signal?: AbortSignal;
  /** Makes the value of the promise from the result, at once and without a further turn; what it throws rejects the promise. */
  readonly read?: (result: unknown) => T;
  /** False where the protocol forbids cancelling this request: giving it up then tells the peer nothing. Default true. */
  readonly cancellable?: boolean;
  /** Id of the incoming request on whose behalf this one goes out; see `Channel.send`. */
  readonly about?: RequestId;
}

/** The entry of one request in the books of `Outgoing`, and its node in the wheel of deadlines. */
export class SentRequest implements Deadline, Abortable {
  dueAt: number = Number.POSITIVE_INFINITY;
  latest: number = Number.POSITIVE_INFINITY;
  previous: Deadline | undefined = undefined;
  next: Deadline | undefined = undefined;
  slot = -1;
  timeoutMs = 0;
  progressed = false;
  readonly id: RequestId;
  readonly method: string;
  readonly options: RequestOptions<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;

  readonly #owner: RequestOwner;

  constructor(
    owner: RequestOwner,
    id: RequestId,
    method: string,
    options: RequestOptions<unknown>,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.#owner = owner;
    this.id = id;
    this.method = method;
    this.options = options;
    this.resolve = resolve;
    this.reject = reject;
  }
  onabort(signal: AbortSignal): void {
    this.#owner.abort(this, signal);
  }
}

/** Who keeps the books that a request stands in. */
export interface RequestOwner {
  abort(request: SentRequest, signal: AbortSignal): void;
}

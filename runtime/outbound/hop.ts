/** What one request to one address is made of; a redirect makes the next one. */

import type { Deadline } from "./deadline.js";
import type { GuardedFetchOptions } from "./guarded-fetch.js";

export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | undefined;
  /** Whether it may go to loopback: after a redirect, only where it came from there. */
  readonly allowLoopback: boolean;
  readonly deadline: Deadline;
}

/** The options, with the numbers that have defaults. */
export type Limits = GuardedFetchOptions &
  Required<Pick<GuardedFetchOptions, "maxBytes" | "connectTimeoutMs" | "timeoutMs" | "maxRedirects">>;

/** Waiting for people, who may take long or never answer: whoever waits can stop, and what was asked then learns that nobody waits any more. */

import type { McpWireError } from "../errors.js";

/** A reason to wait no longer, and the error that says so. */
export type End = readonly [signal: AbortSignal | undefined, error: () => McpWireError];

/**
 * What comes of the work, unless one of the ends comes first. The signal that the work gets aborts then, and where a part of it fails.
 *
 * Throws the error of the end, or what the work throws.
 */
export async function whileWanted<T>(ends: readonly End[], work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const wanted = new AbortController();
  const { signal } = wanted;
  const given = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  // Where an end came before the work began, nobody waits for this.
  given.catch(() => undefined);
  const forget = ends.map(([end, error]) => {
    const stop = (): void => wanted.abort(error());
    end?.addEventListener("abort", stop, { once: true });
    if (end?.aborted) stop();
    return () => end?.removeEventListener("abort", stop);
  });
  try {
    if (signal.aborted) throw signal.reason;
    return await Promise.race([work(signal), given]);
  } catch (error) {
    wanted.abort(error);
    throw error;
  } finally {
    for (const one of forget) one();
  }
}

/** Waiting that has an end. */

/** The longest wait that timers can do; for more they would not wait at all. */
const LONGEST_MS = 0x7fff_ffff;

/** Whether `event` came within so many milliseconds. The event must not reject. */
export async function within(ms: number, event: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.min(ms, LONGEST_MS));
  });
  try {
    return await Promise.race([event.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits, at most as long as timers can; resolves early when the signal aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, LONGEST_MS));
    signal.addEventListener("abort", done, { once: true });
  });
}

/** Milliseconds before the next attempt after so many that failed: twice as long each time up to half a minute, and never quite the same. */
export function backoff(failures: number): number {
  return Math.min(1_000 * 2 ** failures, 30_000) * (0.5 + Math.random() / 2);
}

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

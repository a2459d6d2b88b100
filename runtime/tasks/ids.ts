/** Ids of tasks, made wherever there is Web Crypto: clients in browsers have tasks too. Requirements TASK-58, XTASK-41. */

/** Bytes of an id: enough that nobody guesses one, since it may be all that leads to a task. */
const ID_BYTES = 24;
const IDS_AT_ONCE = 64;
const LETTERS = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
const letters = new Array<number>((ID_BYTES / 3) * 4);

/** Random bytes for ids to come: asking for many at once costs as much as asking for a few. */
let pool = new Uint8Array(0);
let used = 0;

/** Base64url of fresh random bytes. */
export function randomId(): string {
  if (used === pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(ID_BYTES * IDS_AT_ONCE));
    used = 0;
  }
  for (let at = 0; at < letters.length; used += 3) {
    const bits = ((pool[used] as number) << 16) | ((pool[used + 1] as number) << 8) | (pool[used + 2] as number);
    for (let shift = 18; shift >= 0; shift -= 6) letters[at++] = LETTERS[(bits >> shift) & 63] as number;
  }
  return String.fromCharCode(...letters);
}

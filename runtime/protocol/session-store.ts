/** What is known of a session, and where it is kept: all that nodes share of it. Sessions of Streamable HTTP; HTTP-57 to HTTP-74, SEC-14 to SEC-16. */

import type { SessionState } from "./era.js";

/** A session as it is kept. All of it is JSON, and no record is ever changed: a new one takes its place. */
export interface SessionRecord extends SessionState {
  /** A digest of the id that the client has: nobody who sees a record can go on with the session. */
  readonly id: string;
  /** Counts the records of the session; a record only ever replaces the one before it. */
  readonly version: number;
  /** Who opened it, as authentication named them; null where nobody is told apart. No other may use it. */
  readonly principal: string | null;
  /** The node that has what belongs to no request. */
  readonly home: string;
}

type Awaitable<T> = T | Promise<T>;

/** Where sessions are kept. Methods may give promises, and reject where the store fails. Times are milliseconds. */
export interface SessionStore {
  /** Takes a new session, which is forgotten when nobody uses it for this long. Once it resolves, every `get` finds it. */
  create(record: SessionRecord, idleMs: number): Awaitable<void>;
  /**
   * The newest record; `undefined` for a session that was never there, ended or was not used. With `idleMs` this is a use, from which on it
   * lives that long again.
   */
  get(id: string, idleMs?: number): Awaitable<SessionRecord | undefined>;
  /** Puts the record in the place of the one with the version before it, and says whether it was still there. */
  replace(record: SessionRecord, idleMs: number): Awaitable<boolean>;
  /** Forgets a session. */
  remove(id: string): Awaitable<void>;
}

interface Kept {
  readonly record: SessionRecord;
  /** By the clock of this process. */
  readonly until: number;
}

/** How many sessions are taken between two looks for those that nobody uses. */
const SWEEP_EVERY = 256;

/** The store of one process, for several endpoints in it. */
export function createMemorySessionStore(): SessionStore {
  const sessions = new Map<string, Kept>();
  let taken = 0;
  const sweep = (): void => {
    const now = performance.now();
    for (const [id, { until }] of sessions) if (until <= now) sessions.delete(id);
  };
  const put = (record: SessionRecord, idleMs: number): void => {
    sessions.set(record.id, { record, until: performance.now() + idleMs });
  };
  const find = (id: string): SessionRecord | undefined => {
    const kept = sessions.get(id);
    if (kept === undefined || kept.until > performance.now()) return kept?.record;
    sessions.delete(id);
    return undefined;
  };
  return {
    create(record, idleMs) {
      if (++taken % SWEEP_EVERY === 0) sweep();
      put(record, idleMs);
    },
    get(id, idleMs) {
      const record = find(id);
      if (record !== undefined && idleMs !== undefined) put(record, idleMs);
      return record;
    },
    replace(record, idleMs) {
      if (find(record.id)?.version !== record.version - 1) return false;
      put(record, idleMs);
      return true;
    },
    remove(id) {
      sessions.delete(id);
    },
  };
}

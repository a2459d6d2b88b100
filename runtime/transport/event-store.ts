/** Events kept for clients that come back for them. Resumability of event streams; requirements HTTP-28, HTTP-40 to HTTP-46, SEC-42. */

/** One event of a stream. */
export interface StoredEvent {
  readonly id: string;
  /** The text of one message; empty for an event that only gave an id. */
  readonly data: string;
}

/** What is known of a stream from one event on. */
export interface StoredTail {
  readonly stream: string;
  /** What followed, oldest first. */
  readonly events: readonly StoredEvent[];
}

/**
 * Keeps events by stream. Names of streams are unique over all sessions and servers that share a store, so that whichever of them a
 * client comes back to can go on.
 */
export interface EventStore {
  /** Keeps an event and gives its id, which is unique in the store and holds visible ASCII only. */
  append(stream: string, data: string): string | Promise<string>;
  /** What followed an event; `undefined` where the event is not known, or not any more. */
  after(id: string): StoredTail | undefined | Promise<StoredTail | undefined>;
  /** Forgets a stream. */
  drop(stream: string): void | Promise<void>;
}

export interface MemoryEventLimits {
  /** Events kept of one stream. Default 1 000. */
  readonly maxEvents?: number;
  /** Characters kept over all streams. Default 16 Mi; beyond it the oldest streams are forgotten. */
  readonly maxTotal?: number;
}

interface Kept {
  /** Number of the first event in `events`. Numbers go on when events are forgotten, so that no id comes twice (HTTP-41). */
  first: number;
  events: StoredEvent[];
  size: number;
}

/** The store of one process. */
export function createMemoryEventStore(limits: MemoryEventLimits = {}): EventStore {
  const { maxEvents = 1_000, maxTotal = 16 * 1024 * 1024 } = limits;
  const streams = new Map<string, Kept>();
  let total = 0;
  const empty = (kept: Kept): void => {
    total -= kept.size;
    kept.first += kept.events.length;
    kept.events = [];
    kept.size = 0;
  };
  return {
    append(stream, data) {
      let kept = streams.get(stream);
      if (kept === undefined) {
        kept = { first: 0, events: [], size: 0 };
        streams.set(stream, kept);
      }
      const id = `${stream}.${(kept.first + kept.events.length).toString(36)}`;
      kept.events.push({ id, data });
      let grown = data.length;
      if (kept.events.length > maxEvents) {
        grown -= kept.events.shift()?.data.length ?? 0;
        kept.first++;
      }
      kept.size += grown;
      total += grown;
      for (const [name, oldest] of streams) {
        if (total <= maxTotal) break;
        empty(oldest);
        // It is the youngest again, whatever it will hold.
        streams.delete(name);
        streams.set(name, oldest);
      }
      return id;
    },
    after(id) {
      const dot = id.lastIndexOf(".");
      const stream = id.slice(0, dot);
      const kept = streams.get(stream);
      if (dot < 0 || kept === undefined) return undefined;
      const number = Number.parseInt(id.slice(dot + 1), 36);
      const index = number - kept.first;
      if (kept.events[index]?.id !== id) return undefined;
      return { stream, events: kept.events.slice(index + 1) };
    },
    drop(stream) {
      const kept = streams.get(stream);
      if (kept !== undefined) empty(kept);
      streams.delete(stream);
    },
  };
}

/** How nodes that serve the same clients tell each other things: short texts, to whoever listens now. What has to last is in the stores. */

/** Called with each message; with `undefined` when it listens from now on, and messages before that may have been missed. */
export type BusListener = (message: string | undefined) => void;

export interface Bus {
  /**
   * Tells everybody who listens to a topic, and says how many connections that reached: none listens where it is 0. Messages of one topic
   * reach every listener in the same order. Where sending is tried again, a message may come twice.
   */
  publish(topic: string, message: string): number | Promise<number>;
  /** Listens to a topic; gives what ends that. The listener is never called before this returns. */
  subscribe(topic: string, listener: BusListener): () => void;
}

/** The bus of one process, for several endpoints in it. */
export function createMemoryBus(): Bus {
  const topics = new Map<string, Set<BusListener>>();
  const tell = (listeners: ReadonlySet<BusListener> | undefined, message: string | undefined, to: BusListener): void =>
    queueMicrotask(() => {
      if (listeners?.has(to) === true) to(message);
    });
  return {
    publish(topic, message) {
      const listeners = topics.get(topic);
      for (const listener of listeners ?? []) tell(listeners, message, listener);
      return listeners?.size ?? 0;
    },
    subscribe(topic, listener) {
      const listeners = topics.get(topic) ?? new Set();
      topics.set(topic, listeners);
      listeners.add(listener);
      tell(listeners, undefined, listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && topics.get(topic) === listeners) topics.delete(topic);
      };
    },
  };
}

/** Everything that servers on several machines share, on one connection to Redis. */

import { createRedisBus, type RedisBus } from "./bus.js";
import { connectionOf, type RedisOptions } from "./connection.js";
import { createRedisEventStore, type RedisEventStore } from "./events.js";
import { createRedisSessionStore, type RedisSessionStore } from "./sessions.js";
import { createRedisTaskStore, type RedisTaskStore } from "./tasks.js";

export interface RedisStores {
  /** What `serveHttp`, `toNodeHandler` and `toFetchHandler` take among their options. */
  readonly http: {
    readonly sessions: RedisSessionStore;
    readonly events: RedisEventStore;
    readonly bus: RedisBus;
  };
  /** What `createServer` takes as `tasks.store`. */
  readonly tasks: RedisTaskStore;
  /** Closes the connections that were opened. */
  close(): Promise<void>;
}

/**
 * Makes all stores in Redis, with their defaults.
 * @throws McpWireError `INVALID_USE` where `redis` is neither a client nor an address.
 */
export function createRedisStores(options: RedisOptions): RedisStores {
  const { connection, own } = connectionOf(options);
  const redis = connection;
  const tasks = createRedisTaskStore({ redis });
  return {
    http: {
      sessions: createRedisSessionStore({ redis }),
      events: createRedisEventStore({ redis }),
      bus: createRedisBus({ redis }),
    },
    tasks,
    async close() {
      await tasks.close();
      if (own) await connection.close();
    },
  };
}

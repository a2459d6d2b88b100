/** The public entry `mcpwire/stores/redis`: what servers on several machines share, kept in Redis. */

export { createRedisBus, type RedisBus } from "./bus.js";
export type { RedisClient } from "./client.js";
export { RedisConnection, type RedisConnectionOptions, type RedisOptions } from "./connection.js";
export { createRedisEventStore, type RedisEventOptions, type RedisEventStore } from "./events.js";
export { createRedisSessionStore, type RedisSessionStore } from "./sessions.js";
export { createRedisStores, type RedisStores } from "./stores.js";
export { createRedisTaskStore, type RedisTaskOptions, type RedisTaskStore } from "./tasks.js";

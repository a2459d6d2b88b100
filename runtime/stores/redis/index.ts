/** The public entry `mcpwire/stores/redis`: what servers on several machines share, kept in Redis. */

export type { RedisClient } from "./client.js";
export { RedisConnection, type RedisConnectionOptions, type RedisOptions } from "./connection.js";
export { createRedisEventStore, type RedisEventOptions, type RedisEventStore } from "./events.js";
export { createRedisTaskStore, type RedisTaskOptions, type RedisTaskStore } from "./tasks.js";

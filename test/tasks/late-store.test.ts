/** Tasks kept in a store that tells of changes late, as one on another machine does. */

import { expect, test } from "vitest";
import type { TaskRecord, TaskStore } from "../../runtime/tasks/contract.js";
import { createMemoryTaskStore } from "../../runtime/tasks/store-memory.js";
import { createRaw } from "../server/raw.js";
import { verifies } from "../verifies.js";
import { defineTaskTools, Gates, until } from "./scene.js";

const LATE_MS = 30;

type Listener = (record: TaskRecord | undefined) => void;

/** Whoever stopped watching before the news came hears nothing. */
function createLateStore(): TaskStore {
  const store = createMemoryTaskStore({ maxTasks: 10, maxTasksPerOwner: 10 });
  return {
    create: async (record, holdMs) => store.create(record, holdMs),
    get: async (id) => store.get(id),
    replace: async (record, holdMs) => store.replace(record, holdMs),
    list: async (owner, cursor, limit) => store.list(owner, cursor, limit),
    remove: async (id) => store.remove(id),
    watch(id, listener: Listener) {
      let watching = true;
      const stop = store.watch(id, (record) => setTimeout(() => watching && listener(record), LATE_MS));
      return () => {
        watching = false;
        stop();
      };
    },
    hold: async (worker, ids, holdMs) => store.hold(worker, ids, holdMs),
    abandoned: async (limit, skip) => store.abandoned(limit, skip),
  };
}

test(`a client hears once how its task ended, although the store tells of it late${verifies("TASK-42")}`, async () => {
  const gates = new Gates();
  const raw = await createRaw((server) => defineTaskTools(server, gates), { tasks: { store: createLateStore() } });
  await raw.initialize();
  const told = () => raw.seen.filter(({ method }) => method === "notifications/tasks/status");
  const { result } = await raw.ask("tools/call", { name: "work", arguments: { gate: "a" }, task: {} });
  gates.open("a");
  const { taskId } = (result as { task: { taskId: string } }).task;
  expect((await until(() => told()[0])).params).toMatchObject({ taskId, status: "completed" });
  // What the store tells later is no news.
  await new Promise((resolve) => setTimeout(resolve, 3 * LATE_MS));
  expect(told()).toHaveLength(1);
  await raw.server.close();
});

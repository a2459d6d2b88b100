/** A task that is taken up by another process: whose it is stays known, what its caller's token allowed does not. */

import { expect, onTestFinished, test } from "vitest";
import { createServer } from "../../runtime/server/server.js";
import type { TaskRecord } from "../../runtime/tasks/contract.js";
import { createMemoryTaskStore } from "../../runtime/tasks/store-memory.js";

test.each([
  ["ada", ["ada", false]],
  [null, [undefined, undefined]],
] as const)("a task of %s that was left behind", async (principal, expected) => {
  const store = createMemoryTaskStore({ maxTasks: 10, maxTasksPerOwner: 10 });
  const now = Date.now();
  const left: TaskRecord = {
    id: "left",
    version: 1,
    principal,
    owner: "",
    method: "tools/call",
    params: { name: "work" },
    client: { revision: "2026-07-28", capabilities: {} },
    status: "working",
    createdAt: now,
    updatedAt: now,
    ttlMs: 60_000,
    pollMs: 10,
    questions: {},
    answers: {},
    kept: {},
    restartable: true,
    worker: "gone",
  };
  // Its worker held it for a moment.
  await store.create(left, 1);
  const seen: unknown[] = [];
  const server = createServer({ name: "second", version: "1", tasks: { store, leaseMs: 30 } });
  onTestFinished(() => server.close());
  server.tool("work", { task: "optional", restartable: true }, (_args, ctx) => {
    seen.push(ctx.origin?.principal, ctx.origin?.allows([]));
    return "done";
  });
  await expect.poll(async () => (await store.get("left"))?.status).toBe("completed");
  expect(seen).toEqual(expected);
});

/** How a client looks at a task, by plain messages: how often, and what it makes of answers that come late. */

import { afterEach, expect, test } from "vitest";
import type { Client } from "../../runtime/client/client.js";
import type { TaskState } from "../../runtime/protocol/client-task-form.js";
import { connectRaw, type Script } from "../client/raw.js";

const stamp = "2026-01-01T00:00:00Z";
const task = (status: string): object => ({
  taskId: "one",
  status,
  createdAt: stamp,
  lastUpdatedAt: stamp,
  ttl: null,
  pollInterval: 1,
});

const opening = {
  capabilities: { tools: {}, tasks: { requests: { tools: { call: {} } } } },
  serverInfo: { name: "raw", version: "1" },
};

const tool = { name: "work", inputSchema: { type: "object" }, execution: { taskSupport: "optional" } };

const open: Client[] = [];
afterEach(async () => {
  for (const client of open.splice(0)) await client.close();
});

async function begin(script: Script) {
  const made: Script = (request, say) => {
    if (request.method === "initialize") return { ...opening, protocolVersion: "2025-11-25" };
    if (request.method === "tools/list") return { tools: [tool] };
    return request.method === "tools/call" ? { task: task("working") } : script(request, say);
  };
  const { client } = await connectRaw(made, { revisions: ["2025-11-25"] });
  open.push(client);
  return client.startTool("work");
}

async function statuses(updates: AsyncIterable<TaskState>): Promise<string[]> {
  const seen: string[] = [];
  for await (const { status } of updates) seen.push(status);
  return seen;
}

test("a server that is slow to answer is asked less often than it wishes", async () => {
  const SLOW_MS = 150;
  const asked: number[] = [];
  const answered: number[] = [];
  const handle = await begin(({ id, method }, say) => {
    if (method !== "tasks/get") return {};
    asked.push(performance.now());
    setTimeout(() => {
      answered.push(performance.now());
      say({ id, result: task(asked.length < 4 ? "working" : "completed") });
    }, SLOW_MS);
    return undefined;
  });
  expect((await statuses(handle.updates)).at(-1)).toBe("completed");
  const rests = asked.slice(1).map((at, n) => at - (answered[n] as number));
  expect(rests).toHaveLength(3);
  // Timers may be a little early, by the clock that measures here.
  for (const rest of rests) expect(rest).toBeGreaterThan(SLOW_MS - 10);
});

test("an answer that comes after news of the end does not bring the task back", async () => {
  const handle = await begin(({ id, method }, say) => {
    if (method !== "tasks/get") return {};
    say({ method: "notifications/tasks/status", params: task("completed") });
    setTimeout(() => say({ id, result: task("working") }), 20);
    return undefined;
  });
  expect(await statuses(handle.updates)).toEqual(["working", "completed"]);
  expect(handle.state?.status).toBe("completed");
});

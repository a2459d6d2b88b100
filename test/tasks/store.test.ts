/** The runner on a store that another process could have: what happens to work that was left, and what expires. */

import { afterEach, describe, expect, test, vi } from "vitest";
import type { Client } from "../../runtime/client/client.js";
import { connect } from "../../runtime/client/connect.js";
import type { McpWireError } from "../../runtime/errors.js";
import { createServer, type Server } from "../../runtime/server/server.js";
import type { TaskStore } from "../../runtime/tasks/contract.js";
import { createMemoryTaskStore } from "../../runtime/tasks/store-memory.js";
import { until } from "./scene.js";

const createStore = (): TaskStore => createMemoryTaskStore({ maxTasks: 100, maxTasksPerOwner: 100 });

/** A store that another process could have: it only ever holds JSON, and takes its time. */
function remote(inner: TaskStore): TaskStore {
  const pass = async <T>(value: T): Promise<T> => {
    await new Promise((resolve) => setImmediate(resolve));
    return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
  };
  return {
    create: async (given, holdMs) => void (await pass(inner.create(await pass(given), holdMs))),
    get: async (id) => await pass(await inner.get(id)),
    replace: async (given, holdMs) => await pass(await inner.replace(await pass(given), holdMs)),
    list: async (owner, cursor, limit) => await pass(await inner.list(owner, cursor, limit)),
    remove: async (id) => void (await pass(inner.remove(id))),
    watch: (id, listener) => inner.watch(id, (now) => listener(now)),
    hold: async (worker, ids, holdMs) => await pass(await inner.hold(worker, ids, holdMs)),
    abandoned: async (limit, skip) => await pass(await inner.abandoned(limit, skip)),
  };
}

function bound(target: TaskStore, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key);
  return typeof value === "function" ? value.bind(target) : value;
}

const NAME = { type: "object", properties: { name: { type: "string" } } } as const;

afterEach(() => {
  vi.useRealTimers();
});

describe("work that was left behind", () => {
  const errors: McpWireError[] = [];
  const open = async (
    store: TaskStore,
    define: (server: Server) => void,
  ): Promise<{ server: Server; client: Client }> => {
    const onerror = (error: McpWireError): void => void errors.push(error);
    const server = createServer({ name: "node", version: "1", onerror, tasks: { store, leaseMs: 30, pollMs: 5 } });
    define(server);
    const elicit = () => ({ action: "accept" as const, content: { name: "Ada" } });
    return { server, client: await connect(server, { elicit }) };
  };

  test("is done again from the beginning where it may be, with what was kept and answered", async () => {
    const store = remote(createStore());
    let effects = 0;
    let runs = 0;
    let stuck = true;
    const define = (server: Server): void => {
      server.tool("work", { task: "required", restartable: true }, async (_args, ctx) => {
        runs++;
        const id = await ctx.once("id", () => ++effects);
        const answer = await ctx.elicit({ message: "Name?", requestedSchema: NAME });
        if (stuck) await new Promise((_resolve, reject) => ctx.signal.addEventListener("abort", reject));
        return `${answer.content?.name} ${id}`;
      });
    };
    const first = await open(store, define);
    const { id = "" } = await first.client.startTool("work");
    const handle = await first.client.task(id);
    handle.result().catch(() => undefined);
    await until(async () => Object.keys((await store.get(id))?.answers ?? {}).length === 1);
    // The worker goes away in the midst of it.
    stuck = false;
    await first.server.close();
    const second = await open(store, define);
    const again = await second.client.task(id);
    expect(await again.result()).toMatchObject({ content: [{ text: "Ada 1" }] });
    expect({ effects, runs }).toEqual({ effects: 1, runs: 2 });
    await second.client.close();
    await second.server.close();
  });

  test("fails with a word on why where it may not", async () => {
    const store = remote(createStore());
    let runs = 0;
    const define = (server: Server): void => {
      server.tool("work", { task: "required" }, async (_args, ctx) => {
        runs++;
        await new Promise((_resolve, reject) => ctx.signal.addEventListener("abort", reject));
        return "never";
      });
    };
    const first = await open(store, define);
    const { id = "" } = await first.client.startTool("work");
    await until(() => runs === 1);
    await first.server.close();
    const second = await open(store, define);
    const handle = await second.client.task(id);
    await expect(handle.result()).rejects.toMatchObject({ rpcCode: -32603, message: expect.stringMatching(/is gone/) });
    expect(handle.state).toMatchObject({ status: "failed", message: expect.stringMatching(/is gone/) });
    expect(runs).toBe(1);
    await second.client.close();
    await second.server.close();
  });

  test("is found behind any number of tasks whose tool nobody has", async () => {
    const store = remote(createMemoryTaskStore({ maxTasks: 300, maxTasksPerOwner: 300 }));
    const first = await open(store, (server) => {
      for (const name of ["gone", "work"])
        server.tool(name, { task: "required", restartable: true }, async (_args, ctx) => {
          await new Promise((_resolve, reject) => ctx.signal.addEventListener("abort", reject));
          return "never";
        });
    });
    for (let n = 0; n < 220; n++) await first.client.startTool("gone");
    const { id = "" } = await first.client.startTool("work");
    await first.server.close();
    const second = await open(store, (server) =>
      server.tool("work", { task: "required", restartable: true }, () => "done"),
    );
    await until(async () => (await store.get(id))?.status === "completed");
    expect((await store.abandoned(300)).length).toBe(220);
    // What was passed over is looked at again: its tool may have come.
    second.server.tool("gone", { task: "required", restartable: true }, () => "done");
    await until(async () => (await store.abandoned(1)).length === 0);
    await second.client.close();
    await second.server.close();
  });

  test("is kept by a worker that shows signs of life, and answered through another", async () => {
    // The clock of the store goes on only after a sign of life, so a machine that is busy takes nothing from anybody.
    vi.useFakeTimers({ toFake: ["Date"] });
    const inner = createStore();
    let holds = 0;
    const hold: TaskStore["hold"] = (...args) => {
      holds++;
      return inner.hold(...args);
    };
    const store = remote(new Proxy(inner, { get: (target, key) => (key === "hold" ? hold : bound(target, key)) }));
    let runs = 0;
    const define = (server: Server): void => {
      server.tool("work", { task: "required", restartable: true }, async (_args, ctx) => {
        runs++;
        const answer = await ctx.elicit({ message: "Name?", requestedSchema: NAME }, { key: "name" });
        return `Hello ${answer.content?.name}`;
      });
    };
    const [first, second] = [await open(store, define), await open(store, define)];
    const { id = "" } = await first.client.startTool("work");
    // Until long after its hold would have ended.
    for (let signs = 0; signs < 8; signs++) {
      const before = holds;
      await until(() => holds > before);
      vi.setSystemTime(Date.now() + 20);
    }
    const handle = await second.client.task(id);
    expect(await handle.result()).toMatchObject({ content: [{ text: "Hello Ada" }] });
    expect(runs).toBe(1);
    await Promise.all([first.client.close(), second.client.close()]);
    await Promise.all([first.server.close(), second.server.close()]);
  });

  test("expires with its task, and its handler is told", async () => {
    const server = createServer({ name: "node", version: "1", tasks: { ttlMs: 30, pollMs: 5 } });
    let told: unknown;
    server.tool("work", { task: "required" }, async (_args, ctx) => {
      await new Promise<void>((resolve) =>
        ctx.signal.addEventListener("abort", () => {
          told = ctx.signal.reason;
          resolve();
        }),
      );
      return "late";
    });
    const client = await connect(server);
    const handle = await client.startTool("work");
    await expect(handle.result()).rejects.toMatchObject({ rpcCode: -32602 });
    await until(() => told !== undefined);
    expect(told).toMatchObject({ code: "CANCELLED", message: expect.stringMatching(/expired/) });
    await client.close();
    await server.close();
  });
});

test.each(["2025-11-25", "2026-07-28"] as const)(
  "1,000 tasks at once in %s: no result is lost or doubled",
  async (revision) => {
    const server = createServer({ name: "many", version: "1", tasks: { pollMs: 20 } });
    const runs = new Map<number, number>();
    const input = { type: "object", properties: { n: { type: "number" } }, required: ["n"] } as const;
    server.tool("square", { task: "required", input }, async ({ n }) => {
      runs.set(n, (runs.get(n) ?? 0) + 1);
      await new Promise((resolve) => setImmediate(resolve));
      return String(n * n);
    });
    const client = await connect(server, { revisions: [revision] });
    await client.listTools();
    const results = await Promise.all(
      Array.from({ length: 1_000 }, async (_, n) => (await client.callTool("square", { n })).content[0]),
    );
    expect(results).toEqual(Array.from({ length: 1_000 }, (_, n) => ({ type: "text", text: String(n * n) })));
    expect(runs.size).toBe(1_000);
    expect([...runs.values()].every((count) => count === 1)).toBe(true);
    await client.close();
    await server.close();
  },
);

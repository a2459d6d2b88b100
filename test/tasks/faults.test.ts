/** Tasks where their store or what surrounds them does what it seldom does: it is slow, fails, tells things late, or holds strange records. */

import { afterEach, describe, expect, test, vi } from "vitest";
import type { Context } from "../../runtime/server/context.js";
import { createServer, type ServerOptions } from "../../runtime/server/server.js";
import type { TaskRecord, TaskStore } from "../../runtime/tasks/contract.js";
import { TaskRunner } from "../../runtime/tasks/runner.js";
import { createMemoryTaskStore } from "../../runtime/tasks/store-memory.js";
import { Waiters } from "../../runtime/tasks/waiting.js";
import { createMemoryPair } from "../../runtime/transport/memory.js";
import { type Answer, attach, createRaw } from "../server/raw.js";
import { taskRecord } from "../stores/task-records.js";
import { verifies } from "../verifies.js";
import { DECLARED, defineTaskTools, Gates, until } from "./scene.js";

const NAME = { type: "object", properties: { name: { type: "string" } } } as const;
const FORM = { message: "Name?", requestedSchema: NAME };

afterEach(() => {
  vi.restoreAllMocks();
});

/** A store in memory, of which some methods are others. */
function storeWith(change: (inner: TaskStore) => Partial<TaskStore>): TaskStore {
  const inner = createMemoryTaskStore({ maxTasks: 100, maxTasksPerOwner: 100 });
  const plain: TaskStore = {
    create: (...args) => inner.create(...args),
    get: (...args) => inner.get(...args),
    replace: (...args) => inner.replace(...args),
    list: (...args) => inner.list(...args),
    remove: (...args) => inner.remove(...args),
    watch: (...args) => inner.watch(...args),
    hold: (...args) => inner.hold(...args),
    abandoned: (...args) => inner.abandoned(...args),
  };
  return { ...plain, ...change(inner) };
}

/** Lets what waits go on when the test says so. */
function createGate(): { readonly passed: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

/** The id of the task that was made, in either form. */
function idOf(result: Answer["result"]): string {
  return ((result?.task ?? result) as { readonly taskId: string }).taskId;
}

describe("a server with a store of its own", () => {
  const options = (store: TaskStore, leaseMs = 60_000): Partial<ServerOptions> => ({
    tasks: { store, leaseMs, pollMs: 5 },
  });

  test("passes over tasks of which it understands nothing, and works on with the others", async () => {
    const store = storeWith(() => ({}));
    await store.create(taskRecord("newer", { client: { revision: "2099-01-01" as never, capabilities: {} } }), 0);
    await store.create(taskRecord("odd", { params: undefined }), 0);
    await store.create(taskRecord("left", { restartable: true }), 0);
    const raw = await createRaw(
      (server) => {
        server.tool("work", { task: "optional", restartable: true }, () => "done");
      },
      options(store, 30),
    );
    await until(async () => (await store.get("left"))?.status === "completed");
    // It goes on looking.
    await store.create(taskRecord("later", { restartable: true }), 0);
    await until(async () => (await store.get("later"))?.status === "completed");
    for (const id of ["newer", "odd"]) expect((await store.get(id))?.status).toBe("working");
    await raw.server.close();
  });

  test("begins nothing that came to be while it was closed, and leaves it to others", async () => {
    const gate = createGate();
    let created: string | undefined;
    const store = storeWith((inner) => ({
      async create(record, holdMs) {
        await inner.create(record, holdMs);
        created = record.id;
        await gate.passed;
      },
    }));
    let runs = 0;
    const raw = await createRaw((server) => {
      server.tool("work", { task: "required", restartable: true }, async (_args, ctx) => {
        runs++;
        await new Promise((_resolve, reject) => ctx.signal.addEventListener("abort", reject));
        return "never";
      });
    }, options(store));
    await raw.initialize();
    void raw.ask("tools/call", { name: "work", task: {} });
    await until(() => created);
    await raw.server.close();
    gate.open();
    // Its hold would go on for a minute.
    await until(async () => (await store.abandoned(9)).some(({ id }) => id === created));
    expect(runs).toBe(0);
  });

  test("takes nothing up that it wins while it is closed", async () => {
    const gate = createGate();
    let won = false;
    const store = storeWith((inner) => ({
      async replace(record, holdMs) {
        const replaced = await inner.replace(record, holdMs);
        won = true;
        await gate.passed;
        return replaced;
      },
    }));
    await store.create(taskRecord("left", { restartable: true }), 0);
    let runs = 0;
    const raw = await createRaw((server) => {
      server.tool("work", { task: "optional", restartable: true }, () => String(++runs));
    }, options(store));
    await until(() => won);
    await raw.server.close();
    gate.open();
    await until(async () => (await store.abandoned(9)).length === 1);
    expect(runs).toBe(0);
  });

  test("cancels a task whose request was given up before anybody learned of it", async () => {
    const gate = createGate();
    let created: TaskRecord | undefined;
    const store = storeWith((inner) => ({
      async create(record, holdMs) {
        await inner.create(record, holdMs);
        created = record;
        await gate.passed;
      },
    }));
    const gates = new Gates();
    const raw = await createRaw((server) => defineTaskTools(server, gates), options(store));
    await raw.initialize();
    void raw.ask("tools/call", { name: "work", arguments: { gate: "a" }, task: {} });
    const { id } = await until(() => created);
    raw.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 2 } });
    await raw.ask("ping");
    gate.open();
    await until(async () => (await store.get(id))?.status === "cancelled");
    expect(gates.runs).toEqual([]);
    await raw.server.close();
  });

  test("shows in lists what it shows alone, where lists hold no outcomes", async () => {
    const store = storeWith((inner) => ({
      async list(...args) {
        const page = await inner.list(...args);
        return page && { ...page, tasks: page.tasks.map((task) => ({ ...task, outcome: undefined })) };
      },
    }));
    const raw = await createRaw((server) => defineTaskTools(server, new Gates()), options(store));
    await raw.initialize();
    const { result } = await raw.ask("tools/call", { name: "broken", task: {} });
    const taskId = idOf(result);
    await raw.ask("tasks/result", { taskId });
    const shown = (await raw.ask("tasks/get", { taskId })).result;
    expect(shown).toMatchObject({ status: "failed" });
    expect((await raw.ask("tasks/list")).result?.tasks).toEqual([shown]);
    await raw.server.close();
  });

  test("lets another who waits carry a question whose answer could not be kept", async () => {
    let fails = 1;
    const store = storeWith((inner) => ({
      async replace(record, holdMs) {
        if (Object.keys(record.answers).length > 0 && fails-- > 0) throw new Error("away for a moment");
        return await inner.replace(record, holdMs);
      },
    }));
    const raw = await createRaw((server) => defineTaskTools(server, new Gates()), options(store));
    await raw.initialize("2025-11-25", { elicitation: {} });
    const [near, far] = createMemoryPair();
    await raw.server.connect(far);
    const other = attach(near, raw.server, []);
    await other.initialize("2025-11-25", { elicitation: {} });
    const { result } = await raw.ask("tools/call", { name: "greet", task: {} });
    const taskId = idOf(result);
    const question = ({ method }: Answer): boolean => method === "elicitation/create";
    const first = raw.ask("tasks/result", { taskId });
    const asked = await until(() => raw.seen.find(question));
    const second = other.ask("tasks/result", { taskId });
    await other.ask("ping");
    raw.send({ jsonrpc: "2.0", id: asked.id, result: { action: "accept", content: { name: "Ada" } } });
    expect((await first).error).toMatchObject({ code: -32603 });
    const again = await until(() => other.seen.find(question));
    other.send({ jsonrpc: "2.0", id: again.id, result: { action: "accept", content: { name: "Grace" } } });
    expect((await second).result).toMatchObject({ content: [{ text: "Hello Grace." }] });
    await raw.server.close();
  });

  test(`tells listeners nothing that is older than what they know${verifies("XTASK-38", "XTASK-21")}`, async () => {
    const gate = createGate();
    let [reads, slow] = [0, false];
    const store = storeWith((inner) => ({
      async get(id) {
        const record = await inner.get(id);
        if (slow && ++reads === 2) await gate.passed;
        return record;
      },
    }));
    const gates = new Gates();
    const raw = await createRaw((server) => defineTaskTools(server, gates), options(store));
    const { result } = await raw.askModern("tools/call", { name: "work", arguments: { gate: "a" } }, DECLARED);
    const taskId = idOf(result);
    await until(() => gates.runs.includes("a"));
    slow = true;
    void raw.askModern("subscriptions/listen", { notifications: { taskIds: [taskId] } }, DECLARED);
    await until(() => reads === 2);
    const told = (): unknown[] =>
      raw.seen.filter(({ method }) => method === "notifications/tasks").map(({ params }) => params?.status);
    gates.open("a");
    await until(() => told().includes("completed"));
    gate.open();
    await raw.askModern("tasks/get", { taskId }, DECLARED);
    expect(told()).toEqual(["completed"]);
    await raw.server.close();
  });

  test(`tells of a task once, however often a listener names it${verifies("XTASK-38")}`, async () => {
    const gates = new Gates();
    const raw = await createRaw((server) => defineTaskTools(server, gates));
    const { result } = await raw.askModern("tools/call", { name: "must", arguments: { gate: "a" } }, DECLARED);
    const taskId = idOf(result);
    void raw.askModern("subscriptions/listen", { notifications: { taskIds: [taskId, taskId] } }, DECLARED);
    const acknowledged = await until(() => raw.seen.find(({ method }) => method?.endsWith("/acknowledged")));
    expect(acknowledged.params?.notifications).toEqual({ taskIds: [taskId] });
    gates.open("a");
    const told = (): unknown[] =>
      raw.seen.filter(({ method }) => method === "notifications/tasks").map(({ params }) => params?.status);
    await until(() => told().includes("completed"));
    await raw.askModern("tasks/get", { taskId }, DECLARED);
    expect(told().filter((status) => status === "completed")).toEqual(["completed"]);
    await raw.server.close();
  });

  test("keeps to pauses that timers can do, however long its lease is", async () => {
    const pauses: unknown[] = [];
    const real = globalThis.setInterval;
    vi.spyOn(globalThis, "setInterval").mockImplementation(((run: () => void, ms: number) => {
      pauses.push(ms);
      return real(run, 0x7fff_ffff);
    }) as never);
    const store = storeWith(() => ({}));
    for (const leaseMs of [Number.POSITIVE_INFINITY, 1e12]) {
      const before = pauses.length;
      const raw = await createRaw(
        (server) => void server.tool("work", { task: "optional" }, () => "done"),
        options(store, leaseMs),
      );
      await until(() => pauses.length > before);
      await raw.server.close();
    }
    expect(pauses.filter((ms) => typeof ms !== "number" || ms > 0x7fff_ffff || ms < 1_000)).toEqual([]);
  });
});

describe("the handler of a task", () => {
  test.each(["2025-11-25", "2026-07-28"] as const)(
    "may give its questions any key, also one that every object has, in %s",
    async (revision) => {
      const keys = ["constructor", "__proto__", "toString"];
      const raw = await createRaw((server) => {
        server.tool("ask", { task: "optional" }, async (_args, ctx) => {
          const answers = await Promise.all(keys.map((key) => ctx.elicit({ ...FORM, message: key }, { key })));
          return answers.map(({ action }) => action).join();
        });
      });
      if (revision === "2025-11-25") {
        await raw.initialize(revision, { elicitation: {} });
        const { result } = await raw.ask("tools/call", { name: "ask", task: {} });
        const pending = raw.ask("tasks/result", { taskId: idOf(result) });
        for (const key of keys) {
          const asked = await until(() => raw.seen.find(({ params }) => params?.message === key));
          raw.send({ jsonrpc: "2.0", id: asked.id, result: { action: "decline" } });
        }
        expect((await pending).result).toMatchObject({ content: [{ text: "decline,decline,decline" }] });
      } else {
        const declared = { ...DECLARED, elicitation: {} };
        const { result } = await raw.askModern("tools/call", { name: "ask" }, declared);
        const taskId = idOf(result);
        const get = async (): Promise<Answer["result"]> =>
          (await raw.askModern("tasks/get", { taskId }, declared)).result;
        await until(async () => Object.keys((await get())?.inputRequests ?? {}).length === keys.length);
        const entries = keys.map((key) => [key, { action: "decline" }] as const);
        await raw.askModern("tasks/update", { taskId, inputResponses: Object.fromEntries(entries) }, declared);
        const done = await until(async () => {
          const task = await get();
          return task?.status === "completed" ? task : undefined;
        });
        expect(done.result).toMatchObject({ content: [{ text: "decline,decline,decline" }] });
      }
      await raw.server.close();
    },
  );

  test("is told that its task is gone where it asks then", async () => {
    const gate = createGate();
    let [gone, asking] = [false, false];
    const store = storeWith((inner) => ({
      get: (id) => (gone ? undefined : inner.get(id)),
      watch: () => () => undefined,
    }));
    const failed: unknown[] = [];
    const raw = await createRaw(
      (server) => {
        server.tool("ask", { task: "optional", restartable: true }, async (_args, ctx) => {
          asking = true;
          await gate.passed;
          for (const ask of [() => ctx.elicit(FORM), () => ctx.once("effect", () => failed.push("an effect"))])
            await ask().catch((error: unknown) => failed.push(error));
          return "late";
        });
      },
      { tasks: { store } },
    );
    await raw.askModern("tools/call", { name: "ask" }, { ...DECLARED, elicitation: {} });
    await until(() => asking);
    gone = true;
    gate.open();
    await until(() => failed.length === 2);
    for (const error of failed)
      expect(error).toMatchObject({ code: "CANCELLED", message: expect.stringMatching(/expired/) });
    await raw.server.close();
  });

  test("is told that it asks too late where its task has ended", async () => {
    let kept: Context | undefined;
    const raw = await createRaw((server) => {
      server.tool("ask", { task: "optional" }, (_args, ctx) => {
        kept = ctx;
        return "done";
      });
    });
    await raw.initialize("2025-11-25", { elicitation: {} });
    const { result } = await raw.ask("tools/call", { name: "ask", task: {} });
    await raw.ask("tasks/result", { taskId: idOf(result) });
    await expect(kept?.elicit(FORM)).rejects.toMatchObject({ code: "INVALID_USE" });
    await raw.server.close();
  });
});

test(`who waits learns that a task is gone, also where that is told before the task was read${verifies("TASK-44")}`, async () => {
  const gate = createGate();
  let tell: ((record: TaskRecord | undefined) => void) | undefined;
  const store = storeWith((inner) => ({
    async get(id) {
      const record = await inner.get(id);
      await gate.passed;
      return record;
    },
    watch(_id, listener) {
      tell = listener;
      return () => undefined;
    },
  }));
  await store.create(taskRecord("a"), 60_000);
  const runner = new TaskRunner({
    store,
    shared: false,
    ttlMs: 1_000,
    maxTtlMs: 1_000,
    pollMs: 5,
    leaseMs: 60_000,
    resume: () => undefined,
    report: () => undefined,
  });
  const wait = { principal: null, way: undefined, whenStopped: () => undefined, carry: async () => undefined };
  const outcome = new Waiters(runner).untilFinal("a", wait, () => ({}));
  tell?.(undefined);
  gate.open();
  await expect(outcome).rejects.toMatchObject({ rpcCode: -32602 });
  await runner.close();
});

test("a server that was closed before its tasks were loaded takes nothing up", async () => {
  let looks = 0;
  const store = storeWith((inner) => ({
    abandoned(...args) {
      looks++;
      return inner.abandoned(...args);
    },
  }));
  const server = createServer({ name: "brief", version: "1", tasks: { store, leaseMs: 30 } });
  server.tool("work", { task: "optional", restartable: true }, () => "done");
  await server.close();
  const other = await createRaw((one) => void one.tool("work", { task: "optional" }, () => "done"), {
    tasks: { store: storeWith(() => ({})), leaseMs: 30 },
  });
  // What is loaded for the other is loaded for both.
  await other.askModern("tasks/get", { taskId: "x" }, DECLARED);
  const before = looks;
  await store.create(taskRecord("left", { restartable: true }), 0);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect({ looks, status: (await store.get("left"))?.status }).toEqual({ looks: before, status: "working" });
  await other.server.close();
});

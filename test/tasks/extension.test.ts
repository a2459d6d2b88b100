/** Tasks as an extension has them, told by plain messages: over one connection, and over HTTP. */

import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Server } from "../../runtime/server/server.js";
import type { TaskStore } from "../../runtime/tasks/contract.js";
import { createMemoryTaskStore } from "../../runtime/tasks/store-memory.js";
import { createMemoryPair } from "../../runtime/transport/memory.js";
import { meta as httpMeta, type RawHttp, serve } from "../http/raw.js";
import { type Answer, attach, createRaw, type Raw } from "../server/raw.js";
import { verifies } from "../verifies.js";
import { DECLARED, defineTaskTools, Gates, TASKS, until } from "./scene.js";

type Task = { taskId: string; status: string; [key: string]: unknown };

const ASKS = { ...DECLARED, elicitation: {} };

describe("tasks of the extension", () => {
  let gates: Gates;
  let raw: Raw;
  beforeEach(async () => {
    gates = new Gates();
    raw = await createRaw((server) => defineTaskTools(server, gates), { tasks: { pollMs: 40, ttlMs: 7_000 } });
  });
  afterEach(() => raw.server.close());

  const ask = (method: string, params: object, capabilities: object = ASKS): Promise<Answer> =>
    raw.askModern(method, params, capabilities);
  const call = (name: string, args: object = {}, capabilities: object = ASKS, more: object = {}): Promise<Answer> =>
    ask("tools/call", { name, arguments: args, ...more }, capabilities);
  const start = async (name: string, args: object = {}): Promise<Task> => (await call(name, args)).result as Task;
  const get = async (taskId: string): Promise<Task> => (await ask("tasks/get", { taskId })).result as Task;
  const reached = (taskId: string, status: string): Promise<Task> =>
    until(async () => {
      const task = await get(taskId);
      return task.status === status ? task : undefined;
    });

  test(`are declared as an extension and nothing else${verifies("XTASK-01", "XTASK-02", "XTASK-03")}`, async () => {
    const { result } = await ask("server/discover", {});
    const capabilities = result?.capabilities as { extensions?: unknown; tasks?: unknown };
    expect(capabilities.extensions).toEqual({ [TASKS]: {} });
    expect(capabilities).not.toHaveProperty("tasks");
    const tools = (await ask("tools/list", {})).result?.tools as object[];
    for (const tool of tools) expect(tool).not.toHaveProperty("execution");
  });

  test(`are made for requests that declare them, and for no others${verifies("XTASK-04", "XTASK-06", "XTASK-09", "XTASK-12", "XTASK-13", "XTASK-17")}`, async () => {
    gates.open("b");
    const made = (await call("work", { gate: "a" })).result as Task;
    expect(made).toMatchObject({ resultType: "task", status: "working", ttlMs: 7_000 });
    // It grows with the age of the task.
    expect(made.pollIntervalMs).toBeGreaterThanOrEqual(20);
    expect(made.pollIntervalMs).toBeLessThanOrEqual(40);
    for (const key of ["task", "result", "error", "inputRequests", "requestState", "ttl", "pollInterval"])
      expect(made).not.toHaveProperty(key);
    // What an earlier request declared does not count, and neither do the words of the other form.
    for (const capabilities of [{}, { tasks: { requests: { tools: { call: {} } } } }]) {
      const plain = await call("work", { gate: "b" }, capabilities, { task: { ttl: 5 } });
      expect(plain.result).toMatchObject({ resultType: "complete", content: [{ text: "through b" }] });
      const must = await call("must", { gate: "b" }, capabilities);
      expect(must.error).toMatchObject({
        code: -32021,
        data: { requiredCapabilities: { extensions: { [TASKS]: {} } } },
      });
    }
    const forbidden = await call("plain", { gate: "b" }, ASKS, { task: {} });
    expect(forbidden.result).toMatchObject({ resultType: "complete", content: [{ text: "plain b" }] });
    expect((await call("work", { gate: 5 })).result).toMatchObject({ resultType: "complete", isError: true });
  });

  test(`are there before they are told of${verifies("XTASK-15", "XTASK-18", "XTASK-20")}`, async () => {
    const { taskId } = await start("work", { gate: "a" });
    const task = await get(taskId);
    expect(task).toMatchObject({ resultType: "complete", taskId, status: "working" });
    for (const key of ["result", "error", "inputRequests"]) expect(task).not.toHaveProperty(key);
  });

  test(`hold the outcome of the plain call${verifies("XTASK-14", "XTASK-33", "XTASK-34", "XTASK-35", "XTASK-36")}`, async () => {
    for (const name of ["broken", "refuse", "fault"]) {
      const { taskId } = await start(name);
      const plain = await call(name, {}, {});
      const task = await reached(taskId, name === "broken" ? "completed" : "failed");
      expect(task.error, name).toEqual(plain.error);
      if (plain.result === undefined) {
        expect(task, name).not.toHaveProperty("result");
        expect(task.statusMessage, name).toBeTruthy();
      } else {
        const { _meta, ...bare } = plain.result;
        expect(task.result).toEqual(bare);
        expect(bare.isError).toBe(true);
      }
    }
  });

  test(`need the extension declared for everything about them${verifies("XTASK-10", "XTASK-11")}`, async () => {
    const { taskId } = await start("work", { gate: "a" });
    for (const id of [taskId, "made up"])
      for (const [method, more] of [
        ["tasks/get", {}],
        ["tasks/cancel", {}],
        ["tasks/update", { inputResponses: {} }],
      ] as const) {
        const { error } = await ask(method, { taskId: id, ...more }, { elicitation: {} });
        expect(error, method).toMatchObject({ code: -32021, data: { requiredCapabilities: DECLARED } });
      }
    const listening = await ask("subscriptions/listen", { notifications: { taskIds: [taskId] } }, {});
    expect(listening.error).toMatchObject({ code: -32021 });
    expect((await ask("tasks/list", {})).error).toMatchObject({ code: -32601 });
    expect((await ask("tasks/result", { taskId })).error).toMatchObject({ code: -32601 });
  });

  test(`are unknown under a made up id${verifies("XTASK-37")}`, async () => {
    for (const method of ["tasks/get", "tasks/cancel", "tasks/update"]) {
      const { error } = await ask(method, { taskId: "made up", inputResponses: {} });
      expect(error, method).toMatchObject({ code: -32602 });
    }
  });

  test(`show all their questions, and take answers one by one${verifies("XTASK-16", "XTASK-21", "XTASK-25", "XTASK-28", "XTASK-29", "XTASK-30")}`, async () => {
    const { taskId } = await start("both");
    const asked = await until(async () => {
      const task = await get(taskId);
      return Object.keys((task.inputRequests ?? {}) as object).length === 2 ? task : undefined;
    });
    expect(asked).toMatchObject({
      status: "input_required",
      inputRequests: {
        first: { method: "elicitation/create", params: { message: "Your first name?" } },
        last: { method: "elicitation/create" },
      },
    });
    const update = (inputResponses: object): Promise<Answer> => ask("tasks/update", { taskId, inputResponses });
    const name = (text: string): object => ({ action: "accept", content: { name: text } });
    expect((await update({ stranger: { odd: true } })).result).toEqual({
      resultType: "complete",
      _meta: expect.anything(),
    });
    expect((await update({ first: { action: "maybe" } })).error).toMatchObject({ code: -32602 });
    expect((await update({ first: name("Ada") })).result).toMatchObject({ resultType: "complete" });
    const half = await get(taskId);
    expect(half).toMatchObject({ status: "input_required" });
    expect(Object.keys(half.inputRequests as object)).toEqual(["last"]);
    // An answer that came already is not changed by another.
    await update({ first: name("Grace"), last: name("Byron") });
    const done = await reached(taskId, "completed");
    expect(done.result).toMatchObject({ content: [{ text: "Ada Byron" }] });
    expect((await update({ last: name("late") })).result).toMatchObject({ resultType: "complete" });
  });

  test("fail a handler that asks twice under one key, or what the client did not offer", async () => {
    const { taskId } = await start("twice");
    await reached(taskId, "input_required");
    await ask("tasks/update", { taskId, inputResponses: { same: { action: "cancel" } } });
    const done = await reached(taskId, "completed");
    expect(done.result).toMatchObject({ isError: true, content: [{ text: /key "same"/ }] });
    const silent = (await call("greet", {}, DECLARED)).result as Task;
    const failed = await reached(silent.taskId, "failed");
    expect(failed.error).toMatchObject({ code: -32021, data: { requiredCapabilities: { elicitation: { form: {} } } } });
  });

  test(`are cancelled by a word that is always taken${verifies("XTASK-16", "XTASK-31")}`, async () => {
    const { taskId } = await start("work", { gate: "a" });
    await until(() => gates.runs.includes("a"));
    const first = await ask("tasks/cancel", { taskId });
    expect(first.result).toEqual({ resultType: "complete", _meta: expect.anything() });
    await reached(taskId, "cancelled");
    await until(() => gates.runs.includes("aborted a"));
    expect((await ask("tasks/cancel", { taskId })).result).toEqual(first.result);
  });

  test(`say nothing on the connection that was not asked for${verifies("XTASK-39")}`, async () => {
    const params = { name: "steps", arguments: { gate: "a" } };
    const level = { "io.modelcontextprotocol/logLevel": "debug" };
    gates.open("a");
    const id = "own";
    raw.send({
      jsonrpc: "2.0",
      id,
      method: "tools/call",
      params: {
        ...params,
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": ASKS,
          progressToken: "t",
          ...level,
        },
      },
    });
    const made = await until(() => raw.seen.find((one) => one.id === id));
    await reached((made.result as Task).taskId, "completed");
    expect(raw.seen.filter(({ method }) => method !== undefined)).toEqual([]);
  });

  test(`are heard of by who listens${verifies("XTASK-38", "SUB-02", "SUB-08")}`, async () => {
    const { taskId } = await start("work", { gate: "a" });
    void ask("subscriptions/listen", { notifications: { taskIds: [taskId, "made up"], toolsListChanged: true } });
    const acknowledged = await until(() =>
      raw.seen.find(({ method }) => method === "notifications/subscriptions/acknowledged"),
    );
    expect(acknowledged.params?.notifications).toEqual({ taskIds: [taskId], toolsListChanged: true });
    const told = (): Answer[] => raw.seen.filter(({ method }) => method === "notifications/tasks");
    await until(() => told().some(({ params }) => params?.statusMessage === "at the gate a"));
    gates.open("a");
    const last = await until(() => told().find(({ params }) => params?.status === "completed"));
    expect(last.params).toMatchObject({
      taskId,
      result: { content: [{ text: "through a" }] },
      _meta: acknowledged.params?._meta,
    });
    expect(raw.seen.indexOf(acknowledged)).toBeLessThan(raw.seen.indexOf(told()[0] as Answer));
    const odd = await ask("subscriptions/listen", { notifications: { taskIds: "all" } });
    expect(odd.error).toMatchObject({ code: -32602 });
  });
});

test(`a server without tools that have tasks knows nothing of the extension${verifies("XTASK-11")}`, async () => {
  const raw = await createRaw((server) => server.tool("plain", {}, () => "plain"));
  const { result } = await raw.askModern("server/discover", {}, DECLARED);
  expect(result?.capabilities).not.toHaveProperty("extensions");
  expect((await raw.askModern("tasks/get", { taskId: "x" }, DECLARED)).error).toMatchObject({ code: -32601 });
  await raw.server.close();
});

describe("over HTTP", () => {
  const gates = new Gates();
  let http: RawHttp;
  const define = (server: Server): void => defineTaskTools(server, gates);
  afterEach(() => http.server.close());
  const params = (more: object): Record<string, unknown> => ({ _meta: httpMeta(ASKS), ...more });

  test(`the id is mirrored by a header${verifies("XTASK-40", "HTTP-107")}`, async () => {
    http = await serve(define);
    const made = await (await http.ask(1, "tools/call", params({ name: "work", arguments: { gate: "h" } }))).last();
    const { taskId } = made.result as Task;
    const get = (name: string | undefined) => http.ask(2, "tasks/get", params({ taskId }), { "Mcp-Name": name });
    expect((await (await get(taskId)).last()).result).toMatchObject({ taskId, status: "working" });
    for (const name of [undefined, "another"]) {
      const answer = await get(name);
      expect(answer.status).toBe(400);
      expect((await answer.last()).error).toMatchObject({ code: -32020 });
    }
    const undeclared = await http.ask(3, "tasks/get", { taskId, _meta: httpMeta({}) }, { "Mcp-Name": taskId });
    expect(undeclared.status).toBe(400);
    expect((await undeclared.last()).error).toMatchObject({ code: -32021 });
  });

  test.each([
    ["here", undefined],
    ["elsewhere", createDistantStore],
  ])(
    `tasks belong to who made them, kept %s${verifies("TASK-57", "TASK-59", "XTASK-41")}`,
    async (_where, createStore) => {
      http = await serve(define, createStore === undefined ? {} : { tasks: { store: createStore() } }, {
        authenticate: (request) => {
          const name = request.header("authorization");
          return name === undefined ? undefined : { principal: name };
        },
      });
      const made = await http.ask(1, "tools/call", params({ name: "work", arguments: { gate: "h" } }), {
        Authorization: "ada",
      });
      const { taskId } = (await made.last()).result as Task;
      const get = async (who: string | undefined) => {
        const answer = await http.ask(2, "tasks/get", params({ taskId }), { "Mcp-Name": taskId, Authorization: who });
        return await answer.last();
      };
      expect((await get("ada")).result).toMatchObject({ taskId });
      const unknown = await http.ask(3, "tasks/get", params({ taskId: "x" }), {
        "Mcp-Name": "x",
        Authorization: "eve",
      });
      for (const who of ["eve", undefined]) expect((await get(who)).error).toEqual((await unknown.last()).error);
      const ada = await http.open("2025-11-25", {}, { Authorization: "ada" });
      expect(ada.opening.result?.capabilities).toMatchObject({ tasks: { list: {} } });
      const listed = async (session: typeof ada): Promise<unknown> =>
        ((await (await session.ask(4, "tasks/list")).last()).result?.tasks as Task[] | undefined)?.map(
          (task) => task.taskId,
        );
      expect(await listed(ada)).toEqual([taskId]);
      gates.open("h");
      await until(async () => (await get("ada")).result?.status === "completed" || undefined);
      const eve = await http.open("2025-11-25", {}, { Authorization: "eve" });
      expect(await listed(eve)).toEqual([]);
      for (const method of ["tasks/get", "tasks/result", "tasks/cancel"]) {
        const { error } = await (await eve.ask(method, method, { taskId })).last();
        expect(error, method).toMatchObject({ code: -32602 });
      }
      // Who cannot be told apart from others has no list.
      const nobody = await http.open();
      expect(nobody.opening.result?.capabilities).toMatchObject({ tasks: { cancel: {} } });
      expect(nobody.opening.result).not.toHaveProperty("capabilities.tasks.list");
      const { error } = await (await nobody.ask(5, "tasks/list")).last();
      expect(error).toMatchObject({ code: -32601 });
    },
  );
});

/** Answers late, and tells who watches at once how a task is: those who watch may not hear of it before it is known to be theirs. */
function createDistantStore(): TaskStore {
  const store = createMemoryTaskStore({ maxTasks: 10, maxTasksPerOwner: 10 });
  return {
    create: async (record, holdMs) => store.create(record, holdMs),
    get: async (id) => {
      await setTimeout(10);
      return await store.get(id);
    },
    replace: async (record, holdMs) => store.replace(record, holdMs),
    list: async (owner, cursor, limit) => store.list(owner, cursor, limit),
    remove: async (id) => store.remove(id),
    watch(id, listener) {
      const tell = async (): Promise<void> => listener(await store.get(id));
      void tell();
      return store.watch(id, listener);
    },
    hold: async (worker, ids, holdMs) => store.hold(worker, ids, holdMs),
    abandoned: async (limit, skip) => store.abandoned(limit, skip),
  };
}

test("connections of one server have lists of their own, and find tasks by their ids", async () => {
  const gates = new Gates();
  const raw = await createRaw((server) => defineTaskTools(server, gates));
  await raw.initialize();
  const made = await raw.ask("tools/call", { name: "work", arguments: { gate: "a" }, task: {} });
  const [near, far] = createMemoryPair();
  await raw.server.connect(far);
  const other = attach(near, raw.server, []);
  await other.initialize();
  expect((await other.ask("tasks/list")).result).toEqual({ tasks: [] });
  const { taskId } = (made.result as { task: Task }).task;
  expect((await other.ask("tasks/get", { taskId })).result).toMatchObject({ taskId });
  await raw.server.close();
});

/** Tasks as the core has them, told by plain messages: what is declared, made, shown, fetched, listed and cancelled. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { pollOf } from "../../runtime/protocol/task-facts.js";
import { createMemoryPair } from "../../runtime/transport/memory.js";
import { type Answer, attach, createRaw, type Raw } from "../server/raw.js";
import { verifies } from "../verifies.js";
import { defineTaskTools, Gates, RELATED, until } from "./scene.js";

type Task = { taskId: string; status: string; [key: string]: unknown };

describe("tasks of the core", () => {
  let gates: Gates;
  let raw: Raw;
  let declared: Answer;
  beforeEach(async () => {
    gates = new Gates();
    raw = await createRaw((server) => defineTaskTools(server, gates), {
      pageSize: 2,
      tasks: { pollMs: 40, maxTtlMs: 9_000 },
    });
    declared = await raw.initialize("2025-11-25", { elicitation: {} });
  });
  afterEach(() => {
    vi.useRealTimers();
    return raw.server.close();
  });

  const call = (name: string, args: object = {}, task: object | null = {}, more: object = {}): Promise<Answer> =>
    raw.ask("tools/call", { name, arguments: args, ...(task === null ? {} : { task }), ...more });
  const start = async (name: string, args: object = {}, task: object = {}, more: object = {}): Promise<Task> =>
    (await call(name, args, task, more)).result?.task as Task;
  const get = async (taskId: string): Promise<Task> => (await raw.ask("tasks/get", { taskId })).result as Task;
  const reached = (taskId: string, status: string): Promise<Task> =>
    until(async () => {
      const task = await get(taskId);
      return task.status === status ? task : undefined;
    });

  test(`are declared with what can be done to them${verifies("TASK-01", "TASK-02", "TASK-04")}`, () => {
    const capabilities = declared.result?.capabilities as Record<string, unknown>;
    expect(capabilities.tasks).toEqual({ list: {}, cancel: {}, requests: { tools: { call: {} } } });
    expect(capabilities).not.toHaveProperty("extensions");
  });

  test(`are told of in the list of tools${verifies("TASK-08")}`, async () => {
    const tools: { name: string; execution?: unknown; task?: unknown; restartable?: unknown }[] = [];
    let cursor: string | undefined;
    do {
      const { result } = await raw.ask("tools/list", cursor === undefined ? {} : { cursor });
      tools.push(...((result?.tools ?? []) as typeof tools));
      cursor = result?.nextCursor as string | undefined;
    } while (cursor !== undefined);
    const found = Object.fromEntries(tools.map(({ name, execution }) => [name, execution]));
    expect(found).toMatchObject({ work: { taskSupport: "optional" }, must: { taskSupport: "required" } });
    expect(found.plain).toBeUndefined();
    for (const tool of tools) expect(tool).not.toHaveProperty("task");
  });

  test(`are made at once, working, with an id that nobody guesses${verifies("TASK-15", "TASK-16", "TASK-17", "TASK-18", "TASK-20", "TASK-22", "TASK-28", "TASK-58")}`, async () => {
    const tasks = await Promise.all([start("work", { gate: "a" }), start("work", { gate: "b" })]);
    for (const task of tasks) {
      expect(task).toMatchObject({ status: "working", ttl: 9_000 });
      // It grows with the age of the task.
      expect(task.pollInterval).toBeGreaterThanOrEqual(20);
      expect(task.pollInterval).toBeLessThanOrEqual(40);
      expect(new Date(task.createdAt as string).toISOString()).toBe(task.createdAt);
      expect(task.lastUpdatedAt).toBe(task.createdAt);
      expect(Buffer.from(task.taskId, "base64url").length).toBeGreaterThanOrEqual(16);
    }
    expect(tasks[0]?.taskId).not.toBe(tasks[1]?.taskId);
    const answer = (await call("work", { gate: "c" })).result ?? {};
    expect(Object.keys(answer)).toEqual(["task"]);
  });

  test(`keep to the time that was asked for, within bounds${verifies("TASK-54", "TASK-55")}`, async () => {
    expect((await start("work", { gate: "a" }, { ttl: 5_000 })).ttl).toBe(5_000);
    const task = await start("work", { gate: "a" }, { ttl: 1e12 });
    expect((await get(task.taskId)).ttl).toBe(9_000);
  });

  test(`are refused where tool and call do not agree${verifies("TASK-11", "TASK-14")}`, async () => {
    expect((await call("plain", { gate: "a" })).error).toMatchObject({ code: -32601 });
    expect((await call("must", { gate: "a" }, null)).error).toMatchObject({ code: -32601 });
    gates.open("a");
    expect((await call("work", { gate: "a" }, null)).result).toMatchObject({ content: [{ text: "through a" }] });
  });

  test(`are not made of what fails before${verifies("TASK-21")}`, async () => {
    expect((await call("nope")).error).toMatchObject({ code: -32602 });
    expect((await call("work", { gate: 5 })).error).toMatchObject({ code: -32602 });
    expect((await raw.ask("tasks/list")).result).toEqual({ tasks: [] });
  });

  test(`give the result of the plain call${verifies("TASK-29", "TASK-31", "TASK-32", "TASK-33")}`, async () => {
    const { taskId } = await start("work", { gate: "a" });
    const pending = raw.ask("tasks/result", { taskId });
    await until(async () => (await get(taskId)).statusMessage === "at the gate a");
    expect(raw.seen.some(({ result }) => result?.content !== undefined)).toBe(false);
    gates.open("a");
    const plain = (await call("work", { gate: "a" }, null)).result;
    const { result } = await pending;
    expect(result).toEqual({ ...plain, _meta: { [RELATED]: { taskId } } });
    expect(await get(taskId)).toMatchObject({ status: "completed" });
    expect((await raw.ask("tasks/result", { taskId })).result).toEqual(result);
  });

  test(`fail as the plain call does${verifies("TASK-25", "TASK-26", "TASK-32", "TASK-44")}`, async () => {
    for (const name of ["broken", "refuse", "fault"]) {
      const { taskId } = await start(name);
      const fetched = await raw.ask("tasks/result", { taskId });
      const plain = await call(name, {}, null);
      expect(fetched.error, name).toEqual(plain.error);
      if (plain.result !== undefined) expect(fetched.result).toMatchObject(plain.result);
      const task = await get(taskId);
      expect(task, name).toMatchObject({ status: "failed" });
      expect(task.statusMessage, name).toBeTruthy();
    }
  });

  test(`are cancelled at once and for good${verifies("TASK-24", "TASK-34", "TASK-35", "TASK-36", "TASK-37", "TASK-38", "TASK-53")}`, async () => {
    const { taskId } = await start("work", { gate: "a" });
    const waiting = raw.ask("tasks/result", { taskId });
    await until(() => gates.runs.includes("a"));
    const { result } = await raw.ask("tasks/cancel", { taskId });
    expect(result).toMatchObject({ taskId, status: "cancelled" });
    expect((await waiting).error).toMatchObject({ code: -32602, message: expect.stringMatching(/cancelled/) });
    await until(() => gates.runs.includes("aborted a"));
    expect(await get(taskId)).toMatchObject({ status: "cancelled" });
    expect((await raw.ask("tasks/cancel", { taskId })).error).toMatchObject({ code: -32602 });
    // Work that does not listen to its signal ends later, and changes nothing.
    const deaf = await start("must", { gate: "deaf" });
    await raw.ask("tasks/cancel", { taskId: deaf.taskId });
    gates.open("deaf");
    const other = await start("must", { gate: "deaf" });
    await reached(other.taskId, "completed");
    expect(await get(deaf.taskId)).toMatchObject({ status: "cancelled" });
  });

  test(`are listed page by page${verifies("TASK-40", "TASK-41", "TASK-44")}`, async () => {
    const made: string[] = [];
    for (let index = 0; index < 5; index++) made.push((await start("work", { gate: `${index}` })).taskId);
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const { result } = await raw.ask("tasks/list", cursor === undefined ? undefined : { cursor });
      listed.push(...((result?.tasks ?? []) as Task[]).map(({ taskId }) => taskId));
      cursor = result?.nextCursor as string | undefined;
      // What comes and goes meanwhile makes no cursor bad.
      if (listed.length === 2) made.push((await start("work", { gate: "late" })).taskId);
    } while (cursor !== undefined);
    expect(listed).toEqual(made);
    expect((await raw.ask("tasks/list", { cursor: "made up" })).error).toMatchObject({ code: -32602 });
  });

  test(`are unknown under a made up id${verifies("TASK-44")}`, async () => {
    for (const method of ["tasks/get", "tasks/result", "tasks/cancel"])
      expect((await raw.ask(method, { taskId: "made up" })).error).toMatchObject({ code: -32602 });
    expect((await raw.ask("tasks/update", { taskId: "x", inputResponses: {} })).error).toMatchObject({ code: -32601 });
  });

  test(`ask through the wait for the result${verifies("TASK-23", "TASK-27", "TASK-47", "TASK-50")}`, async () => {
    const { taskId } = await start("greet");
    await reached(taskId, "input_required");
    // Nobody waits for the result, so nothing was asked yet.
    expect(raw.seen.some(({ method }) => method === "elicitation/create")).toBe(false);
    const [first, second] = [raw.ask("tasks/result", { taskId }), raw.ask("tasks/result", { taskId })];
    const asked = await until(() => raw.seen.find(({ method }) => method === "elicitation/create"));
    expect(asked.params).toMatchObject({ message: "Your name?", _meta: { [RELATED]: { taskId } } });
    raw.send({ jsonrpc: "2.0", id: asked.id, result: { action: "accept", content: { name: "Ada" } } });
    expect((await first).result).toMatchObject({ content: [{ text: "Hello Ada." }] });
    expect((await second).result).toMatchObject({ content: [{ text: "Hello Ada." }] });
    // Two waited, and one asked.
    expect(raw.seen.filter(({ method }) => method === "elicitation/create")).toHaveLength(1);
  });

  test(`ask again through another wait when the first is given up${verifies("TASK-45")}`, async () => {
    const { taskId } = await start("greet");
    const waiting = raw.ask("tasks/result", { taskId });
    const asked = await until(() => raw.seen.find(({ method }) => method === "elicitation/create"));
    void waiting;
    const [near, far] = createMemoryPair();
    await raw.server.connect(far);
    const other = attach(near, raw.server, []);
    await other.initialize("2025-11-25", { elicitation: {} });
    const result = other.ask("tasks/result", { taskId });
    await raw.close();
    const again = await until(() => other.seen.find(({ method }) => method === "elicitation/create"));
    expect(again.params?.message).toBe(asked.params?.message);
    other.send({ jsonrpc: "2.0", id: again.id, result: { action: "decline" } });
    expect((await result).result).toMatchObject({ content: [{ text: "You said decline." }] });
  });

  test("tell a handler that its question was refused, and that a key was used twice", async () => {
    const refused = await start("greet");
    const result = raw.ask("tasks/result", { taskId: refused.taskId });
    const asked = await until(() => raw.seen.find(({ method }) => method === "elicitation/create"));
    raw.send({ jsonrpc: "2.0", id: asked.id, error: { code: -1, message: "nobody is here" } });
    expect((await result).result).toMatchObject({ isError: true, content: [{ text: /nobody is here/ }] });
    const twice = await start("twice");
    const second = raw.ask("tasks/result", { taskId: twice.taskId });
    const one = await until(() => raw.seen.filter(({ method }) => method === "elicitation/create")[1]);
    raw.send({ jsonrpc: "2.0", id: one.id, result: { action: "cancel" } });
    expect((await second).result).toMatchObject({ isError: true, content: [{ text: /key "same"/ }] });
  });

  test(`report progress until they end, and their status${verifies("TASK-42", "TASK-47", "TASK-48", "TASK-52", "BASE-57")}`, async () => {
    const { taskId } = await start("steps", { gate: "a" }, {}, { _meta: { progressToken: "t" } });
    gates.open("a");
    await reached(taskId, "completed");
    const { result } = await raw.ask("tasks/result", { taskId });
    expect(result).toMatchObject({ content: [{ text: "stepped" }] });
    const told = (method: string): Answer[] => raw.seen.filter((one) => one.method === method);
    expect(told("notifications/progress").map(({ params }) => params)).toEqual([
      { progress: 1, total: 2, progressToken: "t", _meta: { [RELATED]: { taskId } } },
      { progress: 2, total: 2, progressToken: "t", _meta: { [RELATED]: { taskId } } },
    ]);
    expect(told("notifications/message")[0]?.params?._meta).toEqual({ [RELATED]: { taskId } });
    const last = told("notifications/tasks/status").at(-1)?.params;
    expect(last).toMatchObject({ taskId, status: "completed", ttl: 9_000 });
    expect(last).not.toHaveProperty("_meta");
    // Who waits for the outcome gets it, and needs not be told that it is there.
    const other = await start("steps", { gate: "b" });
    const waiting = raw.ask("tasks/result", { taskId: other.taskId });
    await get(other.taskId);
    gates.open("b");
    await waiting;
    await raw.ask("ping");
    expect(told("notifications/tasks/status").some(({ params }) => params?.taskId === other.taskId)).toBe(false);
  });

  test(`are to be looked at soon while they are young, and less and less often${verifies("TASK-18", "TASK-30")}`, () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const now = Date.now();
    const paced = { status: "working", createdAt: now, updatedAt: now, pollMs: 500 } as const;
    const at = (age: number): number => pollOf({ ...paced, createdAt: now - age });
    expect(at(-50)).toBe(20);
    expect(at(0)).toBe(20);
    expect(at(400)).toBeGreaterThanOrEqual(200);
    expect(at(400)).toBeLessThan(500);
    expect(at(10_000)).toBe(500);
    expect(at(1e12)).toBe(500);
    expect(pollOf({ ...paced, pollMs: 5 })).toBe(5);
    // What has ended does not change any more.
    expect(pollOf({ ...paced, status: "completed", createdAt: now - 9_000, updatedAt: now - 8_900 })).toBe(50);
  });

  test(`are looked up by what the params say, whatever _meta says${verifies("TASK-49")}`, async () => {
    const { taskId } = await start("work", { gate: "a" });
    const { result } = await raw.ask("tasks/get", { taskId, _meta: { [RELATED]: { taskId: "other" } } });
    expect(result).toMatchObject({ taskId });
    expect(result).not.toHaveProperty("_meta");
  });
});

test(`a server without tools that have tasks ignores the wish for one${verifies("TASK-05", "TASK-06")}`, async () => {
  const raw = await createRaw((server) => server.tool("plain", {}, () => "plain"));
  const { result } = await raw.initialize();
  expect(result?.capabilities).not.toHaveProperty("tasks");
  expect((await raw.ask("tools/call", { name: "plain", task: {} })).result).toMatchObject({
    content: [{ text: "plain" }],
  });
  expect((await raw.ask("tasks/get", { taskId: "x" })).error).toMatchObject({ code: -32601 });
  await raw.server.close();
});

test("a revision without tasks runs what may be one plainly, and refuses what must be one", async () => {
  const gates = new Gates();
  gates.open("a");
  const raw = await createRaw((server) => defineTaskTools(server, gates));
  const { result } = await raw.initialize("2025-06-18");
  expect(result?.capabilities).not.toHaveProperty("tasks");
  const plain = await raw.ask("tools/call", { name: "work", arguments: { gate: "a" }, task: {} });
  expect(plain.result).toMatchObject({ content: [{ text: "through a" }] });
  const must = await raw.ask("tools/call", { name: "must", arguments: { gate: "a" } });
  expect(must.error).toMatchObject({ code: -32601, message: expect.stringMatching(/only run as a task/) });
  expect((await raw.ask("tasks/get", { taskId: "x" })).error).toMatchObject({ code: -32601 });
  await raw.server.close();
});

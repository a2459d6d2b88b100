/** Questions to a client as tasks of the client, told by plain messages: what a client declares, makes, shows, fetches, lists and cancels. */

import { afterEach, describe, expect, test } from "vitest";
import type { Client } from "../../runtime/client/client.js";
import { type ConnectOptions, connect } from "../../runtime/client/connect.js";
import { createRawServer, type RawServer, type Sent, stateful } from "../client/raw.js";
import { verifies } from "../verifies.js";
import { RELATED, until } from "./scene.js";

type Task = { taskId: string; status: string; [key: string]: unknown };
type Answer = Sent & { readonly result?: Record<string, unknown>; readonly error?: { code: number; message: string } };

const QUESTION = { maxTokens: 5, messages: [{ role: "user", content: { type: "text", text: "2+2?" } }] };
const FORM = { message: "Name?", requestedSchema: { type: "object", properties: { name: { type: "string" } } } };
const FOUR = { role: "assistant", model: "m", content: { type: "text", text: "4" } } as const;

describe("answers as tasks of the client", () => {
  const clients: Client[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
  });

  interface Scene {
    readonly raw: RawServer;
    readonly errors: Error[];
    readonly declared: Record<string, unknown>;
    ask(method: string, params?: object): Promise<Answer>;
    start(params?: object, task?: object): Promise<Task>;
  }

  async function open(options: ConnectOptions, revision = "2025-11-25"): Promise<Scene> {
    const errors: Error[] = [];
    const raw = createRawServer(stateful(() => ({})));
    clients.push(
      await connect(raw.channel, {
        revisions: [revision as "2025-11-25"],
        onerror: (error) => errors.push(error),
        ...options,
      }),
    );
    let lastId = 0;
    const ask = async (method: string, params?: object): Promise<Answer> => {
      const id = ++lastId + 1_000;
      raw.say({ id, method, ...(params === undefined ? {} : { params }) });
      return (await until(() => raw.seen.find((one) => one.id === id && one.method === undefined))) as Answer;
    };
    const opened = raw.seen.find(({ method }) => method === "initialize");
    return {
      raw,
      errors,
      declared: opened?.params?.capabilities as Record<string, unknown>,
      ask,
      start: async (params = QUESTION, task = {}) =>
        (await ask("sampling/createMessage", { ...params, task })).result?.task as Task,
    };
  }

  /** A callback that is answered when the test says so. */
  function held(): {
    sample: NonNullable<ConnectOptions["sample"]>;
    begun: () => boolean;
    aborted: () => boolean;
    answer(value: unknown): void;
  } {
    let answer: (value: unknown) => void = () => undefined;
    let [begun, aborted] = [false, false];
    return {
      sample: (_params, { signal }) => {
        begun = true;
        signal.addEventListener("abort", () => {
          aborted = true;
        });
        return new Promise((resolve) => {
          answer = resolve as (value: unknown) => void;
        });
      },
      begun: () => begun,
      aborted: () => aborted,
      answer: (value) => answer(value),
    };
  }

  test(`are declared for what the client answers, where there are such tasks${verifies("TASK-01", "TASK-03", "TASK-04", "XTASK-02")}`, async () => {
    const sample = () => FOUR;
    const elicit = () => ({ action: "decline" as const });
    expect((await open({ sample, elicit, answerAsTasks: true })).declared.tasks).toEqual({
      list: {},
      cancel: {},
      requests: { elicitation: { create: {} }, sampling: { createMessage: {} } },
    });
    expect((await open({ sample, answerAsTasks: {} })).declared.tasks).toEqual({
      list: {},
      cancel: {},
      requests: { sampling: { createMessage: {} } },
    });
    expect((await open({ answerAsTasks: true })).declared).not.toHaveProperty("tasks");
    expect((await open({ sample })).declared).not.toHaveProperty("tasks");
    expect((await open({ sample, answerAsTasks: true }, "2025-06-18")).declared).not.toHaveProperty("tasks");
  });

  test(`are no tasks where none were declared${verifies("TASK-06")}`, async () => {
    const { ask } = await open({ sample: () => FOUR });
    expect((await ask("sampling/createMessage", { ...QUESTION, task: {} })).result).toEqual(FOUR);
    expect((await ask("tasks/get", { taskId: "x" })).error).toMatchObject({ code: -32601 });
    expect((await ask("tasks/list")).error).toMatchObject({ code: -32601 });
    const old = await open({ sample: () => FOUR, answerAsTasks: true }, "2025-06-18");
    expect((await old.ask("sampling/createMessage", { ...QUESTION, task: {} })).result).toEqual(FOUR);
    expect((await old.ask("tasks/get", { taskId: "x" })).error).toMatchObject({ code: -32601 });
  });

  test(`are made at once, working, with ids that nobody guesses, and answered later${verifies("TASK-15", "TASK-16", "TASK-17", "TASK-18", "TASK-20", "TASK-22", "TASK-28", "TASK-29", "TASK-31", "TASK-33", "TASK-58")}`, async () => {
    const { sample, answer } = held();
    const { raw, ask, start } = await open({ sample, answerAsTasks: { pollMs: 40, ttlMs: 9_000 } });
    const task = await start();
    expect(task).toMatchObject({ status: "working", ttl: 9_000 });
    expect(task.pollInterval).toBeLessThanOrEqual(40);
    expect(task.lastUpdatedAt).toBe(task.createdAt);
    expect(Buffer.from(task.taskId, "base64url").length).toBe(24);
    const { taskId } = task;
    const waiting = ask("tasks/result", { taskId });
    expect((await ask("tasks/get", { taskId })).result).toMatchObject({ taskId, status: "working" });
    expect(raw.seen.some(({ result }) => (result as { model?: string } | undefined)?.model !== undefined)).toBe(false);
    answer(FOUR);
    expect((await waiting).result).toEqual({ ...FOUR, _meta: { [RELATED]: { taskId } } });
    expect((await ask("tasks/get", { taskId })).result).toMatchObject({ status: "completed" });
  });

  test(`keep to the time that was asked for, within bounds, and are forgotten after it${verifies("TASK-44", "TASK-54", "TASK-55", "TASK-56")}`, async () => {
    const { ask, start } = await open({ sample: () => FOUR, answerAsTasks: { maxTtlMs: 5_000 } });
    expect((await start(QUESTION, { ttl: 1e9 })).ttl).toBe(5_000);
    const { taskId } = await start(QUESTION, { ttl: 1 });
    const gone = await until(async () => {
      const { error } = await ask("tasks/get", { taskId });
      return error;
    });
    expect(gone.code).toBe(-32602);
    expect((await ask("tasks/result", { taskId: "made up" })).error).toMatchObject({ code: -32602 });
  });

  test(`are not made of what cannot be answered${verifies("TASK-21")}`, async () => {
    const { ask } = await open({ sample: () => FOUR, answerAsTasks: true });
    expect((await ask("sampling/createMessage", { task: {} })).error).toMatchObject({ code: -32602 });
    expect((await ask("elicitation/create", { ...FORM, task: {} })).error).toMatchObject({ code: -32601 });
    const tools = [{ name: "t", inputSchema: { type: "object" } }];
    expect((await ask("sampling/createMessage", { ...QUESTION, tools, task: {} })).error).toMatchObject({
      code: -32602,
    });
    expect((await ask("tasks/list")).result).toEqual({ tasks: [] });
  });

  test(`fail as the plain question does${verifies("TASK-25", "TASK-26", "TASK-32")}`, async () => {
    const { ask, start, errors } = await open({
      sample: () => {
        throw new Error("no model");
      },
      answerAsTasks: true,
    });
    const plain = await ask("sampling/createMessage", QUESTION);
    const { taskId } = await start();
    expect((await ask("tasks/result", { taskId })).error).toEqual(plain.error);
    expect((await ask("tasks/get", { taskId })).result).toMatchObject({
      status: "failed",
      statusMessage: "Internal error",
    });
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining("no model"),
      expect.stringContaining("no model"),
    ]);
  });

  test(`are cancelled at once and for good${verifies("TASK-24", "TASK-34", "TASK-35", "TASK-36", "TASK-37", "TASK-38")}`, async () => {
    const { sample, answer, begun, aborted } = held();
    const { ask, start } = await open({ sample, answerAsTasks: true });
    const { taskId } = await start();
    const waiting = ask("tasks/result", { taskId });
    await until(begun);
    expect((await ask("tasks/cancel", { taskId })).result).toMatchObject({ taskId, status: "cancelled" });
    expect((await waiting).error).toMatchObject({ code: -32602, message: expect.stringMatching(/cancelled/) });
    await until(aborted);
    answer(FOUR);
    expect((await ask("tasks/get", { taskId })).result).toMatchObject({ status: "cancelled" });
    expect((await ask("tasks/cancel", { taskId })).error).toMatchObject({ code: -32602 });
  });

  test(`are listed page by page${verifies("TASK-40", "TASK-41", "TASK-44", "TASK-61")}`, async () => {
    const { ask, start } = await open({ sample: held().sample, answerAsTasks: { maxTasks: 150 } });
    const made: string[] = [];
    for (let index = 0; index < 150; index++) made.push((await start()).taskId);
    const more = await ask("sampling/createMessage", { ...QUESTION, task: {} });
    expect(more.error).toMatchObject({ code: -32603, message: expect.stringMatching(/too many/) });
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const { result } = await ask("tasks/list", cursor === undefined ? undefined : { cursor });
      listed.push(...((result?.tasks ?? []) as Task[]).map(({ taskId }) => taskId));
      cursor = result?.nextCursor as string | undefined;
    } while (cursor !== undefined);
    expect(listed).toEqual(made);
    expect((await ask("tasks/list", { cursor: "made up" })).error).toMatchObject({ code: -32602 });
  });

  test(`are told of when they change, once each, and not after the end${verifies("TASK-42", "TASK-48")}`, async () => {
    const { raw, ask } = await open({
      elicit: () => ({ action: "accept", content: { name: "Ada" } }),
      answerAsTasks: true,
    });
    const { result } = await ask("elicitation/create", { ...FORM, task: {} });
    const taskId = (result?.task as Task | undefined)?.taskId;
    expect((await ask("tasks/result", { taskId })).result).toMatchObject({
      action: "accept",
      content: { name: "Ada" },
    });
    const told = raw.seen.filter(({ method }) => method === "notifications/tasks/status");
    expect(told.map(({ params }) => params)).toEqual([(await ask("tasks/get", { taskId })).result]);
    expect(told[0]?.params).not.toHaveProperty("_meta");
  });

  test("stop with the client", async () => {
    const { sample, begun, aborted } = held();
    const { start } = await open({ sample, answerAsTasks: true });
    await start();
    await until(begun);
    await clients.pop()?.close();
    await until(aborted);
  });
});

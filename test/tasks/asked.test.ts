/** A handler that asks its client by task: what it is given, what goes over the wire, and what it does with clients that do it wrong. */

import { expect, test } from "vitest";
import { type ConnectOptions, connect } from "../../runtime/client/connect.js";
import type { Context } from "../../runtime/server/context.js";
import type { QuestionHandle } from "../../runtime/server/question-contract.js";
import { createServer } from "../../runtime/server/server.js";
import { createMemoryPair } from "../../runtime/transport/memory.js";
import { tap } from "../matrix/wire.js";
import { createRaw, type Raw } from "../server/raw.js";
import { verifies } from "../verifies.js";
import { until } from "./scene.js";

const NAME = { type: "object", properties: { name: { type: "string" } }, required: ["name"] } as const;
const FORM = { message: "Your name?", requestedSchema: NAME };
const PAGE = { message: "Look.", url: "https://example.com/" };
const QUESTION = {
  maxTokens: 5,
  messages: [{ role: "user" as const, content: { type: "text" as const, text: "2+2?" } }],
};
const FOUR = { role: "assistant", model: "m", content: { type: "text", text: "4" } } as const;
const TASKS = {
  elicitation: { form: {}, url: {} },
  sampling: {},
  tasks: { list: {}, cancel: {}, requests: { elicitation: { create: {} }, sampling: { createMessage: {} } } },
};

async function talk(
  run: (ctx: Context) => Promise<string>,
  options: ConnectOptions,
  expected: unknown,
): Promise<string[]> {
  const server = createServer({ name: "asking", version: "1", onerror: () => undefined });
  server.tool("ask", {}, (_args, ctx) => run(ctx));
  const [near, far] = createMemoryPair();
  await server.connect(far);
  const wire = tap(near);
  const client = await connect(wire, { revisions: ["2025-11-25"], answerAsTasks: true, ...options });
  const { content } = await client.callTool("ask");
  expect((content[0] as { text: string }).text).toEqual(expected);
  await client.close();
  await server.close();
  expect(wire.faults).toEqual([]);
  return wire.messages
    .filter(({ from }) => from === "server")
    .flatMap(({ message }) => (message.method as string) ?? []);
}

test(`each way of asking can be a task, and is plain unless it is to be one${verifies("TASK-05", "TASK-12", "TASK-15", "TASK-30")}`, async () => {
  const options: ConnectOptions = {
    elicit: () => ({ action: "accept", content: { name: "Ada" } }),
    elicitUrl: () => ({ action: "decline" }),
    sample: () => FOUR,
  };
  const run = async (ctx: Context, task: boolean): Promise<string> => {
    const [form, page, model] = await Promise.all([
      ctx.elicit(FORM, { task }),
      ctx.elicitUrl(PAGE, { task }),
      ctx.sample(QUESTION, { task }),
    ]);
    return JSON.stringify([form.content?.name, page.action, model.model]);
  };
  const said = '["Ada","decline","m"]';
  const plain = await talk((ctx) => run(ctx, false), options, said);
  expect(plain.sort()).toEqual(["elicitation/create", "elicitation/create", "sampling/createMessage"]);
  const tasks = await talk((ctx) => run(ctx, true), options, said);
  expect(tasks.filter((method) => method === "tasks/result")).toHaveLength(3);
  // The wait for the answer is enough: nobody has to look.
  expect(tasks).not.toContain("tasks/get");
  const undeclared = await talk((ctx) => run(ctx, true), { ...options, answerAsTasks: false }, said);
  expect(undeclared).not.toContain("tasks/result");
});

test("an answer that does not fit its form is refused, task or not", async () => {
  const raw = await openRaw((ctx) => ctx.elicit(FORM, { task: true }).then((answer) => answer.action));
  const call = raw.ask("tools/call", { name: "ask" });
  await answerAsTask(raw, "elicitation/create", { action: "accept", content: { name: 5 } });
  expect((await call).result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringMatching(/does not fit/) }],
  });
  await raw.server.close();
});

test(`a client may answer without a task all the same${verifies("TASK-06")}`, async () => {
  const handles: QuestionHandle<unknown>[] = [];
  const raw = await openRaw(async (ctx) => {
    const handle = await ctx.startElicit(FORM);
    handles.push(handle);
    await handle.cancel();
    for await (const state of handle.updates) throw new Error(`there is no state ${state.status}`);
    return (await handle.result()).action;
  });
  const call = raw.ask("tools/call", { name: "ask" });
  const asked = await until(() => raw.seen.find(({ method }) => method === "elicitation/create"));
  expect(asked.params?.task).toEqual({});
  raw.send({ jsonrpc: "2.0", id: asked.id, result: { action: "decline" } });
  expect((await call).result).toMatchObject({ content: [{ text: "decline" }] });
  expect(handles[0]?.id).toBeUndefined();
  await raw.server.close();
});

test(`a handler can cancel its question, and is told when the client did${verifies("TASK-35", "TASK-53")}`, async () => {
  let began = false;
  const run = async (ctx: Context): Promise<string> => {
    const handle = await ctx.startSample(QUESTION);
    await until(() => began);
    await handle.cancel();
    const refused = await handle.cancel().catch((error: { code: string }) => error.code);
    const why = await handle.result().then(
      () => "answered",
      (error: { code: string }) => error.code,
    );
    return `${refused} ${why}`;
  };
  let aborted = false;
  const said = await talk(
    run,
    {
      sample: (_params, { signal }) =>
        new Promise((_, reject) => {
          began = true;
          signal.addEventListener("abort", () => {
            aborted = true;
            reject(signal.reason);
          });
        }),
    },
    "ASK_REFUSED CANCELLED",
  );
  expect(aborted).toBe(true);
  expect(said).not.toContain("notifications/cancelled");
});

test(`a question whose call was given up is cancelled${verifies("TASK-53")}`, async () => {
  const raw = await openRaw((ctx) => ctx.elicit(FORM, { task: { ttlMs: 9_000 } }).then((answer) => answer.action));
  void raw.ask("tools/call", { name: "ask" });
  const asked = await until(() => raw.seen.find(({ method }) => method === "elicitation/create"));
  expect(asked.params?.task).toEqual({ ttl: 9_000 });
  raw.send({ jsonrpc: "2.0", id: asked.id, result: { task: taskOf("working") } });
  await until(() => raw.seen.some(({ method }) => method === "tasks/result"));
  const call = 2;
  raw.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: call } });
  const cancel = await until(() => raw.seen.find(({ method }) => method === "tasks/cancel"));
  expect(cancel.params).toEqual({ taskId: "t1" });
  expect(raw.seen.some(({ method }) => method === "notifications/cancelled")).toBe(false);
  expect(raw.errors).toEqual([]);
  await raw.server.close();
});

test(`changes are seen by notification and by looking, whichever comes first${verifies("TASK-30", "TASK-42", "TASK-43")}`, async () => {
  const seen: string[] = [];
  const raw = await openRaw(async (ctx) => {
    const handle = await ctx.startElicit(FORM);
    for await (const { status, message } of handle.updates) seen.push(`${status} ${message}`);
    return (await handle.result()).action;
  });
  const call = raw.ask("tools/call", { name: "ask" });
  const asked = await until(() => raw.seen.find(({ method }) => method === "elicitation/create"));
  raw.send({ jsonrpc: "2.0", id: asked.id, result: { task: taskOf("working", "began") } });
  const told = { ...taskOf("working", "told"), pollInterval: 1 };
  await answerNext(raw, "tasks/get", taskOf("working", "looked"));
  await until(() => seen.includes("working looked"));
  raw.send({ jsonrpc: "2.0", method: "notifications/tasks/status", params: { ...taskOf("failed"), taskId: "other" } });
  raw.send({ jsonrpc: "2.0", method: "notifications/tasks/status", params: told });
  await until(() => seen.includes("working told"));
  await answerNext(raw, "tasks/get", taskOf("completed", "done"));
  await answerNext(raw, "tasks/result", { action: "cancel" });
  expect((await call).result).toMatchObject({ content: [{ text: "cancel" }] });
  expect(seen).toEqual(["working began", "working looked", "working told", "completed done"]);
  await raw.server.close();
});

test(`what was seen last of a question that has ended stays, whatever was looked for before${verifies("TASK-24", "TASK-30")}`, async () => {
  const seen: string[] = [];
  const raw = await openRaw(async (ctx) => {
    const handle = await ctx.startElicit(FORM);
    for await (const { status } of handle.updates) seen.push(status);
    return `${(await handle.result()).action} ${handle.state?.status}`;
  });
  const call = raw.ask("tools/call", { name: "ask" });
  const asked = await until(() => raw.seen.find(({ method }) => method === "elicitation/create"));
  raw.send({ jsonrpc: "2.0", id: asked.id, result: { task: taskOf("working") } });
  await until(() => raw.seen.some(({ method }) => method === "tasks/get"));
  raw.send({ jsonrpc: "2.0", method: "notifications/tasks/status", params: taskOf("completed") });
  await answerNext(raw, "tasks/get", taskOf("working"));
  await answerNext(raw, "tasks/result", { action: "decline" });
  expect((await call).result).toMatchObject({ content: [{ text: "decline completed" }] });
  expect(seen).toEqual(["working", "completed"]);
  await raw.server.close();
});

test("a client that shows another task is told off, and its answer still counts", async () => {
  const raw = await openRaw(async (ctx) => {
    const handle = await ctx.startElicit(FORM);
    const looked = (async () => {
      for await (const state of handle.updates) void state;
    })();
    const why = await looked.catch((error: { code: string }) => error.code);
    return `${why} ${(await handle.result()).action}`;
  });
  const call = raw.ask("tools/call", { name: "ask" });
  const asked = await until(() => raw.seen.find(({ method }) => method === "elicitation/create"));
  raw.send({ jsonrpc: "2.0", id: asked.id, result: { task: taskOf("working") } });
  await answerNext(raw, "tasks/get", { ...taskOf("working"), taskId: "other" });
  await answerNext(raw, "tasks/result", { action: "decline" });
  expect((await call).result).toMatchObject({ content: [{ text: "INVALID_RESULT decline" }] });
  await raw.server.close();
});

test("inside a task a question is a question of the task", async () => {
  for (const revision of ["2025-11-25", "2026-07-28"] as const) {
    const server = createServer({ name: "inner", version: "1", tasks: { pollMs: 5 } });
    server.tool("ask", { task: "required" }, async (_args, ctx) => (await ctx.elicit(FORM, { task: true })).action);
    const client = await connect(server, {
      revisions: [revision],
      answerAsTasks: true,
      elicit: (form) => ({ action: form.task === undefined ? "decline" : "cancel" }),
    });
    await client.listTools();
    expect((await client.callTool("ask")).content).toEqual([{ type: "text", text: "decline" }]);
    await client.close();
    await server.close();
  }
});

function openRaw(run: (ctx: Context) => Promise<string>): Promise<Raw> {
  return createRaw((server) => server.tool("ask", {}, (_args, ctx) => run(ctx))).then(async (raw) => {
    await raw.initialize("2025-11-25", TASKS);
    return raw;
  });
}

function taskOf(status: string, statusMessage?: string): object {
  const at = new Date(0).toISOString();
  const message = statusMessage === undefined ? {} : { statusMessage };
  return { taskId: "t1", status, ...message, createdAt: at, lastUpdatedAt: at, ttl: 60_000, pollInterval: 10_000 };
}

const answered = new WeakSet<object>();

/** Answers the next request of this method. */
async function answerNext(raw: Raw, method: string, result: object): Promise<void> {
  const asked = await until(() => raw.seen.find((one) => one.method === method && !answered.has(one)));
  answered.add(asked);
  raw.send({ jsonrpc: "2.0", id: asked.id, result });
}

async function answerAsTask(raw: Raw, method: string, result: object): Promise<void> {
  await answerNext(raw, method, { task: taskOf("working") });
  await answerNext(raw, "tasks/result", result);
}

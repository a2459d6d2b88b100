/** The client's way with tasks, in both forms, in memory and over HTTP: one program for all four. */

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ElicitResult } from "../../generated/neutral/types.js";
import type { Client } from "../../runtime/client/client.js";
import { type ConnectOptions, connect } from "../../runtime/client/connect.js";
import type { Channel } from "../../runtime/jsonrpc/channel.js";
import { createHttpChannel } from "../../runtime/protocol/http-client.js";
import { createServer, type Server } from "../../runtime/server/server.js";
import { createMemoryPair } from "../../runtime/transport/memory.js";
import { tap } from "../matrix/wire.js";
import { verifies } from "../verifies.js";
import { defineTaskTools, Gates, until } from "./scene.js";

const text = (result: { content: readonly unknown[] }): unknown => (result.content[0] as { text?: string }).text;

const COLUMNS = [
  { revision: "2025-11-25", transport: "memory", core: true },
  { revision: "2025-11-25", transport: "http", core: true },
  { revision: "2026-07-28", transport: "memory", core: false },
  { revision: "2026-07-28", transport: "http", core: false },
] as const;

describe.each(COLUMNS)("$revision over $transport", ({ revision, transport, core }) => {
  let gates: Gates;
  let server: Server;
  let wire: ReturnType<typeof tap>;
  let client: Client;
  let forms: string[];
  const reported: Error[] = [];

  const open = async (more: ConnectOptions = {}): Promise<void> => {
    if (transport === "memory") {
      const [near, far] = createMemoryPair();
      await server.connect(far);
      wire = tap(near);
    } else wire = tap(createHttpChannel((await server.serveHttp()).url, {}));
    client = await connect(wire, {
      revisions: [revision],
      elicit(form): ElicitResult {
        forms.push(form.message);
        return { action: "accept", content: { name: form.message.includes("last") ? "Byron" : "Ada" } };
      },
      onerror: (error) => reported.push(error),
      ...more,
    });
  };
  beforeEach(async () => {
    gates = new Gates();
    forms = [];
    reported.length = 0;
    const onerror = (): void => undefined;
    server = createServer({ name: "tasks", version: "1", onerror, tasks: { pollMs: 10 } });
    defineTaskTools(server, gates);
  });
  afterEach(async () => {
    await client.close();
    await server.close();
    expect(wire.faults).toEqual([]);
  });
  const sent = (method: string) =>
    wire.messages
      .filter(({ from, message }) => from === "client" && message.method === method)
      .map(({ message }) => message);

  test(`a call waits as if there were no task${verifies("TASK-13", "TASK-30", "XTASK-05", "XTASK-22", "XTASK-43")}`, async () => {
    await open();
    gates.open("a");
    expect(text(await client.callTool("must", { gate: "a" }))).toBe("must a");
    expect(text(await client.callTool("work", { gate: "a" }))).toBe("through a");
    expect(text(await client.callTool("plain", { gate: "a" }))).toBe("plain a");
    expect(await client.callTool("broken")).toMatchObject({ isError: true, content: [{ text: "it is broken" }] });
    await expect(client.callTool("refuse")).rejects.toMatchObject({ rpcCode: -31_000, data: { why: "because" } });
    await expect(client.callTool("nope")).rejects.toMatchObject({ rpcCode: -32602 });
    // Once the tools are listed, it is known at once which calls are tasks.
    await client.listTools();
    const before = sent("tools/call").length;
    await client.callTool("must", { gate: "a" });
    expect(sent("tools/call")).toHaveLength(before + 1);
    const augmented = sent("tools/call").map(({ params }) => (params as { task?: unknown }).task !== undefined);
    expect(augmented.some(Boolean)).toBe(core);
  });

  test(`tools that have no tasks are called plainly${verifies("TASK-10", "TASK-12")}`, async () => {
    await open();
    const handle = await client.startTool("plain", { gate: "a" });
    expect(handle.id).toBeUndefined();
    expect(text(await handle.result())).toBe("plain a");
    const updates = [];
    for await (const update of handle.updates) updates.push(update);
    expect(updates).toEqual([]);
    await expect(handle.cancel()).rejects.toMatchObject({ code: "INVALID_USE" });
    for (const { params } of sent("tools/call")) expect(params).not.toHaveProperty("task");
  });

  test("a handle tells how the task stands until it has ended", async () => {
    await open();
    const handle = await client.startTool("work", { gate: "a" }, { ttlMs: 60_000 });
    expect(handle.id).toMatch(/^[\w-]{22,}$/);
    expect(handle.state).toMatchObject({ status: "working", pollMs: 10, ...(core ? { ttlMs: 60_000 } : {}) });
    const seen: string[] = [];
    for await (const { status, message } of handle.updates) {
      seen.push(`${status} ${message ?? ""}`.trim());
      if (message !== undefined) gates.open("a");
    }
    expect(seen.at(-2)).toBe("working at the gate a");
    expect(seen.at(-1)).toMatch(/^completed/);
    expect(text(await handle.result())).toBe("through a");
    expect(await handle.result()).toBe(await handle.result());
  });

  test(`what a task asks is answered by the callbacks, once each${verifies("TASK-50", "XTASK-25", "XTASK-26", "XTASK-27")}`, async () => {
    await open();
    const handle = await client.startTool("both");
    const statuses = [];
    for await (const { status } of handle.updates) statuses.push(status);
    expect(text(await handle.result())).toBe("Ada Byron");
    expect(forms.toSorted()).toEqual(["Your first name?", "Your last name?"]);
    expect(statuses.at(-1)).toBe("completed");
    expect(text(await client.callTool("greet"))).toBe("Hello Ada.");
  });

  test("a task is found again by its id", async () => {
    await open();
    const { id = "" } = await client.startTool("work", { gate: "a" });
    const handle = await client.task(id);
    expect(handle.state).toBeUndefined();
    gates.open("a");
    expect(text(await handle.result())).toBe("through a");
    const gone = await client.task("made up");
    await expect(gone.result()).rejects.toMatchObject({ rpcCode: -32602 });
    const looking = (await client.task("made up")).updates[Symbol.asyncIterator]();
    await expect(looking.next()).rejects.toMatchObject({ rpcCode: -32602 });
  });

  test(`who gives a call up cancels its task by its own method${verifies("TASK-53", "XTASK-33", "BASE-62")}`, async () => {
    await open();
    const controller = new AbortController();
    const call = client.startTool("work", { gate: "a" }, { signal: controller.signal });
    const handle = await call;
    const result = handle.result();
    await until(() => gates.runs.includes("a"));
    controller.abort(new Error("enough"));
    await expect(result).rejects.toMatchObject({ code: "CANCELLED", cause: { message: "enough" } });
    await until(() => gates.runs.includes("aborted a"));
    expect(sent("tasks/cancel")).toHaveLength(1);
    const cancelledIds = sent("notifications/cancelled").map(
      ({ params }) => (params as { requestId: unknown }).requestId,
    );
    expect(cancelledIds).not.toContain(sent("tools/call")[0]?.id);
  });

  test("a task that somebody cancelled has no result", async () => {
    await open();
    const handle = await client.startTool("work", { gate: "a" });
    const result = handle.result();
    result.catch(() => undefined);
    await handle.cancel();
    await expect(result).rejects.toMatchObject({ code: "CANCELLED" });
    const again = await client.task(handle.id ?? "");
    await expect(again.result()).rejects.toMatchObject({ code: "CANCELLED" });
    if (core) await expect(handle.cancel()).rejects.toMatchObject({ rpcCode: -32602 });
    else await handle.cancel();
  });

  test("who is asked hears that the task has ended, and the question with it", async () => {
    const signals: AbortSignal[] = [];
    await open({
      elicit: (_form, { signal }) => {
        signals.push(signal);
        return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      },
    });
    const handle = await client.startTool("greet");
    const result = handle.result();
    result.catch(() => undefined);
    await until(() => signals.length === 1);
    expect(signals[0]?.aborted).toBe(false);
    await handle.cancel();
    await expect(result).rejects.toMatchObject({ code: "CANCELLED" });
    await until(() => signals[0]?.aborted);
    expect(signals).toHaveLength(1);
  });

  test("progress is heard of beyond the first answer, where tasks have it", async () => {
    await open();
    const seen: number[] = [];
    const handle = await client.startTool(
      "steps",
      { gate: "a" },
      { onprogress: ({ progress }) => seen.push(progress) },
    );
    const result = handle.result();
    gates.open("a");
    expect(text(await result)).toBe("stepped");
    // Over HTTP it needs a stream that belongs to no request, which is not looked for here.
    if (core && transport === "memory") expect(seen).toEqual([1, 2]);
    if (!core) expect(seen).toEqual([]);
  });

  test("questions can be answered by hand, where they stand in the task", async () => {
    await open();
    const handle = await client.startTool("both", {}, { answerByHand: true });
    if (core) {
      await expect(handle.answer("first", {})).rejects.toMatchObject({ code: "NOT_IN_REVISION" });
      return;
    }
    const answered = new Set<string>();
    for await (const { questions = {} } of handle.updates)
      for (const key of Object.keys(questions)) {
        if (answered.has(key)) continue;
        answered.add(key);
        await handle.answer(key, { action: "accept", content: { name: key } });
      }
    expect(text(await handle.result())).toBe("first last");
    expect(forms).toEqual([]);
  });

  test("a callback that fails ends the call", async () => {
    await open({
      elicit() {
        throw new Error("no person is here");
      },
    });
    const handle = await client.startTool("greet");
    if (core) expect(await handle.result()).toMatchObject({ isError: true });
    else await expect(handle.result()).rejects.toMatchObject({ code: "NOT_ANSWERED" });
  });

  test(`a client that wants no tasks gets none${verifies("XTASK-04")}`, async () => {
    await open({ tasks: false });
    gates.open("a");
    expect(text(await client.callTool("work", { gate: "a" }))).toBe("through a");
    if (!core) await expect(client.callTool("must", { gate: "a" })).rejects.toMatchObject({ rpcCode: -32021 });
    expect(wire.messages.some(({ message }) => String(message.method).startsWith("tasks/"))).toBe(false);
  });
});

test("a revision without tasks says so, and calls go on", async () => {
  const gates = new Gates();
  gates.open("a");
  const server = createServer({ name: "tasks", version: "1" });
  defineTaskTools(server, gates);
  const client = await connect(server, { revisions: ["2025-06-18"] });
  expect(text(await client.callTool("work", { gate: "a" }))).toBe("through a");
  await expect(client.startTool("work", { gate: "a" })).rejects.toMatchObject({ code: "NOT_IN_REVISION" });
  await expect(client.task("x")).rejects.toMatchObject({ code: "NOT_IN_REVISION" });
  await client.close();
  await server.close();
});

/** A channel on which what comes is changed on its way, or lost. */
function meddle(channel: Channel, change: (message: Wire) => Wire | undefined): Channel {
  return {
    open: (events) =>
      channel.open({
        onmessage(message, origin) {
          const changed = change(message as Wire);
          if (changed !== undefined) events.onmessage(changed, origin);
        },
        onerror: (error) => events.onerror(error),
        onlost: (id, error) => events.onlost(id, error),
        onend: () => events.onend(),
        onclose: (reason) => events.onclose(reason),
      }),
    send: (message, about) => channel.send(message, about),
    close: () => channel.close(),
  };
}

type Wire = { readonly method?: string; readonly result?: { readonly [key: string]: unknown } };

const connectThrough = async (
  define: (server: Server) => void,
  revision: "2025-11-25" | "2026-07-28",
  change: (message: Wire) => Wire | undefined,
): Promise<{ server: Server; client: Client; seen: ReturnType<typeof tap> }> => {
  const server = createServer({ name: "tasks", version: "1", tasks: { pollMs: 10 } });
  define(server);
  const [near, far] = createMemoryPair();
  await server.connect(far);
  const seen = tap(near);
  return { server, seen, client: await connect(meddle(seen, change), { revisions: [revision] }) };
};

test(`nothing is asked of a server that did not declare it, whatever its tools say${verifies("TASK-09")}`, async () => {
  const define = (server: Server): void => {
    server.tool("boast", {}, () => "plainly");
    server.use("tools/list", async (_params, _ctx, next) => {
      const { tools, ...rest } = await next();
      return { ...rest, tools: tools.map((tool) => ({ ...tool, execution: { taskSupport: "required" as const } })) };
    });
  };
  const { server, client, seen } = await connectThrough(define, "2025-11-25", (message) => message);
  await client.listTools();
  expect(text(await client.callTool("boast"))).toBe("plainly");
  const handle = await client.startTool("boast");
  expect(handle.id).toBeUndefined();
  const calls = seen.messages.filter(({ message }) => message.method === "tools/call");
  expect(calls).toHaveLength(2);
  for (const { message } of calls) expect(message.params).not.toHaveProperty("task");
  await client.close();
  await server.close();
});

test(`a handle sees changes that it was not told of${verifies("TASK-43")}`, async () => {
  const gates = new Gates();
  let lost = 0;
  const { server, client } = await connectThrough(
    (one) => defineTaskTools(one, gates),
    "2025-11-25",
    (message) => {
      if (message.method !== "notifications/tasks/status") return message;
      lost++;
      return undefined;
    },
  );
  const handle = await client.startTool("work", { gate: "a" });
  const seen: unknown[] = [];
  for await (const { status, message } of handle.updates) {
    seen.push(status);
    if (message !== undefined) gates.open("a");
  }
  expect(seen.at(-1)).toBe("completed");
  expect(lost).toBeGreaterThan(0);
  await client.close();
  await server.close();
});

test(`a task in the place of any other result is no result${verifies("XTASK-08")}`, async () => {
  const task = { taskId: "t", status: "working", createdAt: "", lastUpdatedAt: "", ttlMs: null, resultType: "task" };
  const { server, client } = await connectThrough(
    (one) => void one.prompt("hello", {}, () => "hello"),
    "2026-07-28",
    (message) => (message.result?.messages === undefined ? message : { ...message, result: task }),
  );
  await expect(client.getPrompt("hello")).rejects.toMatchObject({ code: "INVALID_RESULT" });
  await client.close();
  await server.close();
});

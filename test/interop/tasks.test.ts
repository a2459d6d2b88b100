/**
 * Tasks and tools in sampling with the official packages, in both roles and directions: `@modelcontextprotocol/sdk` with its experimental
 * tasks, `@modelcontextprotocol/ext-tasks` as requestor and receiver, and `@modelcontextprotocol/client`.
 */

import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Client } from "../../runtime/client/client.js";
import { connect } from "../../runtime/client/connect.js";
import { createAgentTool } from "../../runtime/server/index.js";
import type { HttpListener } from "../../runtime/server/serve-http.js";
import { createServer, type Server } from "../../runtime/server/server.js";
import { createChildChannel } from "../../runtime/transport/stdio-child.js";
import { type Tapped, tap } from "../matrix/wire.js";
import { verifies } from "../verifies.js";
import { answerOf, openReceiver, openSession, openV1, openV2 } from "./drivers/official-tasks.mjs";

const NAME = { type: "object", properties: { name: { type: "string" } }, required: ["name"] } as const;
const VALUE = { type: "object", properties: { value: { type: "string" } }, required: ["value"] } as const;
const QUESTION = {
  maxTokens: 5,
  messages: [{ role: "user" as const, content: { type: "text" as const, text: "2+2?" } }],
};
const textOf = ({ content }: { readonly content: readonly unknown[] }): string => (content[0] as { text: string }).text;

/** The same as the servers of others. */
function defineTasks(server: Server): void {
  server.tool("work", { task: "optional", input: VALUE }, async ({ value }) => `worked on ${value}`);
  server.tool("endless", { task: "required" }, (_args, ctx) => {
    return new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason)));
  });
  server.tool("broken", { task: "required" }, () => {
    throw new Error("it is broken");
  });
  server.tool("greet", { task: "required" }, async (_args, ctx) => {
    const answer = await ctx.elicit({ message: "Your name?", requestedSchema: NAME });
    return `Hello ${answer.content?.name}.`;
  });
  server.tool("ponder", {}, async (_args, ctx) => {
    const handle = await ctx.startSample(QUESTION);
    const { model, content } = await handle.result();
    return `${typeof handle.id} ${model}: ${(content as { text: string }).text}`;
  });
  server.tool("form", {}, async (_args, ctx) => {
    const answer = await ctx.elicit({ message: "Your name?", requestedSchema: NAME }, { task: { ttlMs: 60_000 } });
    return `${answer.content?.name}`;
  });
  const stock = createAgentTool({
    name: "stock",
    input: { type: "object", properties: { of: { type: "string" } } },
    run: ({ of }) => `six ${of}`,
  });
  server.tool("dinner", {}, async (_args, ctx) => {
    const { text, toolCalls } = await ctx.agent({ prompt: "What is there?", tools: [stock], maxRounds: 4 });
    return `${toolCalls} tools, ${text}`;
  });
}

describe("clients of others with this package's server", () => {
  let server: Server;
  let listener: HttpListener;
  const errors: string[] = [];
  const closing: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    server = createServer({
      name: "tasks",
      version: "1.0.0",
      tasks: { pollMs: 30 },
      onerror: (error) => errors.push(error.message),
      requestState: { keys: ["a secret of at least thirty-two bytes, for tests"] },
    });
    defineTasks(server);
    listener = await server.serveHttp({ authenticate: async () => ({ principal: "one" }) });
  });
  afterEach(async () => {
    for (const one of closing.splice(0)) await one.close();
    expect(errors.filter((message) => !message.includes("it is broken"))).toEqual([]);
  });
  afterAll(() => server.close());
  async function opened<T extends { close(): Promise<void> }>(peer: Promise<T>): Promise<T> {
    const open = await peer;
    closing.push(open);
    return open;
  }

  test(`sdk 1 runs tools as tasks, answers their questions, lists and cancels them${verifies("TASK-13", "TASK-16", "TASK-29", "TASK-31", "TASK-35", "TASK-41", "TASK-47")}`, async () => {
    const peer = await opened(openV1(listener.url));
    await peer.listTools();
    const work = await peer.runTask("work", { value: "it" });
    expect(work.seen[0]).toBe("taskCreated");
    expect(textOf(work.result)).toBe("worked on it");
    expect(textOf((await peer.runTask("greet")).result)).toBe("Hello Ada.");
    expect(peer.asked).toEqual(["elicitation/create"]);
    expect(await peer.cancelTask("endless")).toEqual({ looked: "working", listed: true, cancelled: "cancelled" });
  });

  test(`sdk 1 answers questions as tasks of its own${verifies("TASK-03", "TASK-05", "TASK-15", "TASK-32")}`, async () => {
    const peer = await opened(openV1(listener.url));
    expect(textOf(await peer.callTool("ponder"))).toBe("string m1: 4");
    expect(textOf(await peer.callTool("form"))).toBe("Ada");
    expect(peer.asked).toEqual(["sampling/createMessage as a task", "elicitation/create as a task"]);
  });

  test(`ext-tasks answers questions as tasks${verifies("TASK-03", "TASK-05", "TASK-15", "TASK-32")}`, async () => {
    const peer = await opened(openReceiver(listener.url));
    expect(textOf(await peer.callTool("ponder"))).toBe("string m1: 4");
    expect(textOf(await peer.callTool("form"))).toBe("Ada");
    expect(peer.asked).toEqual(["sampling/createMessage", "elicitation/create"]);
  });

  test(`ext-tasks runs tools as tasks of the extension${verifies("XTASK-05", "XTASK-12", "XTASK-13", "XTASK-14", "XTASK-15", "XTASK-16", "XTASK-22", "XTASK-25", "XTASK-34", "XTASK-40")}`, async () => {
    const peer = await opened(openSession(listener.url, { pin: "2026-07-28" }));
    const work = await peer.run("work", { value: "it" });
    expect([work.kind, work.status, textOf(work.result())]).toEqual(["task", "completed", "worked on it"]);
    const greet = await peer.run("greet", {});
    expect([greet.status, textOf(greet.result())]).toEqual(["completed", "Hello Ada."]);
    expect(peer.asked).toEqual(["elicitation"]);
    const broken = await peer.run("broken", {});
    expect([broken.status, broken.result().isError]).toEqual(["completed", true]);
    expect(await peer.cancel("endless", {})).toBe("cancelled");
  });

  test.each([
    ["sdk 1", "2025-11-25", (url: string) => openV1(url)],
    ["sdk 2", "2025-11-25", (url: string) => openV2(url, "legacy")],
    ["sdk 2", "2026-07-28", (url: string) => openV2(url, { pin: "2026-07-28" })],
  ] as const)(
    `%s answers an agent with tools, %s${verifies("SAMP-19", "SAMP-22", "SAMP-25", "SAMP-26")}`,
    async (_name, _revision, open) => {
      const peer = await opened<{
        callTool(name: string): Promise<{ content: readonly unknown[] }>;
        close(): Promise<void>;
      }>(open(listener.url));
      expect(textOf(await peer.callTool("dinner"))).toBe("2 tools, six eggs and six milk");
    },
  );
});

describe("this package's client with the server of sdk 1", () => {
  let client: Client;
  let wire: Tapped;
  const asked: string[] = [];
  beforeAll(async () => {
    const script = fileURLToPath(new URL("servers/official-v1-tasks.mjs", import.meta.url));
    wire = tap(createChildChannel({ command: process.execPath, args: [script] }));
    client = await connect(wire, {
      revisions: ["2025-11-25"],
      sampleWithTools: true,
      answerAsTasks: { pollMs: 20 },
      sample(params) {
        asked.push("sample");
        return answerOf(params);
      },
      elicit(form) {
        asked.push(form.message);
        return { action: "accept", content: { name: "Ada" } };
      },
    });
  });
  afterAll(async () => {
    await client.close();
    expect(wire.faults).toEqual([]);
  });

  test(`runs its tools as tasks${verifies("TASK-09", "TASK-12", "TASK-13", "TASK-15", "TASK-30")}`, async () => {
    const task = await client.startTool("work", { value: "it" }, { ttlMs: 60_000 });
    const seen: string[] = [];
    for await (const { status } of task.updates) seen.push(status);
    expect([seen[0], seen.at(-1)]).toEqual(["working", "completed"]);
    expect(textOf(await task.result())).toBe("worked on it");
    expect(textOf(await client.callTool("must", { value: "it" }))).toBe("must it");
    expect(textOf(await (await client.task(task.id ?? "")).result())).toBe("worked on it");
    const { tasks } = await client.request("tasks/list");
    expect(tasks.map(({ taskId }) => taskId)).toContain(task.id);
  });

  test(`answers what a task asks, and cancels one${verifies("TASK-47", "TASK-50", "TASK-53")}`, async () => {
    asked.length = 0;
    expect(textOf(await client.callTool("greet"))).toBe("Hello Ada.");
    expect(asked).toEqual(["Your name?"]);
    const task = await client.startTool("endless");
    await task.cancel();
    await expect(task.result()).rejects.toMatchObject({ code: expect.stringMatching(/CANCELLED|RPC/) });
  });

  test(`takes its questions as tasks${verifies("TASK-03", "TASK-16", "TASK-31", "TASK-33")}`, async () => {
    const pondered = textOf(await client.callTool("ponder"));
    expect(pondered).toMatch(/^taskCreated .*"model":"m1"/);
    expect(textOf(await client.callTool("form"))).toMatch(/^taskCreated .*"name":"Ada"/);
  });

  test(`answers with tools in sampling${verifies("SAMP-19", "SAMP-25", "SAMP-26")}`, async () => {
    expect(textOf(await client.callTool("dinner"))).toBe("2 tools, six eggs and six milk");
  });
});

test.each(["2025-11-25", "2026-07-28"] as const)(
  `this package's client wishes for tools where a server of sdk 2 asks its model, %s${verifies("SAMP-19", "SAMP-25", "SAMP-27")}`,
  async (revision) => {
    const script = fileURLToPath(new URL("servers/official-v2-stdio.mjs", import.meta.url));
    const wire = tap(createChildChannel({ command: process.execPath, args: [script] }));
    const client = await connect(wire, { revisions: [revision], sampleWithTools: true, sample: answerOf });
    expect(textOf(await client.callTool("wish"))).toBe("tool_use eggs,tool_use milk");
    await client.close();
    expect(wire.faults).toEqual([]);
  },
);

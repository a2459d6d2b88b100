/** One behaviour suite over every revision and transport; all that passes on the wire is checked against the revision. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ElicitResult, LoggingMessageNotificationParams } from "../../generated/neutral/types.js";
import type { Client } from "../../runtime/client/client.js";
import { type ConnectOptions, connect } from "../../runtime/client/connect.js";
import type { ServerEvent } from "../../runtime/protocol/era.js";
import { verifies } from "../verifies.js";
import { openSubject, rows } from "./wire.js";

const asText = (result: { content: readonly unknown[] }): unknown => (result.content[0] as { text?: string }).text;

/** A behaviour that a revision does not have is no test there, rather than a skipped one. */
function noTest(): void {}

/** `[prefix/]name`: labels of letters, digits and hyphens with dots between, and a name that begins and ends with a letter or digit. */
const LABEL = "[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const META_KEY = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*/)?[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$`);

/** The keys of every `_meta` in a message. */
function metaKeys(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === "_meta" ? Object.keys(inner as object) : []),
    ...metaKeys(inner),
  ]);
}

describe.each(rows)("$revision over $transport", ({ revision, era, traits, transport }) => {
  let wire: Awaited<ReturnType<typeof openSubject>>;
  let client: Client;
  const logs: LoggingMessageNotificationParams[] = [];
  const forms: string[] = [];
  const options: ConnectOptions = {
    name: "matrix",
    version: "0.1.0",
    revisions: [revision],
    elicit(form): ElicitResult {
      forms.push(form.message);
      return { action: "accept", content: { name: forms.length % 2 === 1 ? "Ada" : "Byron" } };
    },
    sample: () => ({ role: "assistant", model: "m1", content: { type: "text", text: "4" } }),
    answerAsTasks: true,
    roots: [{ uri: "file:///work" }],
    onlog: (entry) => logs.push(entry),
  };
  beforeAll(async () => {
    wire = await openSubject(transport);
    client = await connect(wire, options);
  });
  afterAll(async () => {
    await client.close();
    await wire.end();
    expect(wire.faults).toEqual([]);
  });
  const asking = revision !== "2024-11-05" && revision !== "2025-03-26";

  test(`opens as its era does${verifies("LIFE-07", "LIFE-08", "LIFE-11", "LIFE-12", "LIFE-17", "LIFE-43", "LIFE-50", "LIFE-52", "LIFE-69", "LIFE-70", "STDIO-34")}`, () => {
    expect(client.peer).toMatchObject({ revision, instructions: "Call echo." });
    expect(client.peer.serverInfo).toMatchObject({ name: "subject", version: "1.2.3" });
    expect(client.peer.serverCapabilities.tools).toEqual({ listChanged: true });
    expect("completions" in client.peer.serverCapabilities).toBe(revision !== "2024-11-05");
    const methods = wire.messages.slice(0, 3).map(({ message }) => message.method);
    expect(methods[0]).toBe(era === "stateful" ? "initialize" : "server/discover");
    if (era === "stateful") expect(methods[2]).toBe("notifications/initialized");
  });

  test(`lists tools page by page${verifies("TOOL-01", "TOOL-03", "BASE-77", "BASE-79", "BASE-81", "BASE-85", "BASE-98")}`, async () => {
    const pages = [];
    for await (const page of client.listTools().pages()) pages.push(page);
    expect(pages.length).toBeGreaterThan(2);
    for (const page of pages) {
      expect(page.ttlMs).toBe(era === "stateless" ? 0 : undefined);
      expect(page.resultType).toBe(era === "stateless" ? "complete" : undefined);
    }
    const tools = await client.listTools();
    expect(tools[0]).toMatchObject({ name: "echo", title: "Echo", annotations: { readOnlyHint: true } });
    const numbers = tools.find(({ name }) => name === "numbers");
    expect("outputSchema" in (numbers ?? {})).toBe(traits.anyStructuredContent);
  });

  test(`refuses a cursor that is none${verifies("BASE-83")}`, async () => {
    await expect(client.request("tools/list", { cursor: "made up" })).rejects.toMatchObject({ rpcCode: -32602 });
  });

  test(`calls tools${verifies("TOOL-15", "TOOL-16", "TOOL-17", "TOOL-18", "TOOL-19", "TOOL-23", "BASE-31")}`, async () => {
    expect(asText(await client.callTool("echo", { text: "hi" }))).toBe("hi");
    const sum = await client.callTool("add", { a: 1, b: 2 });
    expect(sum.structuredContent).toEqual({ sum: 3 });
    expect(asText(sum)).toBe('{"sum":3}');
    expect((await client.callTool("numbers")).structuredContent).toEqual(
      traits.anyStructuredContent ? [1, 2] : undefined,
    );
    expect(await client.callTool("fail")).toMatchObject({
      isError: true,
      content: [{ type: "text", text: "it is broken" }],
    });
    await expect(client.callTool("nope")).rejects.toMatchObject({ rpcCode: -32602, message: "Unknown tool: nope" });
  });

  test(`tells bad arguments in the way of the revision${verifies("TOOL-24", "TOOL-26")}`, async () => {
    const call = client.callTool("echo", { text: 5 });
    if (traits.argumentErrorsAsResults) expect(await call).toMatchObject({ isError: true });
    else await expect(call).rejects.toMatchObject({ rpcCode: -32602, data: { failures: [{ pointer: "/text" }] } });
  });

  test(`refuses unknown methods and params that do not fit, with pointers${verifies("BASE-12", "LIFE-63", "BASE-76")}`, async () => {
    await expect(client.request("resources/read", { uri: 5 } as never)).rejects.toMatchObject({
      rpcCode: -32602,
      data: { failures: [{ pointer: "/params/uri", expected: "string", actual: "number 5" }] },
    });
    // The tap noticed it too, which shows that it looks.
    expect(wire.faults.splice(0)).toHaveLength(1);
    await expect(client.request("made/up" as never, {} as never)).rejects.toThrow(/made\/up/);
    await client.ping();
  });

  test(`reads resources${verifies("RES-01", "RES-02", "RES-03", "RES-09", "RES-10", "RES-11")}`, async () => {
    expect((await client.listResources()).map(({ uri }) => uri)).toEqual(["memo://one", "memo://bytes"]);
    expect((await client.listResourceTemplates()).map(({ uriTemplate }) => uriTemplate)).toEqual(["memo://item/{id}"]);
    expect((await client.readResource("memo://one")).contents).toEqual([
      { uri: "memo://one", mimeType: "text/plain", text: "first" },
    ]);
    expect((await client.readResource("memo://bytes")).contents).toEqual([{ uri: "memo://bytes", blob: "AQID" }]);
    expect((await client.readResource("memo://item/a%20b")).contents[0]).toMatchObject({ text: "item a b" });
    const code = traits.resourceNotFoundCode ? -32002 : -32602;
    for (const uri of ["memo://none", "memo://item/none"])
      await expect(client.readResource(uri)).rejects.toMatchObject({ rpcCode: code, data: { uri } });
  });

  test(`gives prompts${verifies("PROMPT-01", "PROMPT-02", "PROMPT-03", "PROMPT-04", "PROMPT-05", "PROMPT-07")}`, async () => {
    expect(await client.listPrompts()).toEqual([
      { name: "review", description: "Reviews.", arguments: [{ name: "topic", required: true }, { name: "tone" }] },
    ]);
    const prompt = await client.getPrompt("review", { topic: "it", tone: "dry" });
    expect(prompt.messages).toEqual([{ role: "user", content: { type: "text", text: "Review it in a dry tone." } }]);
    await expect(client.getPrompt("review")).rejects.toMatchObject({ rpcCode: -32602 });
    await expect(client.getPrompt("nope")).rejects.toMatchObject({ rpcCode: -32602 });
    // Values are text and nothing else.
    await expect(client.getPrompt("review", { topic: ["it"] } as never)).rejects.toMatchObject({
      rpcCode: -32602,
      data: { failures: [{ pointer: "/params/arguments/topic", expected: "string" }] },
    });
    expect(wire.faults.splice(0)).toHaveLength(1);
  });

  test(`completes${verifies("COMP-01", "COMP-02", "COMP-04", "COMP-05", "COMP-08")}`, async () => {
    const item = await client.complete({
      ref: { type: "ref/resource", uri: "memo://item/{id}" },
      argument: { name: "id", value: "a" },
    });
    expect(item.completion).toEqual({ values: ["alpha"], total: 1, hasMore: false });
    const topic = await client.complete({
      ref: { type: "ref/prompt", name: "review" },
      argument: { name: "topic", value: "" },
    });
    expect(topic.completion.values).toHaveLength(100);
    expect(topic.completion).toMatchObject({ total: 120, hasMore: true });
    const nothing = await client.complete({
      ref: { type: "ref/prompt", name: "review" },
      argument: { name: "constructor", value: "" },
    });
    expect(nothing.completion.values).toEqual([]);
    for (const ref of [
      { type: "ref/prompt", name: "nope" },
      { type: "ref/resource", uri: "memo://one" },
    ] as const)
      await expect(client.complete({ ref, argument: { name: "topic", value: "" } })).rejects.toMatchObject({
        rpcCode: -32602,
      });
  });

  test(`reports progress that grows${verifies("BASE-49", "BASE-51", "BASE-52", "BASE-55")}`, async () => {
    const seen: unknown[] = [];
    await client.callTool("slow", undefined, { onprogress: ({ progress }) => seen.push(progress) });
    expect(seen).toEqual([1, 2]);
  });

  test(`cancels${verifies("BASE-59", "BASE-63", "BASE-69", "BASE-72", "STDIO-22", "STDIO-23", "STDIO-24")}`, async () => {
    const controller = new AbortController();
    const call = client.callTool("hang", undefined, { signal: controller.signal });
    await client.ping();
    controller.abort("enough");
    await expect(call).rejects.toMatchObject({ code: "CANCELLED" });
    await expect.poll(async () => asText(await client.callTool("cancelled"))).toBe("1");
  });

  test(`logs at the level asked for${verifies("LOG-01", "LOG-02", "LOG-03", "LOG-04", "LOG-06", "LOG-07")}`, async () => {
    await client.callTool("log");
    // Without a wish, the one era logs nothing and the other what the server chose.
    expect(logs.map(({ level }) => level)).toEqual(era === "stateless" ? [] : ["error"]);
    logs.length = 0;
    await client.setLogLevel("debug");
    await client.callTool("log");
    expect(logs).toMatchObject([
      { level: "debug", data: "small" },
      { level: "error", logger: "subject", data: { big: true } },
    ]);
    await client.setLogLevel("emergency");
  });

  test(`tells of changes to who listens${verifies("TOOL-04", "TOOL-05", "RES-05", "RES-07", "RES-08", "SUB-02", "SUB-03", "SUB-04", "SUB-07", "SUB-08", "SUB-12")}`, async () => {
    const events: ServerEvent[] = [];
    const uris = ["memo://one", "memo://tree"];
    const listening = await client.subscribe({ tools: true, uris }, (event) => events.push(event));
    expect(listening.agreed).toMatchObject({ tools: true, uris });
    for (const text of ["memo://one", "memo://tree/leaf", "memo://other"]) await client.callTool("touch", { text });
    await client.callTool("grow");
    // They come by another way than answers.
    await expect.poll(() => events.length).toBe(3);
    expect(events).toEqual([
      { type: "resourceUpdated", uri: "memo://one" },
      { type: "resourceUpdated", uri: "memo://tree/leaf" },
      { type: "toolsChanged" },
    ]);
    await listening.close();
    await client.callTool("touch", { text: "memo://one" });
    await client.ping();
    expect(events).toHaveLength(3);
    expect(await listening.ended).toBeUndefined();
  });

  const whereAsking = asking ? test : noTest;
  whereAsking(
    `asks back through one handler${verifies("LIFE-39", "ELIC-03", "ELIC-08", "ELIC-09", "ELIC-16", "MRTR-01", "MRTR-02", "MRTR-05", "MRTR-06", "MRTR-07", "MRTR-12", "MRTR-14", "MRTR-15", "MRTR-16", "MRTR-19", "ROOT-01", "ROOT-02", "ROOT-03")}`,
    async () => {
      forms.length = 0;
      const before = wire.messages.length;
      const greeting = asText(await client.callTool("greet"));
      expect(greeting).toMatch(/^Hello Ada Byron in file:\/\/\/work, effect (\d+) of \1\.$/);
      expect(forms).toEqual(["Your name?", "Ada, and your other name?"]);
      const calls = wire.messages.slice(before).filter(({ message }) => message.method === "tools/call");
      // Two questions that start together go out together.
      expect(calls).toHaveLength(era === "stateless" ? 3 : 1);
      expect(new Set(calls.map(({ message }) => message.id)).size).toBe(calls.length);
    },
  );

  const whereNotAsking = asking ? noTest : test;
  whereNotAsking("says that a revision has no way to ask", async () => {
    expect(await client.callTool("greet")).toMatchObject({ isError: true });
  });

  const whereTasks = revision === "2025-11-25" || era === "stateless" ? test : noTest;
  whereTasks(
    `runs a tool as a task, and finds it again${verifies("TASK-16", "TASK-23", "TASK-29", "TASK-32", "TASK-47", "XTASK-12", "XTASK-14", "XTASK-16")}`,
    async () => {
      const handle = await client.startTool("job", { text: "dig" });
      const statuses: string[] = [];
      for await (const { status } of handle.updates) statuses.push(status);
      expect(statuses.at(-1)).toBe("completed");
      expect(asText(await handle.result())).toBe("dig: accept");
      expect(asText(await (await client.task(handle.id ?? "")).result())).toBe("dig: accept");
      expect(asText(await client.callTool("job", { text: "sow" }))).toBe("sow: accept");
    },
  );
  const whereNoTasks = asking && revision !== "2025-11-25" && era === "stateful" ? test : noTest;
  whereNoTasks("runs plainly what may be a task", async () => {
    expect(asText(await client.callTool("job", { text: "dig" }))).toBe("dig: accept");
    await expect(client.startTool("job", { text: "dig" })).rejects.toMatchObject({ code: "NOT_IN_REVISION" });
  });

  test(`asks the model and for roots${verifies("SAMP-01", "SAMP-05", "SAMP-06", "SAMP-12", "LIFE-62", "MRTR-01", "STDIO-15", "STDIO-16", "STDIO-17")}`, async () => {
    expect(asText(await client.callTool("think"))).toBe("m1: 4");
    expect(asText(await client.callTool("where"))).toBe("file:///work");
    const asked = wire.messages.filter(({ from, message }) => from === "server" && message.method === "roots/list");
    expect(asked.length > 0).toBe(era === "stateful");
    const requests = wire.messages.filter(
      ({ from, message }) => from === "server" && "method" in message && "id" in message,
    );
    const responses = wire.messages.filter(({ from, message }) => from === "client" && !("method" in message));
    expect([requests.length > 0, responses.length > 0]).toEqual([era === "stateful", era === "stateful"]);
  });

  test(`asks for a task of the client, where there are such, and plainly where there are none${verifies("TASK-01", "TASK-03", "TASK-05", "TASK-15", "TASK-16", "TASK-18", "TASK-29", "TASK-33", "TASK-42", "XTASK-02")}`, async () => {
    const before = wire.messages.length;
    const answer = asText(await client.callTool("ponder"));
    const later = wire.messages
      .slice(before)
      .map(({ from, message }) => ({ from, ...message }) as Record<string, unknown>);
    const asked = later.filter(({ from, method }) => from === "server" && method !== undefined);
    if (revision !== "2025-11-25") {
      expect(answer).toBe("m1: 4; undefined; ,");
      for (const { params } of asked) expect(params).not.toHaveProperty("task");
      return;
    }
    expect(answer).toBe("m1: 4; string; working 60000,completed 60000");
    expect(asked.find(({ method }) => method === "sampling/createMessage")?.params).toMatchObject({
      task: { ttl: 60_000 },
    });
    const fetch = asked.find(({ method }) => method === "tasks/result");
    const taskId = (fetch?.params as { taskId?: string } | undefined)?.taskId;
    const fetched = later.find(({ from, id, result }) => from === "client" && id === fetch?.id && result !== undefined);
    expect(fetched?.result).toMatchObject({
      model: "m1",
      _meta: { "io.modelcontextprotocol/related-task": { taskId } },
    });
    const told = later.find(({ from, method }) => from === "client" && method === "notifications/tasks/status");
    expect(told?.params).toMatchObject({ taskId, status: "completed", ttl: 60_000 });
  });

  test(`says things once each: every message alone, ids of its own, keys of _meta as they may be${verifies("LIFE-21", "BASE-04", "BASE-05", "BASE-20", "BASE-22", "BASE-23", "BASE-25", "STDIO-04")}`, () => {
    const ids = wire.messages.filter(
      ({ from, message }) => from === "client" && "method" in message && "id" in message,
    );
    expect(new Set(ids.map(({ message }) => message.id)).size).toBe(ids.length);
    const keys = new Set<string>();
    for (const { message } of wire.messages) {
      expect(Array.isArray(message)).toBe(false);
      for (const key of metaKeys(message)) keys.add(key);
    }
    for (const key of keys) expect(key).toMatch(META_KEY);
    if (era === "stateless") expect(keys).toContain("io.modelcontextprotocol/protocolVersion");
    expect([...keys].filter((key) => !key.startsWith("io.modelcontextprotocol/"))).toEqual(["progressToken"]);
  });
});

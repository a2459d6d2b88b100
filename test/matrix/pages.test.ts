/** Pages over every revision that has them and every transport: sent to, agreed to, done at, and the request that waits for it. */

import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import type { Client } from "../../runtime/client/client.js";
import { type ConnectOptions, connect } from "../../runtime/client/connect.js";
import { type UrlPage, urlsRequiredBy } from "../../runtime/client/visits.js";
import { createHttpChannel } from "../../runtime/protocol/http-client.js";
import { createServer } from "../../runtime/server/server.js";
import { createMemoryTaskStore } from "../../runtime/tasks/store-memory.js";
import { createMemoryPair } from "../../runtime/transport/memory.js";
import { createChildChannel } from "../../runtime/transport/stdio-child.js";
import { createNodes } from "../http/nodes.js";
import { verifies } from "../verifies.js";
import { createStored, definePages } from "./fixtures/pages.mjs";
import { rows, type Tapped, type Transport, tap } from "./wire.js";

const hasPages = rows.filter(({ revision }) => revision >= "2025-11-25");
const COMPLETE = "notifications/elicitation/complete";

async function openPages(transport: Transport): Promise<Tapped & { end(): Promise<void> }> {
  if (transport === "stdio") {
    const script = fileURLToPath(new URL("fixtures/stdio-pages.mjs", import.meta.url));
    return { ...tap(createChildChannel({ command: process.execPath, args: [script] })), end: async () => undefined };
  }
  if (transport === "nodes") {
    const stored = createStored();
    const tasks = { store: createMemoryTaskStore({ maxTasks: 1_000, maxTasksPerOwner: 1_000 }) };
    const requestState = { keys: [new Uint8Array(32).fill(7)] };
    const nodes = await createNodes(2, () =>
      definePages(createServer, { stored, tasks, requestState, onerror: () => undefined }),
    );
    return { ...tap(createHttpChannel(nodes.url, {})), end: () => nodes.close() };
  }
  const server = definePages(createServer, { onerror: () => undefined });
  const end = (): Promise<void> => server.close();
  if (transport === "http") return { ...tap(createHttpChannel((await server.serveHttp()).url, {})), end };
  const [near, far] = createMemoryPair();
  await server.connect(far);
  return { ...tap(near), end };
}

test("there are rows", () => {
  expect(hasPages.map(({ revision, transport }) => `${revision} ${transport}`)).toEqual([
    "2025-11-25 memory",
    "2025-11-25 stdio",
    "2025-11-25 http",
    "2025-11-25 nodes",
    "2026-07-28 memory",
    "2026-07-28 stdio",
    "2026-07-28 http",
    "2026-07-28 nodes",
  ]);
});

describe.each(hasPages)("$revision over $transport", ({ revision, transport, era }) => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  const isStateful = era === "stateful";

  async function open(options: ConnectOptions): Promise<{ client: Client; wire: Tapped }> {
    const wire = await openPages(transport);
    closing.push(() => wire.end());
    const client = await connect(wire, { revisions: [revision], ...options });
    closing.push(async () => {
      await client.close();
      expect(wire.faults).toEqual([]);
    });
    return { client, wire };
  }

  const textOf = async (client: Client, name: string, args = {}): Promise<string> => {
    const { content } = await client.callTool(name, args);
    return (content[0] as { text: string }).text;
  };
  const sent = ({ messages }: Tapped, method: string): unknown[] =>
    messages.filter(({ message }) => message.method === method).map(({ message }) => message.params);
  const errorsOn = ({ messages }: Tapped): unknown[] =>
    messages.flatMap(({ message }) => (message.error === undefined ? [] : [message.error]));

  test(`a page comes first, and the request goes on when the person is done${verifies("ELIC-34", "ELIC-35", "ELIC-37", "ELIC-39", "ELIC-41", "ELIC-42", "ELIC-43", "ELIC-44", "ELIC-46", "BASE-39", "BASE-41")}`, async () => {
    const pages: UrlPage[] = [];
    const asked: unknown[] = [];
    let completed: Promise<void> | undefined;
    const { client, wire } = await open({
      async elicitUrl(page, how) {
        pages.push(page);
        asked.push(how.server?.name);
        completed = how.completed;
        // The person is at the page, and done there while the callback has not even answered.
        expect(await textOf(client, "finish", { name: "calendar" })).toBe(isStateful ? "1 told" : "0 told");
        return { action: "accept" };
      },
    });
    expect(await textOf(client, "calendar")).toBe("events, run 1");
    expect(pages).toHaveLength(1);
    expect(asked).toEqual(["pages"]);
    expect(pages[0]).toMatchObject({ mode: "url", message: "Connect calendar", host: "pages.example" });
    const { url, elicitationId } = pages[0] as UrlPage;
    expect(await textOf(client, "calendar")).toBe("events, run 2");
    expect(pages).toHaveLength(1);
    if (isStateful) {
      expect(url).toBe(`https://pages.example/connect/calendar?e=${elicitationId}`);
      const elicitations = [{ mode: "url", message: "Connect calendar", url, elicitationId }];
      expect(errorsOn(wire)).toMatchObject([{ code: -32042, data: { elicitations } }]);
      expect(sent(wire, COMPLETE)).toEqual([{ elicitationId }]);
      expect(sent(wire, "elicitation/create")).toEqual([]);
      await completed;
      const ids = wire.messages
        .filter(({ message }) => message.method === "tools/call")
        .map(({ message }) => message.id);
      expect(new Set(ids).size).toBe(ids.length);
    } else {
      expect(elicitationId).toBeUndefined();
      expect(completed).toBeUndefined();
      expect(errorsOn(wire)).toEqual([]);
      expect(sent(wire, COMPLETE)).toEqual([]);
      expect(JSON.stringify(wire.messages)).not.toContain("elicitationId");
    }
  });

  test(`prompts and resources can need a page as well${verifies("ELIC-39", "MRTR-03")}`, async () => {
    let visits = 0;
    const { client } = await open({
      async elicitUrl() {
        visits++;
        await textOf(client, "finish", { name: "calendar" });
        return { action: "accept" };
      },
    });
    expect((await client.getPrompt("agenda")).messages).toHaveLength(1);
    expect((await client.readResource("pages://calendar")).contents).toHaveLength(1);
    expect(visits).toBe(1);
  });

  test(`several pages are one question after the other, and all have to be done${verifies("ELIC-41", "ELIC-42")}`, async () => {
    const names: string[] = [];
    let together = 0;
    const { client, wire } = await open({
      async elicitUrl({ message }) {
        names.push(message);
        together++;
        await new Promise((resolve) => setImmediate(resolve));
        if (isStateful) expect(together).toBe(1);
        together--;
        await textOf(client, "finish", { name: message.replace("Connect ", "") });
        return { action: "accept" };
      },
    });
    expect(await textOf(client, "both")).toBe("mail and files");
    expect(names.toSorted()).toEqual(["Connect files", "Connect mail"]);
    const calls = sent(wire, "tools/call").filter((params) => (params as { name: string }).name === "both");
    expect(calls).toHaveLength(2);
  });

  test(`a no ends it${verifies("ELIC-11", "ELIC-17", "ELIC-48")}`, async () => {
    for (const action of ["decline", "cancel"] as const) {
      const { client } = await open({ elicitUrl: () => ({ action }) });
      const outcome = await client.callTool("calendar").catch((error: unknown) => error);
      if (isStateful) {
        expect(outcome).toMatchObject({ code: "RPC", rpcCode: -32042 });
        expect(urlsRequiredBy(outcome)).toMatchObject([{ message: "Connect calendar", host: "pages.example" }]);
      } else {
        const text = expect.stringMatching(action === "decline" ? /refused to open/ : /closed the question/);
        expect(outcome).toMatchObject({ isError: true, content: [{ text }] });
      }
    }
  });

  test(`an accept carries nothing, and says no more than that the page is open${verifies("ELIC-18", "ELIC-19")}`, async () => {
    const { client, wire } = await open({
      elicitUrl: () => ({ action: "accept", content: { card: "4111-secret" } }),
    });
    expect(await textOf(client, "open")).toBe("accept {}");
    expect(JSON.stringify(wire.messages)).not.toContain("4111-secret");
  });

  test(`in a task the page is a question, and the work waits${verifies("ELIC-08", "ELIC-44", "TASK-47")}`, async () => {
    const { client, wire } = await open({
      async elicitUrl() {
        await textOf(client, "finish", { name: "archive" });
        return { action: "accept" };
      },
    });
    const handle = await client.startTool("task");
    expect(((await handle.result()).content[0] as { text: string }).text).toBe("archive");
    expect(errorsOn(wire)).toEqual([]);
  });

  test(`the word of the server alone is enough${verifies("ELIC-34", "ELIC-46")}`, async () => {
    const { client } = await open({
      async elicitUrl() {
        await textOf(client, "finish", { name: "word" });
        return { action: "accept" };
      },
      urlRetries: 1,
    });
    expect(await textOf(client, "word")).toBe("word");
  });

  test(`who is not done yet is asked again, and not without end${verifies("ELIC-38", "ELIC-45", "ELIC-46", "ELIC-42")}`, async () => {
    let visits = 0;
    const { client } = await open({
      async elicitUrl(_page, how) {
        visits++;
        // The person says that they are done, and is only the third time.
        if (visits === 3) await textOf(client, "finish", { name: "desk" });
        how.complete();
        return { action: "accept" };
      },
      maxRounds: 3,
    });
    expect(await textOf(client, "impatient")).toBe("desk");
    expect(visits).toBe(3);
    const { client: other } = await open({
      elicitUrl(_page, how) {
        how.complete();
        return { action: "accept" };
      },
      maxRounds: 2,
      urlRetries: 2,
    });
    const outcome = await other.callTool("impatient").catch((error: unknown) => error);
    expect(outcome).toMatchObject(isStateful ? { rpcCode: -32042 } : { code: "TOO_MANY_ROUNDS" });
  });

  test.each(["http://pages.example/", "javascript:alert(1)", "https://user:secret@pages.example/", "no address"])(
    `nobody is sent to %s${verifies("ELIC-15", "ELIC-62", "ELIC-65", "ELIC-58")}`,
    async (url) => {
      let visits = 0;
      const { client, wire } = await open({
        elicitUrl() {
          visits++;
          return { action: "accept" };
        },
      });
      const { isError, content } = await client.callTool("go", { url });
      expect({ isError, content }).toMatchObject({ isError: true, content: [{ text: /Nobody was sent to the page/ }] });
      expect(visits).toBe(0);
      expect(sent(wire, "elicitation/create")).toEqual([]);
    },
  );

  test(`who opens no pages is not sent to any${verifies("ELIC-02", "ELIC-04", "ELIC-05", "ELIC-06")}`, async () => {
    const { client, wire } = await open({ elicit: () => ({ action: "cancel" }) });
    for (const name of ["calendar", "open"]) {
      const outcome = await client.callTool(name).catch((error: unknown) => error);
      if (isStateful)
        expect(outcome).toMatchObject({ isError: true, content: [{ text: /did not declare elicitation\.url/ }] });
      else
        expect(outcome).toMatchObject({
          rpcCode: -32021,
          data: { requiredCapabilities: { elicitation: { url: {} } } },
        });
    }
    expect(JSON.stringify(wire.messages)).not.toContain("pages.example");
  });
});

test.each(["2025-06-18", "2025-03-26", "2024-11-05"] as const)(
  `%s has no pages, and says so${verifies("ELIC-01", "ELIC-02")}`,
  async (revision) => {
    const wire = await openPages("memory");
    const client = await connect(wire, { revisions: [revision], elicitUrl: () => ({ action: "accept" }) });
    for (const name of ["calendar", "open"]) {
      const outcome = await client.callTool(name);
      expect(outcome).toMatchObject({ isError: true, content: [{ text: /was not asked/ }] });
    }
    await client.close();
    await wire.end();
    expect(JSON.stringify(wire.messages)).not.toContain("pages.example");
  },
);

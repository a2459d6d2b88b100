/** A client against bare HTTP servers of the revisions with sessions: every header that it sends, and every way of being answered. */

import { afterEach, describe, expect, test } from "vitest";
import type { Revision } from "../../generated/revisions.js";
import { type ConnectOptions, connect } from "../../runtime/client/connect.js";
import { verifies } from "../verifies.js";
import { type Asked, answer, events, json, listenScripted, type Script, type Scripted } from "./scripted.js";

const REVISIONS: readonly Revision[] = ["2025-03-26", "2025-06-18", "2025-11-25"];
const SECRET = "session-that-nobody-else-sees";
const servers: Scripted[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function listen(script: Script): Promise<Scripted> {
  const server = await listenScripted(script);
  servers.push(server);
  return server;
}

/** Answers as a server with sessions does; `more` comes first and says whether it answered. */
function older(more: (...args: Parameters<Script>) => boolean = () => false): Script {
  let sessions = 0;
  return (asked, response) => {
    const { method, message } = asked;
    if (more(asked, response)) return;
    if (message.method === "initialize") {
      const result = {
        protocolVersion: message.params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: "bare", version: "1" },
      };
      json(response, answer(message.id, result), { "Mcp-Session-Id": `${SECRET}-${++sessions}` });
    } else if (method === "GET") response.writeHead(405).end();
    else if (method === "DELETE") response.writeHead(204).end();
    else if (message.id === undefined || message.method === undefined) response.writeHead(202).end();
    else json(response, answer(message.id, { content: [{ type: "text", text: "json" }] }));
  };
}

const posts = ({ asked }: Scripted): Asked[] => asked.filter(({ method }) => method === "POST");
const named = (message: Asked["message"]): unknown => message.params?.name;

describe.each(REVISIONS)("to a server of %s", (revision) => {
  const options: ConnectOptions = { revisions: [revision], roots: [{ uri: "file:///w" }] };

  test(`each message is a POST of its own, with the headers of its session${verifies("HTTP-09", "HTTP-10", "HTTP-12", "HTTP-13", "HTTP-61", "HTTP-67", "HTTP-70", "HTTP-71", "HTTP-74", "LIFE-24")}`, async () => {
    const server = await listen(older());
    const client = await connect(server.url, options);
    await Promise.all([client.callTool("a"), client.callTool("b"), client.ping()]);
    await client.rootsChanged();
    await client.close();
    expect(posts(server).map(({ message }) => message.method)).toEqual(
      expect.arrayContaining(["initialize", "notifications/initialized", "tools/call", "ping"]),
    );
    expect(posts(server)).toHaveLength(6);
    for (const { headers, body, message } of posts(server)) {
      expect(headers.accept).toMatch(/application\/json.*text\/event-stream|text\/event-stream.*application\/json/);
      expect(headers["content-type"]).toBe("application/json");
      expect(JSON.parse(body)).toMatchObject({ jsonrpc: "2.0", method: message.method });
    }
    const [opening, ...rest] = server.asked;
    expect(opening?.headers).not.toHaveProperty("mcp-session-id");
    expect(rest.map(({ method }) => method)).toEqual(expect.arrayContaining(["POST", "GET", "DELETE"]));
    for (const { headers } of rest)
      expect([headers["mcp-session-id"], headers["mcp-protocol-version"]]).toEqual([
        `${SECRET}-1`,
        revision === "2025-03-26" ? undefined : revision,
      ]);
  });

  test(`an answer is JSON or a stream, in whatever form streams have${verifies("HTTP-18", "HTTP-29", "HTTP-54", "HTTP-96")}`, async () => {
    const server = await listen(
      older(({ message }, response) => {
        if (named(message) !== "stream") return false;
        const text = JSON.stringify(answer(message.id, { content: [{ type: "text", text: "stream" }] }));
        events(response, `: comment\r\n\r\nid: 1\r\ndata:\r\n\r\nevent: other\ndata: no json\n\n:\n\n`);
        response.write(`event: message\rdata: ${text.slice(0, 1)}\rdata: ${text.slice(1)}\r\r`);
        response.end();
        return true;
      }),
    );
    const errors: unknown[] = [];
    const client = await connect(server.url, { ...options, onerror: (error) => errors.push(error) });
    expect((await client.callTool("plain")).content).toEqual([{ type: "text", text: "json" }]);
    expect((await client.callTool("stream")).content).toEqual([{ type: "text", text: "stream" }]);
    expect(errors).toEqual([]);
    await client.close();
  });

  test(`the stream of the session is asked for as a stream, and its messages are heard${verifies("HTTP-30", "HTTP-31", "HTTP-39")}`, async () => {
    const server = await listen(
      older(({ method }, response) => {
        if (method !== "GET") return false;
        const notice = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };
        events(response, `:\n\ndata: ${JSON.stringify(notice)}\n\n`);
        return true;
      }),
    );
    const heard: unknown[] = [];
    const client = await connect(server.url, { ...options, onevent: (event) => heard.push(event) });
    await expect.poll(() => heard).toEqual([{ type: "toolsChanged" }]);
    const get = server.asked.find(({ method }) => method === "GET");
    expect(get?.headers.accept).toContain("text/event-stream");
    await client.close();
  });

  test(`a session that is forgotten is opened anew, without its id${verifies("HTTP-65", "HTTP-66")}`, async () => {
    let forgotten = false;
    const server = await listen(
      older(({ headers, method }, response) => {
        if (method !== "POST" || !forgotten || headers["mcp-session-id"] !== `${SECRET}-1`) return false;
        response.writeHead(404).end();
        return true;
      }),
    );
    const client = await connect(server.url, options);
    forgotten = true;
    await client.callTool("x").catch((error: unknown) => expect(error).toMatchObject({ code: "SESSION_LOST" }));
    expect((await client.callTool("y")).content).toHaveLength(1);
    const openings = posts(server).filter(({ message }) => message.method === "initialize");
    expect(openings.map(({ headers }) => headers["mcp-session-id"])).toEqual([undefined, undefined]);
    expect(posts(server).at(-1)?.headers["mcp-session-id"]).toBe(`${SECRET}-2`);
    await client.close();
  });
});

test(`a stream that ends early is taken up after the time that the server wants${verifies("HTTP-43", "HTTP-44", "HTTP-50", "HTTP-51", "HTTP-56")}`, async () => {
  let left = 0;
  const server = await listen(
    older(({ message, method, headers }, response) => {
      if (named(message) === "slow") {
        events(response, "id: e-1\nretry: 300\ndata: \n\n");
        left = performance.now();
        response.end();
        return true;
      }
      if (method !== "GET" || headers["last-event-id"] === undefined) return false;
      const call = server.asked.find((one) => named(one.message) === "slow");
      events(response, `id: e-2\ndata: ${JSON.stringify(answer(call?.message.id, { content: [] }))}\n\n`);
      response.end();
      return true;
    }),
  );
  const client = await connect(server.url, { revisions: ["2025-11-25"] });
  expect(await client.callTool("slow")).toEqual({ content: [] });
  const again = server.asked.filter(({ headers }) => headers["last-event-id"] !== undefined);
  expect(again).toMatchObject([
    { method: "GET", headers: { "last-event-id": "e-1", "mcp-session-id": `${SECRET}-1` } },
  ]);
  // Timers may be a little early, by the clock that measures here.
  expect((again[0]?.at ?? 0) - left).toBeGreaterThan(295);
  expect(posts(server).filter(({ message }) => named(message) === "slow")).toHaveLength(1);
  await client.close();
});

test(`the id of a session is nobody else's business${verifies("HTTP-60")}`, async () => {
  const other = await listen((_asked, response) => json(response, {}));
  const server = await listen(
    older(({ message }, response) => {
      const name = String(named(message));
      if (name === "elsewhere") response.writeHead(307, { Location: other.url }).end();
      else if (name === "forbidden") response.writeHead(403).end("no");
      else if (name === "broken") response.destroy();
      else return false;
      return true;
    }),
  );
  const told: unknown[] = [];
  const client = await connect(server.url, { revisions: ["2025-11-25"], onerror: (error) => told.push(error) });
  for (const name of ["elsewhere", "forbidden", "broken"])
    await client.callTool(name).then(
      () => expect.unreachable(),
      (error: unknown) => told.push(error),
    );
  expect(other.asked).toEqual([]);
  for (const error of told) {
    const { message, stack, cause } = error as Error;
    expect([message, stack, String(cause), JSON.stringify(error)].join()).not.toContain(SECRET);
  }
  expect(told.length).toBeGreaterThan(2);
  await client.close();
});

test(`to a server of the deprecated transport, messages are posted where its stream says${verifies("SSE-03", "SSE-07", "SSE-09", "SSE-21", "HTTP-76", "LIFE-78")}`, async () => {
  let stream: Parameters<Script>[1] | undefined;
  const say = (message: object): void => void stream?.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  const server = await listen(({ method, url, message }, response) => {
    if (method === "GET") {
      stream = response;
      events(response, "event: endpoint\ndata: /messages?token=t-1\n\n");
    } else if (url !== "/messages?token=t-1") response.writeHead(405).end();
    else {
      response.writeHead(202).end();
      if (message.method === "initialize") {
        const result = { protocolVersion: "2024-11-05", capabilities: {}, serverInfo: { name: "old", version: "1" } };
        say(answer(message.id, result));
      } else if (message.id !== undefined) say(answer(message.id, { content: [] }));
    }
  });
  const client = await connect(server.url);
  expect(client.peer.revision).toBe("2024-11-05");
  expect(await client.callTool("x")).toEqual({ content: [] });
  const { asked } = server;
  const from = asked.findIndex(({ method }) => method === "GET");
  expect(asked[from]?.headers.accept).toContain("text/event-stream");
  const later = asked.slice(from + 1);
  expect(later.map(({ method, url }) => `${method} ${url}`)).toEqual(later.map(() => "POST /messages?token=t-1"));
  expect(later.map(({ message }) => message.method)).toEqual(["initialize", "notifications/initialized", "tools/call"]);
  for (const { headers } of later) {
    expect(headers["content-type"]).toBe("application/json");
    expect(headers).not.toHaveProperty("mcp-session-id");
  }
  await client.close();
});

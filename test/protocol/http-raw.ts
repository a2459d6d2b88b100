/** HTTP servers made of plain answers, for what no well-behaved server sends, and a record of what a channel tells its owner. */

import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import type { McpWireError } from "../../runtime/errors.js";
import type { Channel } from "../../runtime/jsonrpc/channel.js";
import type { RequestId } from "../../runtime/jsonrpc/message.js";

/** A message as it came in a body. */
export interface Body {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: { readonly [key: string]: unknown };
  readonly result?: unknown;
  readonly error?: { readonly code: number };
}

/** One exchange as the server sees it. */
export interface Hit {
  readonly verb: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Body;
  /** Milliseconds of `performance.now()` at which it came. */
  readonly at: number;
  /** Whether the client ended it before it was answered. */
  readonly cut: boolean;
  readonly response: ServerResponse;
  /** Answers with JSON. */
  json(status: number, body: unknown, headers?: Record<string, string>): void;
  /** Answers with text of any kind. */
  text(status: number, body: string, type?: string, headers?: Record<string, string>): void;
  /** Begins a stream of events. */
  stream(...events: (string | object)[]): void;
  /** Goes on with it: text is written as it is, messages as events. */
  say(...events: (string | object)[]): void;
  /** Answers the request with a result. */
  result(result: object, headers?: Record<string, string>): void;
  error(status: number, code: number, data?: unknown): void;
}

export interface RawHttp {
  readonly url: string;
  readonly hits: Hit[];
  /** The messages of a method that came. */
  of(method: string): Hit[];
  verbs(): string[];
  close(): Promise<void>;
}

const running = new Set<RawHttp>();

afterEach(async () => {
  for (const server of running) await server.close();
});

export async function startHttp(answer: (hit: Hit) => void): Promise<RawHttp> {
  const hits: Hit[] = [];
  const server = createServer((request, response) => {
    const at = performance.now();
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const hit = createHit(request.method ?? "", request.url ?? "", request.headers, text, at, response);
      hits.push(hit);
      answer(hit);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const raw: RawHttp = {
    url: `http://127.0.0.1:${port}/mcp`,
    hits,
    of: (method) => hits.filter(({ body }) => body.method === method),
    verbs: () => hits.map(({ verb, body }) => (verb === "POST" ? (body.method ?? "answer") : verb)),
    close: () =>
      new Promise((resolve) => {
        running.delete(raw);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  running.add(raw);
  return raw;
}

function createHit(
  verb: string,
  path: string,
  headers: IncomingHttpHeaders,
  text: string,
  at: number,
  response: ServerResponse,
): Hit {
  let cut = false;
  response.on("close", () => {
    cut = !response.writableEnded;
  });
  const body = (text === "" ? {} : JSON.parse(text)) as Body;
  const hit: Hit = {
    verb,
    path,
    headers,
    body,
    at,
    get cut() {
      return cut;
    },
    response,
    json: (status, value, more = {}) => hit.text(status, JSON.stringify(value), "application/json", more),
    text(status, value, type = "text/plain", more = {}) {
      response.writeHead(status, { "content-type": type, ...more });
      response.end(value);
    },
    stream(...events) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.flushHeaders();
      hit.say(...events);
    },
    say(...events) {
      for (const event of events)
        response.write(typeof event === "string" ? event : `data: ${JSON.stringify({ jsonrpc: "2.0", ...event })}\n\n`);
    },
    result: (result, more) => hit.json(200, { jsonrpc: "2.0", id: body.id, result }, more),
    error: (status, code, data) =>
      hit.json(status, { jsonrpc: "2.0", id: body.id, error: { code, message: `error ${code}`, data } }),
  };
  return hit;
}

/** What a channel told. */
export interface Told {
  readonly channel: Channel;
  readonly messages: Body[];
  readonly errors: McpWireError[];
  readonly lost: { readonly id: RequestId; readonly error: McpWireError }[];
  /** One entry for each time that the end was told. */
  readonly closed: (McpWireError | undefined)[];
  /** Sends a request. */
  ask(id: number, method: string, params?: object): void;
  tell(method: string, params?: object): Promise<void> | undefined;
  /** Shakes hands at a revision, and waits until the session is open. */
  shake(revision?: string): Promise<void>;
}

export async function openChannel(channel: Channel): Promise<Told> {
  const told: Told = {
    channel,
    messages: [],
    errors: [],
    lost: [],
    closed: [],
    ask: (id, method, params) => void channel.send({ jsonrpc: "2.0", id, method, params }),
    tell: (method, params) => channel.send({ jsonrpc: "2.0", method, params }),
    async shake(revision = "2025-11-25") {
      const before = told.messages.length;
      told.ask(0, "initialize", {
        protocolVersion: revision,
        capabilities: {},
        clientInfo: { name: "c", version: "1" },
      });
      await until(() => told.messages.length > before);
      await told.tell("notifications/initialized");
    },
  };
  await channel.open({
    onmessage: (message) => void told.messages.push(message as Body),
    onerror: (error) => void told.errors.push(error),
    onlost: (id, error) => void told.lost.push({ id, error }),
    onend: () => undefined,
    onclose: (reason) => void told.closed.push(reason),
  });
  return told;
}

/** Answers as a server with sessions does: the handshake, notifications, no GET, the end; the rest is left to `answer`. */
export function session(answer: (hit: Hit) => void, id = "session-1"): (hit: Hit) => void {
  return (hit) => {
    const { verb, body } = hit;
    if (verb === "DELETE") hit.text(200, "");
    else if (verb === "GET" || body.method === undefined) answer(hit);
    else if (body.method === "initialize")
      hit.result(
        { protocolVersion: body.params?.protocolVersion, capabilities: {}, serverInfo: { name: "s", version: "1" } },
        { "mcp-session-id": id },
      );
    else if (body.id === undefined) hit.text(202, "");
    else answer(hit);
  };
}

/** The `_meta` of the era without handshake. */
export const meta: Readonly<Record<string, unknown>> = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** Waits for something that has to happen. */
export async function until(happened: () => boolean, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!happened()) {
    if (performance.now() > end) throw new Error("It did not happen in time.");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

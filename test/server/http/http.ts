/** A server over HTTP, reached in both ways by requests as they come, with no client between. */

import { onTestFinished, vi } from "vitest";
import type { McpWireError } from "../../../runtime/errors.js";
import type { ListenOptions } from "../../../runtime/server/serve-http.js";
import { createServer, type Server, type ServerOptions } from "../../../runtime/server/server.js";
import { type Answer, meta } from "../raw.js";

/** Through a listener of Node, or by a `Request` handed over. */
export type Way = "node" | "web";
export const WAYS: readonly Way[] = ["node", "web"];

export type Headed = Readonly<Record<string, string | undefined>>;

export interface Served {
  readonly way: Way;
  readonly server: Server;
  readonly errors: McpWireError[];
  /** Where it listens; there is nothing there in the way of the web. */
  readonly url: string;
  /** One request to the endpoint; `query` follows its path. */
  fetch(init: RequestInit, query?: string): Promise<Response>;
  /** One request to another path. */
  fetchAt(path: string, init?: RequestInit): Promise<Response>;
  /** A POST of JSON as well-behaved clients send it; headers that are `undefined` are left out. */
  post(message: unknown, headers?: Headed, more?: RequestInit & { query?: string }): Promise<Response>;
  get(headers?: Headed, more?: RequestInit): Promise<Response>;
}

export const POSTING: Headed = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};

export async function serve(
  way: Way,
  define: (server: Server) => void = () => undefined,
  given: ListenOptions = {},
  options: Partial<ServerOptions> = {},
): Promise<Served> {
  // A machine that is busy must not make an event stream of an answer that is on its way.
  const http: ListenOptions = { jsonWithinMs: 30_000, ...given };
  const errors: McpWireError[] = [];
  const server = createServer({ name: "http", version: "1", onerror: (error) => errors.push(error), ...options });
  define(server);
  onTestFinished(() => server.close());
  const url = way === "node" ? (await server.serveHttp(http)).url : "http://127.0.0.1/mcp";
  const handler = way === "web" ? server.toFetchHandler(http) : undefined;
  const sendTo = async (target: string, init: RequestInit): Promise<Response> =>
    handler === undefined ? await fetch(target, init) : await handler(new Request(target, init));
  const send: Served["fetch"] = (init, query = "") => sendTo(url + query, init);
  return {
    way,
    server,
    errors,
    url,
    fetch: send,
    fetchAt: (path, init = {}) => sendTo(new URL(path, url).href, init),
    post(message, headers, { query, ...more } = {}) {
      const body = typeof message === "string" ? message : JSON.stringify(message);
      return send({ method: "POST", body, headers: headed({ ...POSTING, ...headers }), ...more }, query);
    },
    get: (headers, more) => send({ headers: headed({ accept: "text/event-stream", ...headers }), ...more }),
  };
}

export function headed(headers: Headed): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter((row): row is [string, string] => row[1] !== undefined));
}

export interface Session {
  readonly id: string;
  readonly headers: Headed;
  post(message: unknown, headers?: Headed, more?: RequestInit): Promise<Response>;
  get(headers?: Headed, more?: RequestInit): Promise<Response>;
  end(headers?: Headed): Promise<Response>;
  /** A request that is answered as JSON. */
  ask(id: string | number, method: string, params?: object): Promise<Answer>;
}

export const initialize = (revision = "2025-11-25", capabilities: object = {}): object => ({
  jsonrpc: "2.0",
  id: "open",
  method: "initialize",
  params: { protocolVersion: revision, capabilities, clientInfo: { name: "raw", version: "1" } },
});

export const request = (id: string | number, method: string, params?: object): object =>
  params === undefined ? { jsonrpc: "2.0", id, method } : { jsonrpc: "2.0", id, method, params };

export const call = (id: string | number, name: string, args?: object, progressToken?: string | number): object =>
  request(id, "tools/call", {
    name,
    ...(args === undefined ? {} : { arguments: args }),
    ...(progressToken === undefined ? {} : { _meta: { progressToken } }),
  });

export const notification = (method: string, params?: object): object =>
  params === undefined ? { jsonrpc: "2.0", method } : { jsonrpc: "2.0", method, params };

/** Opens a session, with the confirmation that ends the handshake. */
export async function openSession(
  served: Served,
  revision = "2025-11-25",
  capabilities: object = {},
  own: Headed = {},
): Promise<Session> {
  const opened = await served.post(initialize(revision, capabilities), own);
  const id = opened.headers.get("mcp-session-id") ?? "";
  await opened.text();
  const named = revision === "2025-03-26" ? {} : { "mcp-protocol-version": revision };
  const headers = { ...own, ...named, "mcp-session-id": id };
  await (await served.post(notification("notifications/initialized"), headers)).text();
  const post: Session["post"] = (message, more, init) => served.post(message, { ...headers, ...more }, init);
  return {
    id,
    headers,
    post,
    get: (more, init) => served.get({ ...headers, ...more }, init),
    end: (more) => served.fetch({ method: "DELETE", headers: headed({ ...headers, ...more }) }),
    ask: async (own, method, params) => (await (await post(request(own, method, params))).json()) as Answer,
  };
}

export interface StatelessAsk {
  readonly id?: string | number;
  readonly headers?: Headed;
  readonly capabilities?: object;
  /** Further members of `_meta`. */
  readonly more?: object;
  readonly signal?: AbortSignal;
}

/** One request of the era without sessions, with the headers that mirror it. */
export function askAlone(
  served: Served,
  method: string,
  params: object = {},
  ask: StatelessAsk = {},
): Promise<Response> {
  const { id = 1, headers, capabilities, more, signal } = ask;
  const { name, uri } = params as { name?: string; uri?: string };
  const mirrors = { "mcp-protocol-version": "2026-07-28", "mcp-method": method, "mcp-name": name ?? uri };
  return served.post(
    request(id, method, { ...params, _meta: { ...meta(capabilities), ...more } }),
    { ...mirrors, ...headers },
    signal === undefined ? {} : { signal },
  );
}

export const callAlone = (served: Served, name: string, args: object = {}, ask: StatelessAsk = {}): Promise<Response> =>
  askAlone(served, "tools/call", { name, arguments: args }, ask);

/** Something that tests wait for. */
export interface Latch {
  readonly opened: Promise<void>;
  open(): void;
}

export function createLatch(): Latch {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Waits, generously, until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  const check = (): void => {
    if (!holds()) throw new Error(`It never held: ${holds}`);
  };
  await vi.waitFor(check, { timeout: 30_000, interval: 5 });
}

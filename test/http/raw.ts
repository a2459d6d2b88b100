/** A server over HTTP, spoken to by bare requests, so that every header and byte is the test's own. */

import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request as open } from "node:http";
import type { ListenOptions } from "../../runtime/server/serve-http.js";
import { createServer, type Server, type ServerOptions } from "../../runtime/server/server.js";

export interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly [key: string]: unknown };
  readonly result?: { readonly [key: string]: unknown };
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: { readonly [key: string]: unknown };
  };
}

/** One event as it stood on the wire; `undefined` where a field was not there. */
export interface Event {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly retry: number | undefined;
  readonly data: string | undefined;
}

export type Headers = Readonly<Record<string, string | undefined>>;

/** One answer, as far as it has come. */
export class Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** Events that came, comments left out. */
  readonly events: Event[] = [];
  text = "";
  ended = false;
  readonly #request: ClientRequest;
  readonly #response: IncomingMessage;
  readonly #over: Promise<unknown>;

  constructor(request: ClientRequest, response: IncomingMessage) {
    this.#request = request;
    this.#response = response;
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    response.setEncoding("utf8").on("data", (text: string) => {
      this.text += text;
      const blocks = this.text.split("\n\n").slice(0, -1);
      const isStream = String(this.headers["content-type"]).startsWith("text/event-stream");
      if (isStream) this.events.splice(0, Number.POSITIVE_INFINITY, ...blocks.flatMap(eventIn));
    });
    this.#over = once(response, "close").then(() => {
      this.ended = true;
    });
  }

  /** Resolves when the answer is complete, or cut. */
  async whole(): Promise<this> {
    await this.#over;
    return this;
  }

  /** The message of a JSON answer, or the messages of a stream so far. */
  get messages(): readonly Message[] {
    if (this.events.length === 0) return this.text === "" ? [] : [JSON.parse(this.text) as Message];
    return this.events.flatMap(({ data }) => (data === undefined || data === "" ? [] : [JSON.parse(data) as Message]));
  }

  /** The last message once the answer is complete. */
  async last(): Promise<Message> {
    await this.whole();
    return this.messages.at(-1) ?? {};
  }

  /** The client goes away in the midst of it. */
  cut(): void {
    this.#response.destroy();
    this.#request.destroy();
  }
}

function eventIn(block: string): Event[] {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ""));
  }
  if (fields.size === 0) return [];
  const retry = fields.get("retry");
  return [
    {
      id: fields.get("id"),
      event: fields.get("event"),
      retry: retry === undefined ? undefined : Number(retry),
      data: fields.get("data"),
    },
  ];
}

/** Sends one request; resolves when the head of the answer is there. */
export function send(method: string, url: string, headers: Headers = {}, body?: string | Uint8Array): Promise<Answer> {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new Promise((resolve, reject) => {
    const request = open(url, { method, headers: Object.fromEntries(given), agent: false }, (response) =>
      resolve(new Answer(request, response)),
    );
    request.on("error", reject);
    request.end(body);
  });
}

export const ACCEPT = "application/json, text/event-stream";
const HEADERS: Headers = { Accept: ACCEPT, "Content-Type": "application/json" };

export const meta = (capabilities: object = {}, version = "2026-07-28"): Record<string, unknown> => ({
  "io.modelcontextprotocol/protocolVersion": version,
  "io.modelcontextprotocol/clientCapabilities": capabilities,
});

/** A session as a client of the older era has one. */
export interface RawSession {
  readonly id: string;
  readonly opening: Message;
  readonly headers: Headers;
  post(message: object, more?: Headers): Promise<Answer>;
  ask(id: unknown, method: string, params?: object): Promise<Answer>;
  get(more?: Headers): Promise<Answer>;
  end(): Promise<Answer>;
}

export class RawHttp {
  readonly server: Server;
  readonly url: string;
  readonly errors: Error[];

  constructor(server: Server, url: string, errors: Error[]) {
    this.server = server;
    this.url = url;
    this.errors = errors;
  }

  post(message: unknown, more: Headers = {}): Promise<Answer> {
    return send(
      "POST",
      this.url,
      { ...HEADERS, ...more },
      typeof message === "string" ? message : JSON.stringify(message),
    );
  }

  /** A request of the era without sessions, with the headers that mirror it. */
  ask(id: unknown, method: string, params: Record<string, unknown> = {}, more: Headers = {}): Promise<Answer> {
    const name = method === "resources/read" ? params.uri : params.name;
    return this.post(
      { jsonrpc: "2.0", id, method, params: { _meta: meta(), ...params } },
      {
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": method,
        "Mcp-Name": typeof name === "string" ? name : undefined,
        ...more,
      },
    );
  }

  async open(revision = "2025-11-25", capabilities: object = {}, more: Headers = {}): Promise<RawSession> {
    const params = { protocolVersion: revision, capabilities, clientInfo: { name: "raw", version: "1" } };
    const answer = await this.post({ jsonrpc: "2.0", id: "open", method: "initialize", params }, more);
    const opening = await answer.last();
    const id = String(answer.headers["mcp-session-id"]);
    const headers = {
      ...more,
      "Mcp-Session-Id": id,
      "MCP-Protocol-Version": revision === "2025-03-26" ? undefined : revision,
    };
    const post = (message: object, others: Headers = {}): Promise<Answer> =>
      this.post(message, { ...headers, ...others });
    if (opening.result !== undefined)
      await (await post({ jsonrpc: "2.0", method: "notifications/initialized" })).whole();
    return {
      id,
      opening,
      headers,
      post,
      ask: (requestId, method, given) =>
        post({ jsonrpc: "2.0", id: requestId, method, ...(given === undefined ? {} : { params: given }) }),
      get: (others = {}) => send("GET", this.url, { Accept: "text/event-stream", ...headers, ...others }),
      end: () => send("DELETE", this.url, headers),
    };
  }
}

/** A server that listens at a free port of this machine; close it by `server.close()`. */
export async function serve(
  define: (server: Server) => void = () => undefined,
  options: Partial<ServerOptions> = {},
  http: ListenOptions = {},
): Promise<RawHttp> {
  const errors: Error[] = [];
  const server = createServer({ name: "raw", version: "1", onerror: (error) => errors.push(error), ...options });
  define(server);
  // A machine that is busy must not make an event stream of an answer that is on its way.
  const { url } = await server.serveHttp({ port: 0, jsonWithinMs: 30_000, ...http });
  return new RawHttp(server, url, errors);
}

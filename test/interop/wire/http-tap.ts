/** A reverse proxy that writes down what passes: bodies of POST requests, JSON answers, and the events of streams. */

import { createServer, type IncomingMessage, type Server, type ServerResponse, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { type Conversation, createConversation } from "./transcript.js";

export interface HttpTap {
  /** The address of the tap, with the path of the server's. */
  readonly url: string;
  conversations(): readonly Conversation[];
  /** What was asked, one line for each request, and the status of its answer. */
  readonly exchanges: readonly Exchange[];
  /** Breaks every stream of events that is open. */
  cut(): void;
  close(): Promise<void>;
}

export interface Exchange {
  readonly verb: string;
  readonly headers: IncomingMessage["headers"];
  status: number | undefined;
}

/** A session as its messages show it; before the server named it, it has no id. */
interface Session {
  readonly conversation: Conversation;
  /** Events that were seen: a server sends them again to who comes back. */
  readonly events: Set<string>;
  id: string | undefined;
}

export async function openHttpTap(target: string): Promise<HttpTap> {
  const origin = new URL(target);
  const tap = new Tap(origin);
  const listener: Server = createServer((request, response) => tap.serve(request, response));
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${origin.pathname}`,
    exchanges: tap.exchanges,
    conversations: () => tap.sessions.map(({ conversation }) => conversation),
    cut: () => tap.cut(),
    async close() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      listener.closeAllConnections();
      await closed;
    },
  };
}

class Tap {
  readonly sessions: Session[] = [];
  readonly exchanges: Exchange[] = [];
  readonly #origin: URL;
  readonly #streams = new Set<() => void>();

  constructor(origin: URL) {
    this.#origin = origin;
  }

  cut(): void {
    for (const end of this.#streams) end();
    this.#streams.clear();
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => this.#forward(request, Buffer.concat(chunks), response));
  }

  #forward(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const exchange: Exchange = { verb: request.method ?? "", headers: request.headers, status: undefined };
    this.exchanges.push(exchange);
    const named = request.headers["mcp-session-id"];
    // The deprecated transport begins with a stream; what was tried before belongs to another conversation.
    const session =
      request.method === "GET" && named === undefined ? this.#begin() : this.#sessionOf(named, body.toString("utf8"));
    if (body.length > 0) session.conversation.take("client", body.toString("utf8"));
    const { hostname, port } = this.#origin;
    const headers = { ...request.headers, host: `${hostname}:${port}` };
    const upstream = send({ hostname, port, path: request.url, method: request.method, headers });
    upstream.on("response", (answer) => {
      exchange.status = answer.statusCode;
      const given = answer.headers["mcp-session-id"];
      if (typeof given === "string") session.id ??= given;
      this.#handOn(answer, response, session);
    });
    upstream.on("error", () => response.destroy());
    // Who gives a request up does so by closing it.
    response.on("close", () => upstream.destroy());
    upstream.end(body);
  }

  /** Messages without a session belong to the one that is being opened, or to none, which is one conversation as well. */
  #sessionOf(named: string | string[] | undefined, body: string): Session {
    const opens = body.includes('"method":"initialize"');
    const found =
      named === undefined
        ? this.sessions.findLast(({ id }) => id === undefined || !opens)
        : this.sessions.find(({ id }) => id === named);
    return found ?? this.#begin();
  }

  #begin(): Session {
    const session: Session = { conversation: createConversation(), events: new Set(), id: undefined };
    this.sessions.push(session);
    return session;
  }

  #handOn(answer: IncomingMessage, response: ServerResponse, session: Session): void {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    response.flushHeaders();
    const type = answer.headers["content-type"] ?? "";
    if (type.startsWith("text/event-stream")) {
      const end = (): void => {
        answer.destroy();
        response.destroy();
      };
      this.#streams.add(end);
      response.on("close", () => this.#streams.delete(end));
      readEvents(answer, response, session);
      return;
    }
    const chunks: Buffer[] = [];
    answer.on("data", (chunk: Buffer) => chunks.push(chunk));
    answer.on("error", () => response.destroy());
    answer.on("end", () => {
      const body = Buffer.concat(chunks);
      const text = body.toString("utf8");
      if (type.startsWith("application/json") && text !== "" && !isRefusal(answer.statusCode, text))
        session.conversation.take("server", text);
      response.end(body);
    });
  }
}

/** What HTTP refuses may say why in an error without an id, which answers no request, as where a stream is asked for too late. */
function isRefusal(status: number | undefined, text: string): boolean {
  if (status === undefined || status < 400) return false;
  const said = JSON.parse(text) as { readonly id?: unknown; readonly error?: unknown };
  return said.error !== undefined && said.id === undefined;
}

/** Writes down each whole event before it is handed on. */
function readEvents(answer: IncomingMessage, response: ServerResponse, session: Session): void {
  let rest = "";
  answer.setEncoding("utf8");
  answer.on("data", (text: string) => {
    const blocks = (rest + text).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? "";
    for (const block of blocks) takeEvent(block, session);
    response.write(text);
  });
  answer.on("error", () => response.destroy());
  answer.on("end", () => response.end());
}

function takeEvent(block: string, session: Session): void {
  const fields = (name: string): string[] =>
    block
      .split(/\r?\n/)
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).replace(/^ /, ""));
  const [id] = fields("id");
  const [event = "message"] = fields("event");
  const data = fields("data").join("\n");
  if (event !== "message" || data === "") return;
  if (id !== undefined && session.events.has(id)) return;
  if (id !== undefined) session.events.add(id);
  session.conversation.take("server", data);
}

/** HTTP exchanges over Node's own request and response objects: no web streams, one write for an answer. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { readUtf8 } from "./http-body.js";
import type { EventSink, FlatHeaders, HttpAccess, HttpBody, HttpExchange } from "./http-exchange.js";
import { createRoom, type Room } from "./room.js";

/** A request as frameworks hand it on: with the path that was mounted away, and perhaps with its body parsed. */
export type NodeRequest = IncomingMessage & { readonly originalUrl?: string; readonly body?: unknown };

/** @param parsed the body, where something in front has read it. */
export function createNodeExchange(
  request: NodeRequest,
  response: ServerResponse,
  parsed: unknown = request.body,
): HttpExchange {
  return new NodeExchange(request, response, parsed);
}

class NodeExchange implements HttpExchange {
  principal: string | undefined = undefined;
  auth: unknown = undefined;
  access: HttpAccess | undefined = undefined;
  common: FlatHeaders = [];
  onclose: (() => void) | undefined = undefined;
  gone = false;
  readonly #request: NodeRequest;
  readonly #response: ServerResponse;
  readonly #parsed: unknown;

  constructor(request: NodeRequest, response: ServerResponse, parsed: unknown) {
    this.#request = request;
    this.#response = response;
    this.#parsed = parsed;
    response.on("close", () => {
      if (response.writableFinished) return;
      this.gone = true;
      this.onclose?.();
    });
    // A connection that breaks is told by `close`; without a listener the error would be uncaught.
    response.on("error", ignore);
  }

  get method(): string {
    return this.#request.method ?? "GET";
  }

  get target(): string {
    return this.#request.originalUrl ?? this.#request.url ?? "/";
  }

  /** Node shows the first one alone, among all that came. */
  get repeatsHost(): boolean {
    const { rawHeaders } = this.#request;
    let hosts = 0;
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] as string;
      if (name.length === 4 && name.toLowerCase() === "host") hosts++;
    }
    return hosts > 1;
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    if (typeof value === "string") return value;
    // On some versions of Node the object has members by birth.
    return Array.isArray(value) ? value.join(", ") : undefined;
  }

  readBody(limit: number, done: (body: HttpBody) => void): void {
    const request = this.#request;
    if (this.#parsed !== undefined) {
      done({ kind: "parsed", value: this.#parsed });
      return;
    }
    if (request.readableEnded || request.destroyed) {
      // Nothing more comes of it, not even its end.
      done({ kind: "unreadable", why: "something in front read it and did not hand it on" });
      return;
    }
    if (Number(request.headers["content-length"] ?? 0) > limit) {
      done({ kind: "too-large" });
      return;
    }
    new BodyReader(request, limit, done);
  }

  respond(status: number, headers: FlatHeaders, body = ""): void {
    const response = this.#response;
    if (response.headersSent || response.destroyed) return;
    const length = status === 204 || status === 304 ? [] : ["Content-Length", String(Buffer.byteLength(body))];
    // A request whose body was not read to its end cannot be followed by another one.
    const read = this.#request.complete || this.#parsed !== undefined || isBodiless(this.#request);
    const end = read ? [] : ["Connection", "close"];
    response.writeHead(status, [...headers, ...this.common, ...length, ...end]);
    response.end(body);
  }

  stream(headers: FlatHeaders, maxWaiting: number): EventSink {
    // Something in front has answered meanwhile: there is nobody to write to, and this may be called by a timer.
    if (this.#response.headersSent) return createClosedSink();
    this.#response.writeHead(200, [...headers, ...this.common]);
    return new NodeSink(this.#response, maxWaiting);
  }
}

/** Whether no body comes, which Node tells only later. */
function isBodiless({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] === undefined && (headers["content-length"] ?? "0") === "0";
}

/** Collects the body of one request. Chunks are joined only where there are several. */
class BodyReader {
  #chunks: Buffer[] = [];
  #size = 0;
  #done: ((body: HttpBody) => void) | undefined;

  constructor(request: IncomingMessage, limit: number, done: (body: HttpBody) => void) {
    this.#done = done;
    request.on("data", (chunk: Buffer) => {
      this.#size += chunk.length;
      if (this.#size <= limit) this.#chunks.push(chunk);
      else this.#finish({ kind: "too-large" });
    });
    request.on("end", () => this.#finish(this.#read()));
    request.on("error", (error) => this.#finish({ kind: "unreadable", why: error.message }));
    request.on("close", () => this.#finish({ kind: "unreadable", why: "the connection ended in the body" }));
  }

  #read(): HttpBody {
    const [first] = this.#chunks;
    const bytes = this.#chunks.length === 1 ? (first as Buffer) : Buffer.concat(this.#chunks);
    return readUtf8(bytes);
  }

  #finish(body: HttpBody): void {
    const done = this.#done;
    this.#done = undefined;
    this.#chunks = [];
    done?.(body);
  }
}

/** The client's end of a stream that cannot begin. */
function createClosedSink(): EventSink {
  return { closed: true, write: () => undefined, end: () => undefined };
}

/** Everything of one turn leaves in one write, the headers with it. */
class NodeSink implements EventSink {
  readonly #response: ServerResponse;
  readonly #maxWaiting: number;
  #room: Room | undefined = undefined;
  /** What was written in this turn. */
  #held = "";
  #holding = true;

  constructor(response: ServerResponse, maxWaiting: number) {
    this.#response = response;
    this.#maxWaiting = maxWaiting;
    process.nextTick(() => this.#release());
  }

  get closed(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  write(text: string): Promise<void> | undefined {
    const response = this.#response;
    if (this.closed) return undefined;
    this.#held += text;
    if (!this.#holding) {
      this.#holding = true;
      process.nextTick(() => this.#release());
    }
    const waiting = response.writableLength + this.#held.length;
    if (waiting < response.writableHighWaterMark) return undefined;
    if (waiting > this.#maxWaiting) {
      response.destroy();
      return undefined;
    }
    this.#room ??= this.#makeRoom();
    return this.#room.wait();
  }

  end(): void {
    if (this.closed) return;
    this.#response.end(this.#held);
    this.#held = "";
    this.#room?.open();
  }

  #release(): void {
    this.#holding = false;
    const text = this.#held;
    this.#held = "";
    if (this.closed) return;
    // The headers leave even where nothing else does.
    if (text === "") this.#response.flushHeaders();
    else if (this.#response.write(text)) this.#room?.open();
  }

  /** Opens when the client has read, or is gone. */
  #makeRoom(): Room {
    const response = this.#response;
    const room = createRoom();
    const open = (): void => {
      this.#room = undefined;
      response.off("drain", open);
      response.off("close", open);
      room.open();
    };
    response.on("drain", open);
    response.on("close", open);
    return room;
  }
}

function ignore(): void {}

/**
 * The client's side of HTTP in the stateless era: each request is an exchange of its own, its headers mirror its body, and ending the
 * exchange cancels it. Streamable HTTP of 2026-07-28; requirements HTTP-79 to HTTP-82, HTTP-98, HTTP-102 to HTTP-107, HTTP-125 to HTTP-150.
 */

import { tables } from "../../../generated/revisions.js";
import { type McpWireError, MessageError, toWireError } from "../../errors.js";
import {
  errorOf,
  kindOf,
  type LooseMessage,
  type RequestId,
  type RpcFailure,
  type RpcMessage,
  type RpcRequest,
} from "../../jsonrpc/message.js";
import { dropBody } from "../../transport/bodies.js";
import { serialize } from "../../transport/serialize.js";
import { encodeHeaderValue } from "../header-values.js";
import {
  type AnswerSink,
  createRest,
  nameOf,
  POST_HEADERS,
  type Rest,
  readAnswer,
  readRefusal,
  streamLost,
} from "../http-answers.js";
import type { HttpContext } from "../http-context.js";
import { valueAt } from "../param-headers.js";
import { isRevision, traitsOf } from "../revision.js";
import { StatelessCode } from "./codes.js";
import { relist } from "./relist.js";
import { createToolHeaders, type ToolHeaders } from "./tool-headers.js";

export interface StatelessHttp {
  /** The revision that was named last; `undefined` before the first request. */
  readonly revision: string | undefined;
  /** Posts a request. @throws MessageError `NOT_SERIALIZABLE` */
  request(message: RpcRequest, revision: string): void;
  /** Posts a notification; resolves when it was taken or refused, and never rejects. */
  notify(message: RpcMessage, body: string): Promise<void>;
  /** Ends the exchange of a request, which cancels it; false where there is none. */
  giveUp(id: RequestId): boolean;
}

/** The error by which servers say that headers do not mirror the body (HTTP-120). */

export function createStatelessHttp(context: HttpContext): StatelessHttp {
  return new Stateless(context);
}

class Stateless implements StatelessHttp {
  revision: string | undefined = undefined;
  readonly #context: HttpContext;
  readonly #tools: ToolHeaders;
  readonly #exchanges = new Map<RequestId, AbortController>();

  constructor(context: HttpContext) {
    this.#context = context;
    this.#tools = createToolHeaders((error) => context.events.onerror(error));
  }

  request(message: RpcRequest, revision: string): void {
    const body = serialize(message);
    this.revision = revision;
    const controller = this.#context.open();
    const { id } = message;
    this.#exchanges.set(id, controller);
    const ended = (error?: unknown): void => {
      const given = controller.signal.aborted;
      this.#context.done(controller);
      if (this.#exchanges.get(id) === controller) this.#exchanges.delete(id);
      if (error !== undefined && !given)
        this.#context.events.onlost(id, toWireError(error, `Sending ${message.method}`));
    };
    this.#run(message, body, revision, controller).then(() => ended(), ended);
  }

  async notify(message: RpcMessage, body: string): Promise<void> {
    const { url, events } = this.#context;
    const controller = this.#context.open();
    try {
      const headers = { ...POST_HEADERS, ...mirrors(message, this.revision ?? "") };
      const request = { method: "POST" as const, url, headers, body, signal: controller.signal };
      const response = await (await this.#context.begin(request)).response;
      if (!response.ok) throw (await readRefusal(response, nameOf(message, url), undefined)).error;
      await dropBody(response);
    } catch (error) {
      if (!this.#context.closed) events.onerror(toWireError(error, `Sending ${nameOf(message, url)}`));
    } finally {
      this.#context.done(controller);
    }
  }

  giveUp(id: RequestId): boolean {
    const controller = this.#exchanges.get(id);
    controller?.abort();
    return controller !== undefined;
  }

  async #run(message: RpcRequest, body: string, revision: string, controller: AbortController): Promise<void> {
    const mismatch = await this.#exchange(message, body, revision, controller);
    if (mismatch === undefined) return;
    let again: RpcFailure | undefined = mismatch;
    if (message.method === "tools/call" && (await this.#relist(message, revision, controller.signal)))
      again = await this.#exchange(message, body, revision, controller);
    if (again !== undefined) this.#context.events.onmessage(again);
  }

  /** One POST and everything that comes of it. A refusal of the headers is handed back, the rest is delivered. */
  async #exchange(
    message: RpcRequest,
    body: string,
    revision: string,
    controller: AbortController,
  ): Promise<RpcFailure | undefined> {
    const { url, events, maxBytes } = this.#context;
    const params = message.method === "tools/call" ? this.#tools.headersFor(message.params) : {};
    const headers = { ...POST_HEADERS, ...mirrors(message, revision), ...params };
    const onhold = this.#context.holding([message.id]);
    const request = { method: "POST" as const, url, headers, body, signal: controller.signal, onhold };
    const response = await (await this.#context.begin(request)).response;
    if (!response.ok) {
      const { error, message: failure } = await readRefusal(response, nameOf(message, url), message.id);
      if (failure === undefined) throw error;
      if (failure.error.code === StatelessCode.HeaderMismatch) return failure;
      events.onmessage(failure);
      return undefined;
    }
    const rest = createRest(() => controller.abort());
    const reading = new Reading(message, this.#tools, this.#context, rest);
    try {
      await readAnswer(response, maxBytes, reading);
    } catch (cause) {
      if (!reading.answered) throw cause instanceof MessageError ? cause : streamLost(message.method, cause);
    } finally {
      rest.stop();
    }
    if (!reading.answered) throw reading.failure ?? streamLost(message.method);
    return undefined;
  }

  async #relist(refused: RpcRequest, revision: string, signal: AbortSignal): Promise<boolean> {
    try {
      return await relist(refused, this.#tools, this.#context, (request) => {
        const headers = { ...POST_HEADERS, ...mirrors(request, revision) };
        return { method: "POST", url: this.#context.url, headers, body: serialize(request), signal };
      });
    } catch (error) {
      // The refusal itself is what the caller learns; why it could not be mended is for the owner.
      if (!signal.aborted) this.#context.events.onerror(toWireError(error, "Listing the tools again"));
      return false;
    }
  }
}

/** The headers that say what the body says (HTTP-103 to HTTP-107). */
function mirrors(message: RpcMessage, revision: string): Record<string, string> {
  const headers: Record<string, string> = { "MCP-Protocol-Version": revision };
  if (!("method" in message) || (isRevision(revision) && !traitsOf(revision).headerMirrors)) return headers;
  headers["Mcp-Method"] = message.method;
  const rows = isRevision(revision) ? tables[revision].methods : {};
  const row = Object.hasOwn(rows, message.method) ? rows[message.method] : undefined;
  for (const [header, path] of Object.entries(row?.headers ?? {})) {
    const value = valueAt(message, path.split("."));
    // The name of a method is never encoded; it has nothing to encode in any revision.
    if (typeof value === "string") headers[header] = path === "method" ? value : encodeHeaderValue(value);
  }
  return headers;
}

/** The messages of one exchange: they can be about its request and nothing else. */
class Reading implements AnswerSink {
  answered = false;
  /** An error that names no request, and so is about this one. */
  failure: McpWireError | undefined = undefined;
  readonly #request: RpcRequest;
  readonly #tools: ToolHeaders;
  readonly #context: HttpContext;
  readonly #rest: Rest;

  constructor(request: RpcRequest, tools: ToolHeaders, context: HttpContext, rest: Rest) {
    this.#request = request;
    this.#tools = tools;
    this.#context = context;
    this.#rest = rest;
  }

  onmessage(message: unknown): void {
    const { events } = this.#context;
    const kind = kindOf(message);
    const { id, method } = message as LooseMessage;
    if (kind === "notification") events.onmessage(message);
    else if (kind === "failure" && (id === undefined || id === null)) this.failure = errorOf(message as RpcFailure);
    else if (method !== undefined || id !== this.#request.id) this.onerror(stranger(message, this.#request));
    else if (!this.answered) {
      this.answered = true;
      this.#rest.answered();
      events.onmessage(this.#request.method === "tools/list" ? this.#learned(message) : message);
    }
  }

  onerror(error: McpWireError): void {
    this.#context.events.onerror(error);
  }

  #learned(message: unknown): unknown {
    const { result } = message as LooseMessage;
    const kept = this.#tools.learn(result);
    return kept === result ? message : { ...(message as object), result: kept };
  }
}

/** Servers send no requests in this era, and each exchange answers one (HTTP-82, HTTP-92). */
function stranger(message: unknown, { method }: RpcRequest): MessageError {
  const { id, method: asked } = message as LooseMessage;
  const what = asked === undefined ? `an answer to ${JSON.stringify(id)}` : `the request ${String(asked)}`;
  const problem = `The server sent ${what} in the exchange of ${method}.`;
  return new MessageError("UNKNOWN_ID", problem, "It was dropped: an exchange is about its own request.");
}

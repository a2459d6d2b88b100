/**
 * The server's end of HTTP in the stateless era: every POST is a conversation of its own, with one request in it, whose headers mirror
 * its body, and whose stream is closed to cancel it. Streamable HTTP of 2026-07-28; requirements HTTP-79 to HTTP-155.
 */

import { type McpWireError, RpcError } from "../../errors.js";
import type { Channel, ChannelEvents } from "../../jsonrpc/channel.js";
import {
  kindOf,
  type RequestId,
  RpcCode,
  type RpcErrorObject,
  type RpcFailure,
  type RpcPayload,
  type RpcRequest,
} from "../../jsonrpc/message.js";
import { type EventSink, type HttpExchange, originOf, respondJson } from "../../transport/http-exchange.js";
import { serialize } from "../../transport/serialize.js";
import { formatEvent } from "../../transport/sse-format.js";
import { isObject } from "../envelope.js";
import { decodeHeaderValue } from "../header-values.js";
import { type Begun, CLOSING, type HttpParts, idOf, refuse, VERSION_HEADER, type Waiting } from "../http-parts.js";
import { MetaKey, metaOf } from "../meta.js";
import { paramHeaderText, valueAt } from "../param-headers.js";
import type { Selection } from "../revision.js";
import { offeredRow } from "../task-facts.js";
import { StatelessCode } from "./codes.js";

/** The header whose value is the method; every request has it, known or not. */
const METHOD_HEADER = "mcp-method";

export interface StatelessHttp {
  /** Answers one parsed POST. */
  receive(exchange: HttpExchange, message: unknown): void;
  /** Ends what is under way, subscriptions with their results. */
  close(): Promise<void>;
}

export function createStatelessHttp(parts: HttpParts): StatelessHttp {
  const served: Selection = { ...parts.selection, stateful: [] };
  const open = new Set<StatelessChannel>();
  return {
    receive(exchange, message) {
      // Closing the exchange cancels the request, and there is nothing to cancel yet (HTTP-99).
      if (exchange.gone) return;
      switch (kindOf(message)) {
        case "request":
          break;
        case "notification":
          // Nothing that a client may say here without a request needs an answer or has an effect (HTTP-83, HTTP-85).
          exchange.respond(202, []);
          return;
        case "invalid":
          refuse(exchange, 400, RpcCode.InvalidRequest, "The body is no JSON-RPC request. Send one at a time.");
          return;
        default:
          refuse(
            exchange,
            400,
            RpcCode.InvalidRequest,
            "Responses are not taken in this revision. Answer questions by sending the request again.",
          );
          return;
      }
      const request = message as RpcRequest;
      const refusal = headerProblem(exchange, request, parts);
      if (refusal !== undefined) {
        refuse(exchange, 400, refusal.rpcCode, refusal.message, { id: idOf(message), data: refusal.data });
        return;
      }
      if (open.size >= parts.settings.maxRequests) {
        const text = `${open.size} requests are under way, which is the limit. Try again later.`;
        refuse(exchange, 503, RpcCode.InternalError, text, { id: request.id, headers: ["Retry-After", "5"] });
        return;
      }
      const channel = new StatelessChannel(parts, exchange, open);
      channel.begun = parts.begin(channel, served);
      channel.deliver(request);
    },
    async close() {
      await Promise.all([...open].map((channel) => channel.begun?.close()));
    },
  };
}

/** Why a request is refused before its method is looked at, in the order of HTTP-122. */
function headerProblem(exchange: HttpExchange, request: RpcRequest, parts: HttpParts): RpcError | undefined {
  const { method, params } = request;
  const supported = parts.selection.all;
  const version = exchange.header(VERSION_HEADER)?.trim();
  const named = exchange.header(METHOD_HEADER)?.trim();
  if (version === undefined || named === undefined) {
    const missing = version === undefined ? "MCP-Protocol-Version" : "Mcp-Method";
    const message = `The header ${missing} is missing. This server speaks ${supported.join(", ")}.`;
    return new RpcError(StatelessCode.HeaderMismatch, message, { supported });
  }
  const meta = metaOf(params);
  const revision = meta?.[MetaKey.protocolVersion];
  if (typeof revision !== "string") return missingMeta(MetaKey.protocolVersion, "string", supported);
  if (!isObject(meta?.[MetaKey.clientCapabilities]))
    return missingMeta(MetaKey.clientCapabilities, "object", supported);
  if (version !== revision) return mismatch("MCP-Protocol-Version", version, revision);
  if (named !== method) return mismatch("Mcp-Method", named, method);
  const spoken = parts.selection.stateless.find((one) => one === revision);
  // What is not spoken or not known is refused by the era, with its own words.
  const row = spoken === undefined ? undefined : offeredRow(spoken, method, parts.facts);
  if (row === undefined) return undefined;
  for (const [name, path] of Object.entries(row.headers ?? {})) {
    const key = name.toLowerCase();
    const value = valueAt(request, path.split("."));
    // A name that is no text has no header; what is wrong with it is said of the body.
    if (key === METHOD_HEADER || (value !== undefined && typeof value !== "string")) continue;
    const problem = mirrorProblem(exchange, name, key, value);
    if (problem !== undefined) return problem;
  }
  return paramProblem(exchange, method, params, parts);
}

function missingMeta(key: string, expected: string, supported: readonly string[]): RpcError {
  const pointer = `/params/_meta/${key.replace("/", "~1")}`;
  const message = `Every request names ${key} in its _meta. This server speaks ${supported.join(", ")}.`;
  return new RpcError(RpcCode.InvalidParams, message, {
    failures: [{ pointer, expected, actual: "missing" }],
    supported,
  });
}

function mismatch(header: string, value: string, inBody: unknown): RpcError {
  const message = `The header ${header} says ${JSON.stringify(value)}, the body ${JSON.stringify(inBody)}. Make them say the same.`;
  return new RpcError(StatelessCode.HeaderMismatch, message, { header });
}

/** Why a header does not mirror a value of the body; what is not in the body has no header. */
function mirrorProblem(exchange: HttpExchange, name: string, key: string, value: unknown): RpcError | undefined {
  const header = exchange.header(key);
  // Who routes by a header must not be told what the body does not say (HTTP-141).
  if (value === undefined) return header === undefined ? undefined : mismatch(name, header, null);
  const text = paramHeaderText(value);
  if (text === undefined) return undefined;
  if (header === undefined)
    return new RpcError(StatelessCode.HeaderMismatch, `The header ${name} is missing. Send it: it mirrors the body.`, {
      header: name,
    });
  const decoded = decodeHeaderValue(header);
  if (decoded === undefined)
    return new RpcError(
      StatelessCode.HeaderMismatch,
      `The header ${name} is no valid Base64 between its markers. Encode it again.`,
      {
        header: name,
      },
    );
  const same = typeof value === "number" ? decoded.trim() !== "" && Number(decoded) === value : decoded === text;
  return same ? undefined : mismatch(name, decoded, value);
}

function paramProblem(exchange: HttpExchange, method: string, params: unknown, parts: HttpParts): RpcError | undefined {
  for (const { header, path } of parts.facts.paramHeaders(method, params)) {
    const value = valueAt(isObject(params) ? params.arguments : undefined, path);
    const problem = mirrorProblem(exchange, header, header.toLowerCase(), value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** The status of an error that is the whole answer (HTTP-116 to HTTP-121). */
function statusOf({ code, data }: RpcErrorObject): number {
  switch (code) {
    case RpcCode.MethodNotFound:
      return 404;
    case RpcCode.InvalidRequest:
    case StatelessCode.HeaderMismatch:
    case StatelessCode.MissingCapability:
    case StatelessCode.UnsupportedVersion:
      return 400;
    case RpcCode.InvalidParams:
      return isAboutMeta(data) ? 400 : 200;
    default:
      return 200;
  }
}

function isAboutMeta(data: unknown): boolean {
  const failures = isObject(data) ? data.failures : undefined;
  const first: unknown = Array.isArray(failures) ? failures[0] : undefined;
  return isObject(first) && typeof first.pointer === "string" && first.pointer.startsWith("/params/_meta");
}

/** The one exchange as a channel. It ends with its answer, or when the client goes, which cancels the request. */
class StatelessChannel implements Channel, Waiting {
  dueAt = 0;
  previous: Waiting | undefined = undefined;
  next: Waiting | undefined = undefined;
  slot = -1;
  begun: Begun | undefined = undefined;
  readonly #parts: HttpParts;
  readonly #exchange: HttpExchange;
  readonly #open: Set<StatelessChannel>;
  #events: ChannelEvents | undefined = undefined;
  #sink: EventSink | undefined = undefined;
  #id: RequestId | undefined = undefined;
  #closed = false;

  constructor(parts: HttpParts, exchange: HttpExchange, open: Set<StatelessChannel>) {
    this.#parts = parts;
    this.#exchange = exchange;
    this.#open = open;
  }

  open(events: ChannelEvents): undefined {
    this.#events = events;
  }

  deliver(request: RpcRequest): void {
    this.#open.add(this);
    this.#id = request.id;
    this.#exchange.onclose = () => this.#finish();
    this.#events?.onmessage(request, originOf(this.#exchange));
    if (!this.#closed) this.#parts.patience.wait(this, this.#parts.settings.jsonWithinMs);
  }

  /** Work that takes long is answered by a stream, which can be kept alive. */
  expire(): void {
    this.#stream();
  }

  send(message: RpcPayload): Promise<void> | undefined {
    if (!("method" in message)) {
      this.#answer(message as RpcFailure);
      return undefined;
    }
    return this.#stream().write(formatEvent(serialize(message)));
  }

  close(): Promise<void> {
    if (!this.#closed && this.#sink === undefined)
      refuse(this.#exchange, 503, RpcCode.InternalError, CLOSING, { id: this.#id });
    else this.#sink?.end();
    this.#finish();
    return Promise.resolve();
  }

  #answer(message: RpcFailure): void {
    const text = serialize(message);
    const { error } = message as { readonly error?: RpcErrorObject };
    if (this.#sink === undefined && error === undefined && this.#parts.settings.answers === "sse") this.#stream();
    if (this.#sink === undefined) respondJson(this.#exchange, error === undefined ? 200 : statusOf(error), text);
    else {
      this.#sink.write(formatEvent(text));
      this.#sink.end();
    }
    this.#finish();
  }

  #stream(): EventSink {
    this.#sink ??= this.#parts.streams.open(this.#exchange);
    return this.#sink;
  }

  #finish(reason?: McpWireError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#open.delete(this);
    this.#parts.patience.drop(this);
    this.#exchange.onclose = undefined;
    this.#events?.onclose(reason);
  }
}

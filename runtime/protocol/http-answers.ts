/**
 * What the client's sides of both eras share over HTTP: reading an answer in either of its two forms, and making of a refusal the
 * error that says most. Streamable HTTP; requirements HTTP-10, HTTP-18, HTTP-29, HTTP-54, HTTP-80, HTTP-87, HTTP-123.
 */

import { ConnectionError, HttpError, type McpWireError, MessageError } from "../errors.js";
import { errorOf, kindOf, type RequestId, type RpcFailure, type RpcPayload } from "../jsonrpc/message.js";
import { mediaTypeOf, readBody } from "../transport/bodies.js";
import { readEvents } from "../transport/events.js";
import { shownUrl } from "../transport/http-client.js";

/** The headers of every message that is sent. */
export const POST_HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
} as const;

/** Where the messages of an answer go. */
export interface AnswerSink {
  /** One message, or a batch. */
  onmessage(message: unknown): void;
  /** The id of an event, which a stream can be taken up from. */
  onid?(id: string): void;
  onretry?(ms: number): void;
  onerror(error: McpWireError): void;
}

/** What is left of a stream after its answer gets so long to end by itself, which keeps its connection usable. */
const REST_MS = 1_000;

/** Cuts an exchange that does not end after its answer came. */
export interface Rest {
  answered(): void;
  stop(): void;
}

export function createRest(cut: () => void): Rest {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    answered() {
      timer ??= setTimeout(cut, REST_MS);
    },
    stop: () => clearTimeout(timer),
  };
}

/** How long the body of a refusal may take, and how large it may be: it is only read for what it says. */
const REFUSAL_MS = 5_000;
const REFUSAL_BYTES = 1024 * 1024;
const HEAD = 200;

/**
 * Reads an answer to its end, message by message.
 * @throws MessageError where it is neither JSON nor a stream of events, or too large; whatever the stream fails with.
 */
export async function readAnswer(response: Response, maxBytes: number, sink: AnswerSink): Promise<void> {
  if (mediaTypeOf(response.headers) === "text/event-stream" && response.body !== null) {
    await readEvents(response.body, eventSink(sink), maxBytes);
    return;
  }
  const { text, whole } = await readBody(response, maxBytes);
  if (!whole) {
    const problem = `The answer has more than ${maxBytes} bytes, which is the limit.`;
    throw new MessageError("TOO_LARGE", problem, "Raise `maxMessageBytes`, or have the peer send less at once.");
  }
  if (text.trim() === "") return;
  const message = parse(text);
  if (typeof message !== "object" || message === null) throw noMessage(response, text);
  sink.onmessage(message);
}

/** Ids without characters that no header has: with others a stream cannot be taken up. */
const USABLE_ID = /^[^\p{Cc}]+$/u;

function eventSink(sink: AnswerSink): Parameters<typeof readEvents>[1] {
  return {
    onevent({ id, event, data }) {
      if (id !== undefined && USABLE_ID.test(id)) sink.onid?.(id);
      // Other names are for others, and an empty event is there for its id.
      if ((event !== undefined && event !== "message") || data === "") return;
      const message = parse(data);
      if (message !== undefined) sink.onmessage(message);
      else {
        const head = data.slice(0, HEAD);
        sink.onerror(new MessageError("NOT_JSON", "An event is no JSON.", "The event was skipped.", { head }));
      }
    },
    onretry: (ms) => sink.onretry?.(ms),
  };
}

/** What a status that is no success comes to: an error, and the message that says it where that answers the request by its id. */
export interface Refusal {
  readonly error: McpWireError;
  readonly message?: RpcFailure;
}

/** Reads a refusal. Where it asks for credentials it is an `HttpError` whatever its body says, since the headers say how. */
export async function readRefusal(response: Response, what: string, id: RequestId | undefined): Promise<Refusal> {
  const { status, headers } = response;
  let text = "";
  try {
    ({ text } = await readBody(response, REFUSAL_BYTES, REFUSAL_MS));
  } catch {
    // The status stands, with or without the rest of the body.
  }
  const body = parse(text);
  if (status !== 401 && status !== 403 && kindOf(body) === "failure") {
    const failure = body as RpcFailure;
    return failure.id === id && id !== undefined
      ? { error: errorOf(failure), message: failure }
      : { error: errorOf(failure) };
  }
  const { problem, wayOut } = sayStatus(status);
  const head = text.slice(0, HEAD);
  return {
    error: new HttpError(`${what} was refused: ${problem} (status ${status}).`, wayOut, { status, headers, head }),
  };
}

function sayStatus(status: number): { problem: string; wayOut: string } {
  switch (status) {
    case 401:
      return {
        problem: "the server wants credentials",
        wayOut: "Give them by `headers`, or give a `fetch` that authorizes: `authorize` of mcpwire/auth makes one.",
      };
    case 403:
      return {
        problem: "that is not allowed",
        wayOut: "Look at the `www-authenticate` header and the rights of the credentials.",
      };
    case 404:
      return { problem: "there is nothing", wayOut: "Check the path of the URL." };
    case 405:
      return { problem: "the method is not allowed", wayOut: "Check the path of the URL." };
    case 413:
      return { problem: "the message is larger than the server takes", wayOut: "Send less at once." };
    case 429:
      return {
        problem: "there were too many requests",
        wayOut: "Try again later; the header `retry-after` may say when.",
      };
    case 431:
      return {
        problem: "the headers are larger than the server takes",
        wayOut: "Names of resources and some arguments of tools travel in headers: send shorter ones.",
      };
    default:
      return status >= 500
        ? { problem: "the server failed", wayOut: "Try again later, or look at the logs of the server." }
        : { problem: "the server gave no reason that is JSON-RPC", wayOut: "Look at `status` and `head`." };
  }
}

/** The error for a request whose exchange ended before its answer. */
export function streamLost(what: string, cause?: unknown): ConnectionError {
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  const problem = `The answer to ${what} did not come: its exchange ended before it${why}.`;
  return new ConnectionError("STREAM_LOST", problem, "It may have been carried out; repeat it if that is safe.", cause);
}

/** What a message is called in errors. */
export function nameOf(message: RpcPayload, url: URL): string {
  const one = Array.isArray(message) ? "a batch" : ((message as { method?: string }).method ?? "an answer");
  return `${one} (POST ${shownUrl(url)})`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is no message, which callers tell apart from every message.
    return undefined;
  }
}

function noMessage(response: Response, text: string): MessageError {
  const type = mediaTypeOf(response.headers);
  const problem = `The answer is no message but ${type === "" ? "something without a type" : type} (status ${response.status}).`;
  return new MessageError("NOT_A_MESSAGE", problem, "Check that the URL is that of an MCP endpoint.", {
    head: text.slice(0, HEAD),
  });
}

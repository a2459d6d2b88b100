/**
 * The client's side of HTTP with SSE, the transport of before Streamable HTTP: one stream brings everything, and says where messages
 * are to be posted. Transports of 2024-11-05; requirements SSE-02 to SSE-09, SSE-13 to SSE-15, SSE-22.
 */

import { ConnectionError, type McpWireError, MessageError, toWireError } from "../../errors.js";
import type { RequestId, RpcPayload } from "../../jsonrpc/message.js";
import { dropBody, mediaTypeOf } from "../../transport/bodies.js";
import { readEvents } from "../../transport/events.js";
import { shownUrl } from "../../transport/http-client.js";
import { within } from "../../transport/patience.js";
import { nameOf, readRefusal } from "../http-answers.js";
import type { HttpContext } from "../http-context.js";

export interface HttpSse {
  /** Opens the stream and waits to be told where to post. Rejects where the server is none of this kind. */
  open(): Promise<void>;
  /** Posts a message; resolves when it was taken or refused, and never rejects. The ids are those of the requests in it. */
  post(message: RpcPayload, body: string, ids: readonly RequestId[]): Promise<void>;
}

/** @param onloss is told that the stream is gone, and the connection with it (SSE-08). */
export function createHttpSse(
  context: HttpContext,
  endpointTimeoutMs: number,
  onloss: (reason: McpWireError) => void,
): HttpSse {
  return new EventsAndPosts(context, endpointTimeoutMs, onloss);
}

class EventsAndPosts implements HttpSse {
  readonly #context: HttpContext;
  readonly #timeoutMs: number;
  readonly #onloss: (reason: McpWireError) => void;
  #endpoint: URL | undefined = undefined;

  constructor(context: HttpContext, timeoutMs: number, onloss: (reason: McpWireError) => void) {
    this.#context = context;
    this.#timeoutMs = timeoutMs;
    this.#onloss = onloss;
  }

  async open(): Promise<void> {
    const controller = this.#context.open();
    let held: Promise<unknown> | undefined;
    const told = this.#connect(controller, (until) => {
      held = until.catch(() => undefined);
    });
    const outcome = told.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    let inTime = await within(this.#timeoutMs, outcome);
    // Somebody may have had to sign in first.
    if (!inTime && held !== undefined) {
      await held;
      inTime = await within(this.#timeoutMs, outcome);
    }
    const failure = inTime ? await outcome : { error: noEndpoint(this.#context.url, `within ${this.#timeoutMs} ms`) };
    if (failure === undefined) return;
    controller.abort();
    this.#context.done(controller);
    throw failure.error;
  }

  async post(message: RpcPayload, body: string, ids: readonly RequestId[]): Promise<void> {
    const { url, events } = this.#context;
    const controller = this.#context.open();
    const what = nameOf(message, url);
    try {
      const headers = { "content-type": "application/json" };
      const onhold = this.#context.holding(ids);
      const { signal } = controller;
      const method = "POST" as const;
      const request = { method, url: this.#endpoint as URL, server: url.href, headers, body, signal, onhold };
      const response = await (await this.#context.begin(request)).response;
      if (!response.ok) throw (await readRefusal(response, what, undefined)).error;
      // Answers come on the stream; what stands here is an acknowledgement.
      await dropBody(response);
    } catch (caught) {
      if (this.#context.closed) return;
      const error = toWireError(caught, `Sending ${what}`);
      for (const id of ids) events.onlost(id, error);
      if (ids.length === 0) events.onerror(error);
    } finally {
      this.#context.done(controller);
    }
  }

  /** Resolves with the event that names the endpoint, and reads on. */
  async #connect(controller: AbortController, onhold: (until: Promise<unknown>) => void): Promise<void> {
    const { url } = this.#context;
    const headers = { accept: "text/event-stream" };
    const begun = await this.#context.begin({ method: "GET", url, headers, signal: controller.signal, onhold });
    const response = await begun.response;
    if (!response.ok) throw (await readRefusal(response, `GET ${shownUrl(url)}`, undefined)).error;
    const { body } = response;
    if (mediaTypeOf(response.headers) !== "text/event-stream" || body === null) {
      await dropBody(response);
      throw noEndpoint(url, "in a stream of events");
    }
    await new Promise<void>((resolve, reject) => {
      this.#read(body, resolve, reject).then(
        () => reject(noEndpoint(url, "before the stream ended")),
        (error: unknown) => reject(error),
      );
    });
  }

  async #read(body: ReadableStream<Uint8Array>, opened: () => void, refused: (error: unknown) => void): Promise<void> {
    const { maxBytes, url } = this.#context;
    let cause: unknown;
    const onevent = ({ event, data }: { event: string | undefined; data: string }): void => {
      if (event === "endpoint" && this.#endpoint === undefined) {
        try {
          this.#endpoint = readEndpoint(data, url);
          opened();
        } catch (error) {
          refused(error);
        }
      } else if ((event === undefined || event === "message") && data !== "") this.#message(data);
    };
    try {
      await readEvents(body, { onevent, onretry: () => undefined }, maxBytes);
    } catch (error) {
      cause = error;
    }
    if (this.#endpoint === undefined) {
      if (cause !== undefined) throw cause;
      return;
    }
    if (this.#context.closed) return;
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    const problem = `The stream of ${shownUrl(url)} ended, and the session with it${why}.`;
    this.#onloss(new ConnectionError("CLOSED", problem, "Connect again.", cause));
  }

  #message(data: string): void {
    const { events } = this.#context;
    let message: unknown;
    try {
      message = JSON.parse(data);
    } catch (cause) {
      const detail = { head: data.slice(0, 200), cause };
      events.onerror(new MessageError("NOT_JSON", "An event is no JSON.", "The event was skipped.", detail));
      return;
    }
    events.onmessage(message);
  }
}

/** Where to post: a place of another origin would get what is meant for this one (SSE-14). */
function readEndpoint(data: string, url: URL): URL {
  const endpoint = URL.canParse(data.trim(), url.href) ? new URL(data.trim(), url.href) : undefined;
  if (endpoint?.origin === url.origin) return endpoint;
  const where = endpoint === undefined ? "nowhere" : `to ${endpoint.origin}`;
  const problem = `The server at ${url.origin} wants messages to go ${where}.`;
  throw new ConnectionError(
    "REQUEST_FAILED",
    problem,
    "It was not followed: an endpoint must have the origin of the server.",
  );
}

function noEndpoint(url: URL, how: string): ConnectionError {
  const problem = `GET ${shownUrl(url)} did not name an endpoint ${how}.`;
  return new ConnectionError("REQUEST_FAILED", problem, "Check that the URL is that of an MCP server.");
}

/**
 * Streams that a client of the stateful era opens by GET: to hear what the server says unasked, and to take up the stream of a request
 * that was cut. Streamable HTTP; requirements HTTP-30 to HTTP-56.
 */

import { MessageError } from "../../errors.js";
import { dropBody, mediaTypeOf } from "../../transport/bodies.js";
import { shownUrl } from "../../transport/http-client.js";
import { backoff, sleep } from "../../transport/patience.js";
import { type AnswerSink, type Refusal, readAnswer, readRefusal } from "../http-answers.js";
import type { HttpContext } from "../http-context.js";

/** How far a stream was read. */
export class StreamPlace {
  lastEventId: string | undefined = undefined;
  /** Milliseconds that the server wants between the end of the stream and the next request. */
  retryMs: number | undefined = undefined;
  /** Attempts since something came. */
  fruitless = 0;

  /** What the server wants is done exactly, unless that would never end. */
  get waitMs(): number {
    if (this.retryMs === undefined) return backoff(this.fruitless);
    return this.fruitless > PATIENCE ? Math.max(this.retryMs, backoff(this.fruitless - PATIENCE)) : this.retryMs;
  }

  /** The same sink, with the place kept. */
  follow(sink: AnswerSink): AnswerSink {
    return {
      onmessage: (message) => {
        this.fruitless = 0;
        sink.onmessage(message);
      },
      onid: (id) => {
        if (id !== this.lastEventId) this.fruitless = 0;
        this.lastEventId = id;
      },
      onretry: (ms) => {
        this.retryMs = ms;
      },
      onerror: (error) => sink.onerror(error),
    };
  }
}

/** Attempts in a row that may be without fruit before more and more time is left between them. */
const PATIENCE = 10;

/** How one GET went: it was read to its end, it was refused, or it failed. */
export type Got =
  | { readonly kind: "read" }
  | { readonly kind: "refused"; readonly status: number; readonly refusal: Refusal }
  | { readonly kind: "failed"; readonly cause: unknown };

/** One GET, read to its end. Rejects only with a `MessageError` that would come again, such as `TOO_LARGE`. */
export async function get(
  context: HttpContext,
  place: StreamPlace,
  headers: Readonly<Record<string, string>>,
  controller: AbortController,
  sink: AnswerSink,
): Promise<Got> {
  const { url, maxBytes } = context;
  const resume = place.lastEventId === undefined ? {} : { "Last-Event-ID": bytesOf(place.lastEventId) };
  const all = { accept: "text/event-stream", ...headers, ...resume };
  place.fruitless++;
  try {
    const begun = await context.begin({ method: "GET", url, headers: all, signal: controller.signal });
    const response = await begun.response;
    if (!response.ok) {
      const refusal = await readRefusal(response, `GET ${shownUrl(url)}`, undefined);
      return { kind: "refused", status: response.status, refusal };
    }
    if (mediaTypeOf(response.headers) !== "text/event-stream") {
      await dropBody(response);
      const problem = `GET ${shownUrl(url)} was answered with no stream of events.`;
      throw new MessageError("NOT_A_MESSAGE", problem, "The server should refuse with 405 where it has none.");
    }
    await readAnswer(response, maxBytes, place.follow(sink));
    return { kind: "read" };
  } catch (cause) {
    if (cause instanceof MessageError) throw cause;
    return { kind: "failed", cause };
  }
}

/** Whether a GET that was refused may be granted later. */
export function mayPass(status: number): boolean {
  return status >= 500 || status === 409 || status === 429;
}

/** Statuses by which servers say that they have no such stream (HTTP-39). */
const NONE: ReadonlySet<number> = new Set([400, 404, 405]);

/**
 * Hears what the server says outside of requests, again and again, until the controller aborts or the server has no such stream.
 * Never rejects.
 */
export async function listen(
  context: HttpContext,
  headers: () => Readonly<Record<string, string>>,
  controller: AbortController,
  onmessage: (message: unknown) => void,
): Promise<void> {
  const { events } = context;
  const place = new StreamPlace();
  const sink: AnswerSink = { onmessage, onerror: (error) => events.onerror(error) };
  while (!controller.signal.aborted) {
    let got: Got;
    try {
      got = await get(context, place, headers(), controller, sink);
    } catch (error) {
      if (!controller.signal.aborted) events.onerror(error as MessageError);
      return;
    }
    if (controller.signal.aborted) return;
    if (got.kind === "refused" && !mayPass(got.status)) {
      if (!NONE.has(got.status)) events.onerror(got.refusal.error);
      // What cannot be taken up can still be begun anew.
      if (place.lastEventId === undefined) return;
      place.lastEventId = undefined;
    }
    await sleep(place.waitMs, controller.signal);
  }
}

/** Headers carry bytes: an id beyond ASCII goes as its UTF-8, as browsers send it. */
function bytesOf(id: string): string {
  return Array.from(new TextEncoder().encode(id), (byte) => String.fromCharCode(byte)).join("");
}

/** One POST with requests in it: answered as JSON while nothing else was said about them, and as an event stream after that. */

import { type RequestId, RpcCode, type RpcPayload } from "../../jsonrpc/message.js";
import { type FlatHeaders, type HttpExchange, respondJson } from "../../transport/http-exchange.js";
import { serialize } from "../../transport/serialize.js";
import { isObject } from "../envelope.js";
import { CLOSING, lostText, notFound, refuse, type Waiting } from "../http-parts.js";
import type { EventStream } from "./event-stream.js";
import type { HttpSession } from "./http-session.js";

export class Post implements Waiting {
  dueAt = 0;
  previous: Waiting | undefined = undefined;
  next: Waiting | undefined = undefined;
  slot = -1;
  readonly ids: readonly RequestId[];
  readonly #session: HttpSession;
  readonly #exchange: HttpExchange;
  /** Whether this is the POST that opened the session. */
  readonly #opening: boolean;
  /** What came, where an answer may change what other nodes have to know. */
  asked: unknown = undefined;
  #stream: EventStream | undefined = undefined;
  #done = false;

  constructor(session: HttpSession, exchange: HttpExchange, ids: readonly RequestId[]) {
    this.#session = session;
    this.#exchange = exchange;
    this.#opening = session.traits === undefined;
    this.ids = ids;
  }

  /** Waits for answers that do not come at once. */
  wait(): void {
    const { patience, settings } = this.#session.parts;
    if (this.#done || this.#stream !== undefined) return;
    if (settings.answers === "sse") this.stream();
    else patience.wait(this, settings.jsonWithinMs);
  }

  /** Work that takes long is answered by a stream, which can be kept alive and resumed. */
  expire(): void {
    this.stream();
  }

  /** The stream of this POST, opened when it is first needed. */
  stream(): EventStream {
    if (this.#stream !== undefined) return this.#stream;
    const { parts, traits } = this.#session;
    this.#stream = this.#session.createStream(false, this.ids);
    this.#stream.attach(parts.streams.open(this.#exchange, this.#headers()));
    if (traits?.ssePolling === true && parts.settings.events !== undefined) this.#stream.prime(parts.settings.retryMs);
    return this.#stream;
  }

  /** Gives the answer, or all answers of a batch. */
  answer(message: RpcPayload): void {
    const text = serialize(message);
    if (this.#opening && !Array.isArray(message)) this.#session.agreed((message as { result?: unknown }).result);
    const kept = this.asked === undefined ? undefined : this.#session.share?.keep(this.asked, message);
    if (kept === undefined) this.#give(message, text, this.#session.traits === undefined);
    else kept.then((given) => this.#give(given, serialize(given), given !== message));
  }

  #give(message: RpcPayload, text: string, unopened: boolean): void {
    if (this.#done) return;
    // A refused handshake leaves nothing behind.
    const refused = this.#opening && unopened;
    const plain = refused || isUnreadable(message) || this.#session.parts.settings.answers !== "sse";
    if (this.#stream === undefined && plain) {
      respondJson(this.#exchange, isUnreadable(message) ? 400 : 200, text, refused ? [] : this.#headers());
    } else {
      this.stream().write(text);
      this.#endStream();
    }
    this.#forget();
    if (refused) void this.#session.begun?.close();
  }

  /** Ends it without an answer. */
  end(): void {
    if (this.#done) return;
    if (this.#stream !== undefined) this.#endStream();
    else this.#exchange.respond(202, []);
    this.#forget();
  }

  /** Ends it since the session ends: nobody is left who could answer. */
  lose(): void {
    const leaving = this.#session.share?.leaving === true;
    if (this.#stream === undefined && !this.#done) {
      const [id] = this.ids;
      if (leaving) refuse(this.#exchange, 503, RpcCode.InternalError, CLOSING, { id });
      else notFound(this.#exchange, "The session was closed before this was answered. Open one by `initialize`.", id);
    } else if (leaving && !this.#done) {
      // Who comes back for the stream elsewhere would wait for ever.
      for (const id of this.ids) this.#stream?.write(lostText(id));
    }
    this.end();
  }

  #headers(): FlatHeaders {
    return this.#opening ? ["Mcp-Session-Id", this.#session.id] : [];
  }

  #forget(): void {
    this.#done = true;
    this.#session.parts.patience.drop(this);
    this.#session.forget(this);
  }

  #endStream(): void {
    const stream = this.#stream;
    if (this.#session.share !== undefined) stream?.mark();
    stream?.end(() => this.#session.finished(stream));
  }
}

/** Whether an answer says that the body as a whole could not be taken. */
function isUnreadable(message: RpcPayload): boolean {
  return isObject(message) && message.id === undefined;
}

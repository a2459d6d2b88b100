/**
 * The client's channel over HTTP, for every revision: each message goes the way of its era, which it shows itself. A server of before
 * Streamable HTTP is found by the refusal of the handshake. Requirements HTTP-76 to HTTP-78, HTTP-157, SSE-21, SSE-24, LIFE-78.
 */

import { ConnectionError, type McpWireError, toWireError } from "../errors.js";
import type { Channel, ChannelEvents } from "../jsonrpc/channel.js";
import {
  kindOf,
  type LooseMessage,
  type RequestId,
  type RpcPayload,
  type RpcRequest,
  requestIds,
} from "../jsonrpc/message.js";
import { DEFAULT_MAX_MESSAGE_BYTES } from "../transport/events.js";
import { type HttpClientSettings, readHttpUrl } from "../transport/http-client.js";
import { within } from "../transport/patience.js";
import { createRoom, type Room } from "../transport/room.js";
import { serialize } from "../transport/serialize.js";
import { createHttpContext, type OwnedContext } from "./http-context.js";
import { MetaKey, metaOf } from "./meta.js";
import { createStatefulHttp, type StatefulHttp } from "./stateful/http-client.js";
import { createHttpSse, type HttpSse } from "./stateful/http-sse-client.js";
import { createStatelessHttp, type StatelessHttp } from "./stateless/http-client.js";

/** How a client speaks HTTP. */
export interface HttpOptions extends HttpClientSettings {
  /** Bytes that one message of the server may have. Default 64 MiB. */
  readonly maxMessageBytes?: number;
  /** Whether, in revisions with sessions, a stream is kept open for what the server says unasked. Default true. */
  readonly listen?: boolean;
  /** Milliseconds in which a server of 2024-11-05 has to say where messages are posted. Default 10 000. */
  readonly endpointTimeoutMs?: number;
  /** Milliseconds that closing may take to send what was taken and to tell the server. Default 2 000. */
  readonly closeMs?: number;
}

/** Notifications and answers on their way from which on `send` begins to return promises, and at which it throws. */
const HIGH_WATER = 256;
const MAX_POSTS = 10_000;

/**
 * Makes a channel to an MCP endpoint. It speaks Streamable HTTP, and HTTP with SSE where the server refuses the handshake as servers of
 * that time do. Nothing is sent before the first message.
 *
 * @throws McpWireError `INVALID_USE` where `url` is no http or https URL, or holds credentials.
 */
export function createHttpChannel(url: string | URL, options: HttpOptions = {}): Channel {
  return new HttpChannel(readHttpUrl(url), options, false);
}

/**
 * Makes a channel to a server that is known to speak HTTP with SSE, the transport of 2024-11-05 alone; `open` connects.
 * @throws McpWireError `INVALID_USE` as {@link createHttpChannel}.
 */
export function createHttpSseChannel(url: string | URL, options: HttpOptions = {}): Channel {
  return new HttpChannel(readHttpUrl(url), options, true);
}

class HttpChannel implements Channel {
  readonly #options: HttpOptions;
  readonly #context: OwnedContext;
  readonly #stateful: StatefulHttp;
  readonly #stateless: StatelessHttp;
  readonly #room: Room = createRoom();
  readonly #startsOld: boolean;
  /** What is on its way and has no answer to come. */
  readonly #posts = new Set<Promise<void>>();
  #old: HttpSse | undefined = undefined;
  #opened = false;
  #closing: Promise<void> | undefined = undefined;

  constructor(url: URL, options: HttpOptions, startsOld: boolean) {
    this.#options = options;
    this.#startsOld = startsOld;
    this.#context = createHttpContext(url, options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES, options);
    this.#stateless = createStatelessHttp(this.#context);
    this.#stateful = createStatefulHttp(this.#context, {
      listen: options.listen ?? true,
      older: (handshake) => this.#older(handshake),
    });
  }

  open(events: ChannelEvents): Promise<void> | undefined {
    this.#opened = true;
    this.#context.events = events;
    if (!this.#startsOld) return undefined;
    return this.#openOld().catch((error: unknown) => {
      this.#closing ??= this.#close(toWireError(error, "Connecting"));
      throw error;
    });
  }

  send(message: RpcPayload): Promise<void> | undefined {
    if (!this.#opened) throw new ConnectionError("NOT_OPEN", "The channel is not open.", "Call `open` before sending.");
    if (this.#closing !== undefined) throw new ConnectionError("CLOSED", "The connection is closed.", "Connect again.");
    const ids = requestIds(message);
    if (this.#old !== undefined) return this.#posting(this.#old.post(message, serialize(message), ids));
    const revision = metaOf((message as { params?: unknown }).params)?.[MetaKey.protocolVersion];
    if (typeof revision === "string" && kindOf(message) === "request") {
      this.#stateless.request(message as RpcRequest, revision);
      return undefined;
    }
    const body = serialize(message);
    if (ids.length > 0) {
      this.#stateful.request(message, body);
      return undefined;
    }
    if (this.#posts.size >= MAX_POSTS) {
      const problem = `${this.#posts.size} messages are on their way, which is the limit: the server does not take them.`;
      throw new ConnectionError("QUEUE_FULL", problem, "Await the promise of `send` before sending more.");
    }
    const isStateless = this.#stateless.revision !== undefined && !this.#stateful.begun;
    // Only what opens a session is waited for: nothing may overtake it.
    const posting = isStateless
      ? this.#stateless.notify(message as RpcRequest, body)
      : this.#stateful.post(message, body);
    const waits = this.#posting(posting);
    return (message as LooseMessage).method === "notifications/initialized" ? posting : waits;
  }

  giveUp(id: RequestId): boolean {
    if (this.#stateless.giveUp(id)) return true;
    this.#stateful.giveUp(id);
    return false;
  }

  held(id: RequestId): boolean {
    return this.#context.held(id);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close(undefined);
    return this.#closing;
  }

  #posting(posting: Promise<void>): Promise<void> | undefined {
    this.#posts.add(posting);
    void posting.then(() => {
      this.#posts.delete(posting);
      if (this.#posts.size < HIGH_WATER) this.#room.open();
    });
    return this.#posts.size < HIGH_WATER ? undefined : this.#room.wait();
  }

  async #close(reason: McpWireError | undefined): Promise<void> {
    const { closeMs = 2_000 } = this.#options;
    if (reason === undefined && this.#posts.size > 0) await within(closeMs, Promise.all(this.#posts));
    this.#context.end();
    this.#room.open();
    if (reason === undefined && this.#old === undefined) {
      await within(closeMs, this.#stateful.end(AbortSignal.timeout(closeMs)));
    }
    this.#context.events.onclose(reason);
  }

  /** Looks for the older transport where a handshake was refused; false where it is not there either, and the refusal stands. */
  async #older(handshake: RpcRequest): Promise<boolean> {
    try {
      await this.#openOld();
    } catch {
      // The refusal of the handshake says more than that the last resort was none.
      return false;
    }
    void this.#posting((this.#old as HttpSse).post(handshake, serialize(handshake), [handshake.id]));
    return true;
  }

  async #openOld(): Promise<void> {
    const old = createHttpSse(this.#context, this.#options.endpointTimeoutMs ?? 10_000, (reason) => {
      this.#closing ??= this.#close(reason);
    });
    await old.open();
    this.#old = old;
  }
}

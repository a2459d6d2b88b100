/** What the parts of a client's HTTP channel share: where messages go, in which order they set out, and how everything ends at once. */

import type { ChannelEvents } from "../jsonrpc/channel.js";
import type { RequestId } from "../jsonrpc/message.js";
import { type Begun, createHttpCaller, type HttpClientSettings, type HttpRequest } from "../transport/http-client.js";
import { within } from "../transport/patience.js";

export interface HttpContext {
  readonly url: URL;
  /** Bytes that one message may have. */
  readonly maxBytes: number;
  readonly events: ChannelEvents;
  /** Whether the channel was closed, which ended every exchange: what they fail with is then no news. */
  readonly closed: boolean;
  /** What ends one exchange; the channel does it when it closes. */
  open(): AbortController;
  /** The exchange has ended. */
  done(controller: AbortController): void;
  /** Makes what notes that requests with these ids are held up. */
  holding(ids: Iterable<RequestId>): (until: Promise<unknown>) => void;
  /** Whether a request is held up. */
  held(id: RequestId): boolean;
  /** Begins requests one after the other, in the order of the calls. With `settled`, later ones wait for the answer of this one. */
  begin(request: HttpRequest, settled?: boolean): Promise<Begun>;
}

/** The context with what only its owner may do. */
export interface OwnedContext extends HttpContext {
  events: ChannelEvents;
  /** Ends every exchange, and from now on every new one. */
  end(): void;
}

/** How long later messages wait for one that they must not overtake. */
const SETTLED_MS = 10_000;

const NOBODY: ChannelEvents = {
  onmessage: () => undefined,
  onerror: () => undefined,
  onlost: () => undefined,
  onend: () => undefined,
  onclose: () => undefined,
};

export function createHttpContext(url: URL, maxBytes: number, settings: HttpClientSettings): OwnedContext {
  const caller = createHttpCaller(settings);
  const exchanges = new Set<AbortController>();
  const held = new Set<RequestId>();
  const nothing = (): void => undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let closed = false;
  return {
    url,
    maxBytes,
    events: NOBODY,
    get closed() {
      return closed;
    },
    open() {
      const controller = new AbortController();
      if (closed) controller.abort();
      else exchanges.add(controller);
      return controller;
    },
    done(controller) {
      exchanges.delete(controller);
    },
    holding(ids) {
      return (until) => {
        const all = [...ids];
        for (const id of all) held.add(id);
        const over = (): void => {
          for (const id of all) held.delete(id);
        };
        until.then(over, over);
      };
    },
    held: (id) => held.has(id),
    begin(request, settled = false) {
      const begun = turn.then(() => caller.begin(request));
      const after = ({ response }: Begun): unknown =>
        settled ? within(SETTLED_MS, response.then(nothing, nothing)) : undefined;
      turn = begun.then(after, nothing);
      return begun;
    },
    end() {
      closed = true;
      for (const controller of exchanges) controller.abort();
      exchanges.clear();
    },
  };
}

/**
 * The subscriptions of a client, which outlive the connections that they were made on: after a gap they are asked for anew, and what
 * may have been missed is said to have changed. Requirements SUB-15 to SUB-17, STDIO-32, STDIO-33.
 */

import { ConnectionError, HttpError, type McpWireError, toWireError } from "../errors.js";
import type { ListenFilter, Listening, ServerEvent } from "../protocol/era.js";
import { backoff, sleep } from "../transport/patience.js";
import { type Connection, isSessionLost, type Live } from "./connection.js";

/** Attempts after which a subscription that cannot be had again is over. */
const MAX_ATTEMPTS = 10;

export interface ListeningParts {
  connection(): Connection;
  /** Hears of what may have changed unheard. */
  onmissed(event: ServerEvent): void;
  report(error: McpWireError): void;
}

/** All subscriptions of a client. */
export class Listenings {
  readonly #parts: ListeningParts;
  readonly #all = new Set<Lasting>();

  constructor(parts: ListeningParts) {
    this.#parts = parts;
  }

  async begin(filter: ListenFilter, onevent: (event: ServerEvent) => void): Promise<Listening> {
    const one = new Lasting(filter, onevent, this.#parts, () => this.#all.delete(one));
    await this.#parts.connection().use(async (live) => one.take(live, await live.era.listen(filter, onevent)));
    this.#all.add(one);
    return one;
  }

  /** The connection is gone: each subscription comes back by itself, and the connection with it. */
  lost(): void {
    for (const one of this.#all) void one.revive(0);
  }

  /** There is a new connection, which knows of none of them. */
  moved(): void {
    for (const one of this.#all) void one.revive();
  }

  /** Nothing comes back any more. */
  end(reason: McpWireError | undefined): void {
    for (const one of this.#all) one.finish(reason);
  }
}

class Lasting implements Listening {
  readonly ended: Promise<McpWireError | undefined>;
  readonly #filter: ListenFilter;
  readonly #onevent: (event: ServerEvent) => void;
  readonly #parts: ListeningParts;
  readonly #forget: () => void;
  readonly #over = new AbortController();
  #settle: (error: McpWireError | undefined) => void = () => undefined;
  #live: Live | undefined = undefined;
  #inner: Listening | undefined = undefined;
  #reviving = false;

  constructor(filter: ListenFilter, onevent: (event: ServerEvent) => void, parts: ListeningParts, forget: () => void) {
    this.#filter = filter;
    this.#onevent = onevent;
    this.#parts = parts;
    this.#forget = forget;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get agreed(): ListenFilter {
    return (this.#inner as Listening).agreed;
  }

  take(live: Live, inner: Listening): void {
    this.#live = live;
    this.#inner = inner;
    void inner.ended.then((error) => {
      if (this.#inner !== inner || this.#over.signal.aborted) return;
      if (error !== undefined && this.#mayComeBack(error)) void this.revive(0);
      else this.finish(error);
    });
  }

  finish(error: McpWireError | undefined): void {
    this.#over.abort();
    this.#forget();
    this.#settle(error);
  }

  async close(): Promise<void> {
    if (this.#over.signal.aborted) return;
    const [live, inner] = [this.#live, this.#inner];
    this.finish(undefined);
    // A connection that is gone has forgotten it.
    if (live !== this.#parts.connection().current || live.peer.closed) return;
    try {
      await inner?.close();
    } catch (error) {
      if (!isSessionLost(error)) throw error;
    }
  }

  /** Asks for the subscription until it is there; at first after the wait for so many failures, where it is given. */
  async revive(failures?: number): Promise<void> {
    const { signal } = this.#over;
    if (this.#reviving || signal.aborted) return;
    this.#reviving = true;
    if (failures !== undefined) await sleep(backoff(failures), signal);
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        await this.#ask();
        break;
      } catch (caught) {
        const error = toWireError(caught, "Subscribing again");
        if (attempt >= MAX_ATTEMPTS || !this.#mayComeBack(error)) {
          this.finish(error);
          break;
        }
      }
      await sleep(backoff(attempt), signal);
    }
    this.#reviving = false;
  }

  async #ask(): Promise<void> {
    const { live, inner } = await this.#parts.connection().use(async (opened) => {
      return { live: opened, inner: await opened.era.listen(this.#filter, this.#onevent) };
    });
    if (this.#over.signal.aborted) {
      await inner.close();
      return;
    }
    this.take(live, inner);
    for (const event of missed(inner.agreed)) {
      this.#parts.onmissed(event);
      try {
        this.#onevent(event);
      } catch (error) {
        this.#parts.report(toWireError(error, "The listener of a subscription"));
      }
    }
  }

  #mayComeBack(error: McpWireError): boolean {
    const connection = this.#parts.connection();
    if (connection.current.peer.closed && !connection.renewable) return false;
    return (
      error instanceof ConnectionError || (error instanceof HttpError && (error.status >= 500 || error.status === 429))
    );
  }
}

/** What may have changed while nobody listened. */
function missed({ tools, prompts, resources, uris = [] }: ListenFilter): ServerEvent[] {
  return [
    ...(tools === true ? [{ type: "toolsChanged" as const }] : []),
    ...(prompts === true ? [{ type: "promptsChanged" as const }] : []),
    ...(resources === true ? [{ type: "resourcesChanged" as const }] : []),
    ...uris.map((uri) => ({ type: "resourceUpdated" as const, uri })),
  ];
}

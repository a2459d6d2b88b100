/**
 * The connection of a client for as long as the client lives: where its target can be opened anew, a session that was forgotten and a
 * program that ended are opened again when they are needed. Requirements HTTP-65, HTTP-66, STDIO-30 to STDIO-33, SSE-08.
 */

import type { Revision } from "../../generated/revisions.js";
import { ConnectionError, type McpWireError, toWireError } from "../errors.js";
import type { Peer } from "../jsonrpc/contract.js";
import type { ClientEra, PeerFacts } from "../protocol/era.js";
import type { MethodMap } from "../protocol/revision.js";

/** One connection that is open, with what was agreed on. */
export interface Live {
  readonly peer: Peer;
  readonly era: ClientEra;
  readonly facts: PeerFacts;
  /** The methods of the revision spoken. */
  readonly methods: MethodMap;
}

export interface ConnectionParts {
  /** Opens the target; `onpeer` is told of what can be closed meanwhile, `onclose` when the connection is gone. */
  open(
    known: Revision | undefined,
    onpeer: (peer: Peer) => void,
    onclose: (reason: McpWireError | undefined) => void,
  ): Promise<Live>;
  /** See `Way`. */
  readonly restarts: number;
  /** The connection is gone, and may be opened again. */
  ondown(): void;
  /** It was opened again. */
  onreopened(live: Live): void;
  /** It is gone for good. Called once. */
  onclose(reason: McpWireError | undefined): void;
  report(error: McpWireError): void;
}

/** Opens a connection for the first time. */
export async function openConnection(parts: ConnectionParts, known: Revision | undefined): Promise<Connection> {
  const connection = new Connection(parts);
  await connection.start(known);
  return connection;
}

export class Connection {
  readonly #parts: ConnectionParts;
  #current: Live | undefined = undefined;
  /** The peer of a connection that is being opened. */
  #opening: Peer | undefined = undefined;
  #reopening: Promise<Live> | undefined = undefined;
  #restarts = 0;
  #over = false;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  /** What was opened last; it may be gone. */
  get current(): Live {
    return this.#current as Live;
  }

  /** Whether the target can be opened anew. */
  get renewable(): boolean {
    return this.#parts.restarts > 0 && !this.#over;
  }

  async start(known: Revision | undefined): Promise<void> {
    this.#current = await this.#open(known);
  }

  /** The connection to use: opened again where it is gone and that can be done. */
  live(): Live | Promise<Live> {
    const current = this.#current as Live;
    if (this.#reopening !== undefined) return this.#reopening;
    return current.peer.closed && this.renewable ? this.reopen(current) : current;
  }

  /** Opens again what was found to be gone; whoever finds it later gets what the first one opened. */
  reopen(gone: Live): Promise<Live> {
    if (this.#reopening !== undefined) return this.#reopening;
    if (this.#current !== gone) return Promise.resolve(this.#current as Live);
    if (this.#over) return Promise.reject(closedHere());
    if (this.#restarts >= this.#parts.restarts) return Promise.reject(this.#giveUp());
    this.#restarts++;
    this.#reopening = this.#renew(gone).finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  /** Does something, and where the session is not known any more, once more in a new one: it was not carried out. */
  async use<T>(run: (live: Live) => Promise<T>): Promise<T> {
    const live = await this.live();
    try {
      return await run(live);
    } catch (error) {
      if (!this.renewable || !isSessionLost(error)) throw error;
      return await run(await this.reopen(live));
    }
  }

  /** Something was answered: the target is worth opening again. */
  answered(): void {
    this.#restarts = 0;
  }

  async close(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    const opening = this.#opening;
    await Promise.all([this.current.peer.close(), opening?.close()]);
    this.#parts.onclose(undefined);
  }

  async #renew(gone: Live): Promise<Live> {
    const live = await this.#open(gone.facts.revision);
    this.#current = live;
    // What still waits there waits for nothing: the session is not known any more.
    gone.peer.close().catch((error: unknown) => this.#parts.report(toWireError(error, "Closing the old connection")));
    this.#parts.onreopened(live);
    return live;
  }

  async #open(known: Revision | undefined): Promise<Live> {
    let live: Live | undefined;
    try {
      live = await this.#parts.open(
        known,
        (peer) => {
          this.#opening = peer;
        },
        (reason) => {
          if (live !== undefined) this.#down(live, reason);
        },
      );
    } finally {
      this.#opening = undefined;
    }
    if (!this.#over) return live;
    await live.peer.close();
    throw closedHere();
  }

  #down(live: Live, reason: McpWireError | undefined): void {
    if (live !== this.#current || this.#over) return;
    if (this.renewable) {
      if (reason !== undefined) this.#parts.report(reason);
      this.#parts.ondown();
    } else {
      this.#over = true;
      this.#parts.onclose(reason);
    }
  }

  #giveUp(): McpWireError {
    const { restarts } = this.#parts;
    const problem = `The connection was opened again ${restarts} times, and was lost each time before anything was answered.`;
    const error = new ConnectionError("CLOSED", problem, "Look at what `onerror` was told; then connect again.");
    this.#over = true;
    this.#parts.onclose(error);
    return error;
  }
}

export function isSessionLost(error: unknown): boolean {
  return error instanceof ConnectionError && error.code === "SESSION_LOST";
}

function closedHere(): ConnectionError {
  return new ConnectionError("CLOSED", "This side closed the connection.", "Connect again.");
}

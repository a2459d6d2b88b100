/**
 * Both eras on one connection: each message goes to the era it belongs to. A handshake or a first real request fixes the era; a probe
 * does not, since it may be followed by either. Requirements LIFE-65 to LIFE-67, STDIO-38.
 */

import type { Revision } from "../../generated/revisions.js";
import { RpcError } from "../errors.js";
import { RpcCode } from "../jsonrpc/message.js";
import type { Link, ServerEra, ServerEvent, ServerFacts, SessionState } from "./era.js";
import { MetaKey, metaOf } from "./meta.js";
import { type Selection, traitsOf } from "./revision.js";
import { createStatefulServer, type StatefulServer } from "./stateful/server.js";
import { createStatelessServer, type StatelessServer } from "./stateless/server.js";
import type { Sealer } from "./stateless/state.js";

export function createAcceptor(
  selection: Selection,
  facts: ServerFacts,
  link: Link,
  sealer: () => Promise<Sealer>,
): Acceptor {
  return new Acceptor(selection, facts, link, sealer);
}

export class Acceptor {
  readonly #supported: readonly Revision[];
  readonly #stateful: StatefulServer | undefined;
  readonly #stateless: StatelessServer | undefined;

  constructor(selection: Selection, facts: ServerFacts, link: Link, sealer: () => Promise<Sealer>) {
    const { stateful, stateless, all } = selection;
    this.#supported = all;
    this.#stateful = stateful.length === 0 ? undefined : createStatefulServer(stateful, facts, link);
    this.#stateless =
      stateless.length === 0 ? undefined : createStatelessServer({ served: stateless, supported: all, facts, sealer });
  }

  /** The era that answers a request. @throws RpcError −32600 where it comes in the midst of the other era. */
  choose(method: string, params: unknown): ServerEra {
    const [stateful, stateless] = [this.#stateful, this.#stateless];
    if (stateful === undefined) return refuseHandshake(method, stateless as StatelessServer, this.#supported);
    if (stateless === undefined) return stateful;
    if (method === "initialize") {
      if (stateless.used) throw mixed("initialize came after requests that bring their own protocol version");
      return stateful;
    }
    const names = typeof metaOf(params)?.[MetaKey.protocolVersion] === "string";
    if (!stateful.opened) return !names && method === "ping" ? stateful : stateless;
    if (names) throw mixed(`${method} brings its own protocol version after initialize`);
    return stateful;
  }

  /** Takes a notification of the client. */
  notice(method: string, params: unknown): void {
    this.#stateful?.notice(method, params);
  }

  publish(event: ServerEvent): void {
    this.#stateful?.publish(event);
    this.#stateless?.publish(event);
  }

  /** Whether batches may come, as the revision spoken says. */
  batches(): boolean {
    const revision = this.#stateful?.revision;
    return revision !== undefined && traitsOf(revision).batching;
  }

  restore(state: SessionState): void {
    this.#stateful?.restore(state);
  }

  /** Ends what clients listen to. */
  end(): void {
    this.#stateful?.end();
    this.#stateless?.end();
  }
}

/** The error may be the only thing that an older client can show, so it names what is served (LIFE-65). */
function refuseHandshake(method: string, stateless: StatelessServer, supported: readonly string[]): StatelessServer {
  if (method !== "initialize") return stateless;
  const message = `Method not found: initialize. A handshake is no part of what is spoken here. This server speaks ${supported.join(", ")}.`;
  throw new RpcError(RpcCode.MethodNotFound, message, { supported });
}

function mixed(problem: string): RpcError {
  return new RpcError(RpcCode.InvalidRequest, `${problem}. Keep to one way for the whole connection.`);
}

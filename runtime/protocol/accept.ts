/**
 * Both eras on one connection: each message goes to the era it belongs to. A handshake or a first real request fixes the era; a probe
 * does not, since it may be followed by either. Requirements LIFE-65 to LIFE-67, STDIO-38.
 */

import { RpcError } from "../errors.js";
import { RpcCode } from "../jsonrpc/message.js";
import type { Link, ServerEra, ServerEvent, ServerFacts, Terms } from "./era.js";
import { MetaKey, metaOf } from "./meta.js";
import type { Selection } from "./revision.js";
import { createStatefulServer, type StatefulServer } from "./stateful/server.js";
import { createStatelessServer, type StatelessServer } from "./stateless/server.js";
import type { Sealer } from "./stateless/state.js";

export interface Acceptor {
  /** The era that answers a request. @throws RpcError −32600 where it comes in the midst of the other era. */
  choose(method: string, params: unknown): ServerEra;
  /** Takes a notification of the client. */
  notice(method: string, params: unknown): void;
  publish(event: ServerEvent): void;
  /** Whether batches may come, as the revision spoken says. */
  batches(): boolean;
  end(): void;
}

export function createAcceptor(
  selection: Selection,
  facts: ServerFacts,
  link: Link,
  sealer: () => Promise<Sealer>,
  batching: (revision: string) => boolean,
): Acceptor {
  const { stateful: older, stateless: newer, all } = selection;
  const stateful: StatefulServer | undefined =
    older.length === 0 ? undefined : createStatefulServer(older, facts, link);
  const stateless: StatelessServer | undefined =
    newer.length === 0 ? undefined : createStatelessServer({ served: newer, supported: all, facts, sealer });
  const choose = (method: string, params: unknown): ServerEra<Terms> => {
    if (stateful === undefined) return refuseHandshake(method, stateless as StatelessServer, all);
    if (stateless === undefined) return stateful;
    if (method === "initialize") {
      if (stateless.used) throw mixed("initialize came after requests that bring their own protocol version");
      return stateful;
    }
    const names = typeof metaOf(params)?.[MetaKey.protocolVersion] === "string";
    if (!stateful.opened) return !names && method === "ping" ? stateful : stateless;
    if (names) throw mixed(`${method} brings its own protocol version after initialize`);
    return stateful;
  };
  return {
    choose,
    notice: (method, params) => stateful?.notice(method, params),
    publish(event) {
      stateful?.publish(event);
      stateless?.publish(event);
    },
    batches: () => stateful?.revision !== undefined && batching(stateful.revision),
    end() {
      stateful?.end();
      stateless?.end();
    },
  };
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

/** Whose a task is: who may get at it, and in whose list it is. Requirements TASK-57 to TASK-60, XTASK-41. */

import type { HandlerEra } from "../protocol/era.js";
import type { HttpOrigin } from "../transport/http-exchange.js";
import type { CallContext } from "./context.js";
import { isToldApart } from "./task-ends.js";

/** Tasks of one connection are in one list where the connection is one client's. */
const connections = new WeakMap<HandlerEra, string>();

/** Who asks, as authentication named them; null where nobody is told apart. */
export function principalOf(origin: unknown): string | null {
  const principal = (origin as { readonly principal?: unknown } | null | undefined)?.principal;
  return typeof principal === "string" ? principal : null;
}

/** Whose list a task is in: that of a principal, or of a connection that is one client's. */
export function ownerOf({ origin, entry }: CallContext): string {
  const principal = principalOf(origin);
  if (principal !== null) return `principal ${principal}`;
  if (entry === undefined || !isToldApart(origin)) return "";
  const owner = connections.get(entry.era) ?? `connection ${crypto.randomUUID()}`;
  connections.set(entry.era, owner);
  return owner;
}

/**
 * Where a task came from whose process is gone: the principal is known, what its token allowed is not any more. Nothing is allowed by it, so that
 * an agent gets no tools that its caller may not have had.
 */
export function originAfter(principal: string | null): HttpOrigin | undefined {
  if (principal === null) return undefined;
  return { method: "POST", target: "", header: () => undefined, principal, auth: undefined, allows: () => false };
}

/** The opening of a connection by a client: sends what the verdicts of `negotiate.ts` say until one era is chosen. */

import type { Revision } from "../../generated/revisions.js";
import { ConnectionError, HttpError, McpWireError, RpcError, TimeoutError } from "../errors.js";
import type { ClientEra, ClientFacts, ClientLink, PeerFacts } from "./era.js";
import { firstStep, judgeProbe, type Probe, saysNothing, type Verdict } from "./negotiate.js";
import type { Selection } from "./revision.js";
import { createStatefulClient } from "./stateful/client.js";
import { createStatelessClient, probeParams } from "./stateless/client.js";

/** A connection that is open. */
export interface Opened {
  readonly era: ClientEra;
  readonly peer: PeerFacts;
}

/** How often one revision is asked for: a server that names what it has just refused gets another chance (LIFE-48). */
const MAX_PROBES = 2;

/**
 * Finds the best revision in common.
 * @param known a revision that this server is known to speak: no probe is needed to choose it, as long as that holds (LIFE-79, LIFE-80).
 * @throws McpWireError `NO_COMMON_REVISION`; HttpError where the server answers with a status that says nothing about revisions.
 */
export async function openEra(
  own: Selection,
  facts: ClientFacts,
  link: ClientLink,
  probeTimeoutMs: number,
  known: Revision | undefined,
): Promise<Opened> {
  const unaided = firstStep(own);
  if (known !== undefined && own.stateful.includes(known)) {
    try {
      return await follow({ kind: "stateful", offer: known }, own, facts, link, probeTimeoutMs);
    } catch (error) {
      if (!contradicts(error) || (unaided.kind === "stateful" && unaided.offer === known)) throw error;
    }
  }
  return await follow(unaided, own, facts, link, probeTimeoutMs);
}

async function follow(
  first: Verdict,
  own: Selection,
  facts: ClientFacts,
  link: ClientLink,
  probeTimeoutMs: number,
): Promise<Opened> {
  let verdict = first;
  const probed: Revision[] = [];
  let discovered: unknown;
  while (verdict.kind === "probe") {
    const { revision } = verdict;
    const tries = probed.filter((tried) => tried === revision).length;
    if (tries === MAX_PROBES) throw noCommon(`the server names ${revision} and refuses it`);
    probed.push(revision);
    const { seen, error } = await probe(revision, facts, link, probeTimeoutMs);
    if (seen.kind === "result") discovered = seen.result;
    verdict = judgeProbe(seen, revision, own);
    if (verdict.kind === "failed") throw error;
  }
  if (verdict.kind !== "stateless" && verdict.kind !== "stateful") throw noCommon(reasonOf(verdict));
  const era =
    verdict.kind === "stateless"
      ? createStatelessClient(verdict.revision, discovered, facts, link)
      : createStatefulClient(verdict.offer, own, facts, link);
  return { era, peer: await era.open() };
}

function reasonOf(verdict: Verdict): string {
  return verdict.kind === "none" ? verdict.reason : "the server did not say what it speaks";
}

/** Whether a handshake failed in a way that a server of another era, or with fewer revisions, would let it fail. */
function contradicts(error: unknown): boolean {
  if (error instanceof HttpError) return !saysNothing(error.status);
  return error instanceof RpcError || (error instanceof McpWireError && error.code === "NO_COMMON_REVISION");
}

interface Seen {
  readonly seen: Probe;
  readonly error?: unknown;
}

async function probe(revision: Revision, facts: ClientFacts, link: ClientLink, timeoutMs: number): Promise<Seen> {
  try {
    // Older servers have not been spoken to yet, so nothing but the probe itself is sent to them.
    const options = { timeoutMs, cancellable: false };
    const result = await link.request("server/discover", probeParams(revision, facts), options);
    return { seen: { kind: "result", result } };
  } catch (error) {
    if (error instanceof RpcError) return { seen: { kind: "error", code: error.rpcCode, data: error.data } };
    if (error instanceof HttpError) return { seen: { kind: "status", status: error.status }, error };
    // An exchange that ends without an answer is silence that took less long.
    const lost = error instanceof ConnectionError && error.code === "STREAM_LOST";
    if (lost || error instanceof TimeoutError) return { seen: { kind: "silence" } };
    throw error;
  }
}

function noCommon(reason: string): McpWireError {
  return new McpWireError(
    "NO_COMMON_REVISION",
    `No revision is spoken by both sides: ${reason}.`,
    "Allow more `revisions`.",
  );
}

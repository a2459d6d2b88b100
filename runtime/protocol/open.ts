/** The opening of a connection by a client: sends what the verdicts of `negotiate.ts` say until one era is chosen. */

import type { Revision } from "../../generated/revisions.js";
import { McpWireError, RpcError, TimeoutError } from "../errors.js";
import type { ClientEra, ClientFacts, ClientLink, PeerFacts } from "./era.js";
import { firstStep, judgeProbe, type Probe, type Verdict } from "./negotiate.js";
import type { Selection } from "./revision.js";
import { createStatefulClient } from "./stateful/client.js";
import { createStatelessClient, probeParams } from "./stateless/client.js";

/** A connection that is open. */
export interface Opened {
  readonly era: ClientEra;
  readonly peer: PeerFacts;
}

/**
 * Finds the best revision in common.
 * @param known a revision that this server is known to speak: no probe is needed to choose it (LIFE-79, LIFE-80).
 * @throws McpWireError `NO_COMMON_REVISION`
 */
export async function openEra(
  own: Selection,
  facts: ClientFacts,
  link: ClientLink,
  probeTimeoutMs: number,
  known: Revision | undefined,
): Promise<Opened> {
  let verdict = known !== undefined && own.stateful.includes(known) ? offering(known) : firstStep(own);
  const probed = new Set<Revision>();
  let discovered: unknown;
  while (verdict.kind === "probe") {
    const { revision } = verdict;
    if (probed.has(revision)) throw noCommon("the server refuses what it names");
    probed.add(revision);
    const seen = await probe(revision, facts, link, probeTimeoutMs);
    if (seen.kind === "result") discovered = seen.result;
    verdict = judgeProbe(seen, revision, own);
  }
  if (verdict.kind === "none") throw noCommon(verdict.reason);
  const era =
    verdict.kind === "stateless"
      ? createStatelessClient(verdict.revision, discovered, facts, link)
      : createStatefulClient(verdict.offer, own, facts, link);
  return { era, peer: await era.open() };
}

function offering(offer: Revision): Verdict {
  return { kind: "stateful", offer };
}

async function probe(revision: Revision, facts: ClientFacts, link: ClientLink, timeoutMs: number): Promise<Probe> {
  try {
    // Older servers have not been spoken to yet, so nothing but the probe itself is sent to them.
    const options = { timeoutMs, cancellable: false };
    return { kind: "result", result: await link.request("server/discover", probeParams(revision, facts), options) };
  } catch (error) {
    if (error instanceof RpcError) return { kind: "error", code: error.rpcCode, data: error.data };
    if (error instanceof TimeoutError) return { kind: "silence" };
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

/**
 * The choice of era and revision, as pure functions from what was seen to a verdict; the I/O around them is in `open.ts`.
 * Lifecycle and versioning; requirements LIFE-10, LIFE-15, LIFE-16, LIFE-48, LIFE-49, LIFE-69 to LIFE-82, STDIO-34 to STDIO-37.
 */

import type { Revision } from "../../generated/revisions.js";
import { isObject } from "./envelope.js";
import type { Selection } from "./revision.js";

/** What came back from a probe with `server/discover`. */
export type Probe =
  | { readonly kind: "result"; readonly result: unknown }
  | { readonly kind: "error"; readonly code: number; readonly data: unknown }
  | { readonly kind: "silence" };

/** What to do next. */
export type Verdict =
  /** Speak this revision, request by request. */
  | { readonly kind: "stateless"; readonly revision: Revision }
  /** Ask again, naming this revision. */
  | { readonly kind: "probe"; readonly revision: Revision }
  /** Shake hands, offering this revision. */
  | { readonly kind: "stateful"; readonly offer: Revision }
  | { readonly kind: "none"; readonly reason: string };

/** Errors by which a server of the stateless era can be told, whatever they complain of (LIFE-71). */
const STATELESS_CODES: ReadonlySet<number> = new Set([-32020, -32021, -32022]);

/** How to begin. */
export function firstStep(own: Selection): Verdict {
  const [newest] = own.stateless;
  return newest === undefined ? handshake(own) : { kind: "probe", revision: newest };
}

/** What a probe that named `probed` says. */
export function judgeProbe(probe: Probe, probed: Revision, own: Selection): Verdict {
  switch (probe.kind) {
    case "result":
      return judgeSupported(listIn(probe.result, "supportedVersions") ?? [probed], probed, own);
    case "error":
      return STATELESS_CODES.has(probe.code)
        ? judgeRefusal(listIn(probe.data, "supported"), probed, own)
        : handshake(own);
    case "silence":
      return handshake(own);
  }
}

/** The server answered under `probed`: the best of what it names, which can be of either era (LIFE-49). */
function judgeSupported(supported: readonly string[], probed: Revision, own: Selection): Verdict {
  const stateless = own.stateless.find((revision) => supported.includes(revision));
  if (stateless !== undefined) return { kind: "stateless", revision: stateless };
  const offer = own.stateful.find((revision) => supported.includes(revision));
  if (offer !== undefined) return { kind: "stateful", offer };
  // It answered, so it speaks what it was asked in, whatever its list says.
  return supported.length === 0 ? { kind: "stateless", revision: probed } : nothing(supported, own);
}

/** A server of the stateless era refused: it is never shaken hands with on that strength alone, only where it names an older revision. */
function judgeRefusal(supported: readonly string[] | undefined, probed: Revision, own: Selection): Verdict {
  if (supported === undefined) return { kind: "none", reason: "the server refused the probe and names no revisions" };
  const again = own.stateless.find((revision) => revision !== probed && supported.includes(revision));
  if (again !== undefined) return { kind: "probe", revision: again };
  const offer = own.stateful.find((revision) => supported.includes(revision));
  return offer === undefined ? nothing(supported, own) : { kind: "stateful", offer };
}

/** What the answer to a handshake says: the revision agreed on, or none (LIFE-15). */
export function judgeHandshake(answered: unknown, own: Selection): Revision | undefined {
  return own.stateful.find((revision) => revision === answered);
}

/** After a refused handshake: a revision to offer instead, where the server names one that was not tried (LIFE-16). */
export function judgeRefusedHandshake(data: unknown, offered: Revision, own: Selection): Revision | undefined {
  const supported = listIn(data, "supported") ?? [];
  return own.stateful.find((revision) => revision !== offered && supported.includes(revision));
}

function handshake(own: Selection): Verdict {
  const [offer] = own.stateful;
  if (offer !== undefined) return { kind: "stateful", offer };
  return { kind: "none", reason: "the server did not answer server/discover as one without handshake does" };
}

function nothing(supported: readonly string[], own: Selection): Verdict {
  return { kind: "none", reason: `the server speaks ${supported.join(", ")}, this client ${own.all.join(", ")}` };
}

function listIn(holder: unknown, member: string): readonly string[] | undefined {
  const list = isObject(holder) ? holder[member] : undefined;
  return Array.isArray(list) ? list.filter((one) => typeof one === "string") : undefined;
}

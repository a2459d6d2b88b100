/**
 * The choice of era and revision, as pure functions from what was seen to a verdict; the I/O around them is in `open.ts`.
 * Lifecycle and versioning; requirements LIFE-10, LIFE-15, LIFE-16, LIFE-48, LIFE-49, LIFE-69 to LIFE-82, HTTP-76 to HTTP-78,
 * HTTP-157 to HTTP-159, STDIO-34 to STDIO-37.
 */

import type { Revision } from "../../generated/revisions.js";
import { isObject } from "./envelope.js";
import { isRevision, type Selection, traitsOf } from "./revision.js";
import { StatelessCode } from "./stateless/codes.js";

/** What came back from a probe with `server/discover`. */
export type Probe =
  | { readonly kind: "result"; readonly result: unknown }
  | { readonly kind: "error"; readonly code: number; readonly data: unknown }
  /** A status of HTTP that is no success, and no error that says more. */
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "silence" };

/** What to do next. */
export type Verdict =
  /** Speak this revision, request by request. */
  | { readonly kind: "stateless"; readonly revision: Revision }
  /** Ask again, naming this revision. */
  | { readonly kind: "probe"; readonly revision: Revision }
  /** Shake hands, offering this revision. */
  | { readonly kind: "stateful"; readonly offer: Revision }
  | { readonly kind: "none"; readonly reason: string }
  /** What was seen says nothing about revisions: it is the outcome. */
  | { readonly kind: "failed" };

/** Statuses that are about credentials, load or the way to the server, whatever it speaks. */
const NO_ANSWER: ReadonlySet<number> = new Set([401, 403, 407, 408, 413, 429, 431, 502, 503, 504]);

/** Errors by which a server of the stateless era can be told, whatever they complain of (LIFE-71). */
const STATELESS_CODES: ReadonlySet<number> = new Set(Object.values(StatelessCode));

/** How to begin. */
export function firstStep(own: Selection): Verdict {
  const [newest] = own.stateless;
  return newest === undefined ? handshake(own) : { kind: "probe", revision: newest };
}

/** What a probe that named `probed` says. */
export function judgeProbe(probe: Probe, probed: Revision, own: Selection): Verdict {
  switch (probe.kind) {
    case "result":
      return judgeFound(probe.result, probed, own);
    case "error":
      return STATELESS_CODES.has(probe.code)
        ? judgeRefusal(listIn(probe.data, "supported"), probed, own)
        : handshake(own);
    case "status":
      // Servers of old refuse what comes before the handshake with statuses of all kinds (LIFE-73, HTTP-159).
      return saysNothing(probe.status) ? { kind: "failed" } : handshake(own);
    case "silence":
      return handshake(own);
  }
}

/** Whether a status is no sign of what a server speaks. */
export function saysNothing(status: number): boolean {
  return status < 400 || NO_ANSWER.has(status);
}

/**
 * Whether the refusal of a handshake over HTTP may come from a server of HTTP with SSE, and the URL is worth a GET (LIFE-78, HTTP-76 to
 * HTTP-78, SSE-21). `code` is that of the JSON-RPC error in the body, if there was one: some prove a newer server.
 */
export function suggestsHttpSse(status: number, code: number | undefined, offered: unknown): boolean {
  if (code !== undefined && (STATELESS_CODES.has(code) || (status === 404 && code === -32601))) return false;
  if (status === 400 || status === 404 || status === 405) return true;
  const lenient = isRevision(offered) && traitsOf(offered).anyRefusalMayBeHttpSse;
  return lenient && status >= 400 && status < 500 && status !== 401 && status !== 403;
}

/** Servers of old may answer anything, even what they do not know, by an empty result: that is none of the stateless era (LIFE-70, LIFE-72). */
function judgeFound(result: unknown, probed: Revision, own: Selection): Verdict {
  const supported = listIn(result, "supportedVersions");
  const stateless = supported !== undefined || (isObject(result) && Object.hasOwn(result, "resultType"));
  return stateless ? judgeSupported(supported ?? [probed], probed, own) : handshake(own);
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
  // One that refuses what it names may have been replaced meanwhile: whoever asks decides how often.
  const named = own.stateless.filter((revision) => supported.includes(revision));
  const again = named.find((revision) => revision !== probed) ?? named[0];
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

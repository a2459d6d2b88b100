/** What peers cannot do, and what they do wrong on the wire. Each row says why; rows that no longer hold fail the run. */

import type { Role, Row, Transport } from "./rows.js";
import type { Fault } from "./wire/transcript.js";

interface Where {
  readonly peer: string;
  readonly role?: Role;
  readonly transports?: readonly Transport[];
  readonly revisions?: readonly string[];
  readonly openings?: readonly string[];
  /** Only where this package's side offers one revision, or only where it offers all. */
  readonly alone?: boolean;
}

/** A behaviour that a peer does not have. */
export interface Lack extends Where {
  readonly behaviour: string;
  readonly reason: string;
  /** It may look as if the peer could. */
  readonly byChance?: true;
}

/** A message that does not fit its revision: of a peer, or of this package where a peer leaves it no other way. */
export interface Exception extends Where {
  /** It is this package's own. */
  readonly own?: true;
  readonly method: string;
  /** JSON Pointer in which `*` stands for one token. */
  readonly pointer: string;
  readonly reason: string;
}

/** Roles and transports that a peer does not have at all, and that are no rows therefore. */
export const absences: readonly { readonly peer: string; readonly what: string; readonly reason: string }[] = [
  { peer: "fastmcp", what: "the role of a client", reason: "it is a library for servers" },
  { peer: "everything", what: "the role of a client", reason: "it is a server" },
  {
    peer: "official v2",
    what: "HTTP+SSE as a server",
    reason: "the package has the deprecated transport for clients only",
  },
  { peer: "official v1", what: "2026-07-28", reason: "it ends with 2025-11-25" },
  { peer: "fastmcp", what: "2026-07-28", reason: "its sessions are those of official v1" },
  { peer: "everything", what: "2026-07-28", reason: "it is written with official v1" },
  { peer: "official v1", what: "tasks of the extension", reason: "it ends with 2025-11-25" },
  {
    peer: "official v2",
    what: "tasks",
    reason: "the packages have none; `@modelcontextprotocol/ext-tasks` brings requestor and receiver, and no server",
  },
  {
    peer: "official v1 and v2 as clients",
    what: "progress that arrives in one piece with the answer",
    reason: "the answer is taken first and ends the listening; the behaviours let the answer wait",
  },
];

export const lacks: readonly Lack[] = [
  {
    peer: "fastmcp",
    behaviour: "logs at the level asked for",
    reason: "takes the level and sends every entry all the same",
  },
  {
    peer: "everything",
    behaviour: "logs at the level asked for",
    reason: "logs an entry of a level that is up to chance",
    byChance: true,
  },
  {
    peer: "everything",
    transports: ["http"],
    behaviour: "hears of a changed list",
    reason: "changes its list while the session opens, when no client has a stream yet on which to hear of it",
  },
  {
    peer: "everything",
    behaviour: "resumes after a cut stream",
    reason: "has no call that waits for another one, so nothing can be cut at a known place",
  },
];

export const exceptions: readonly Exception[] = [
  ...["official v1", "everything"].map((peer) => ({
    peer,
    role: "server" as const,
    transports: ["http" as const],
    alone: false,
    method: "",
    pointer: "/id",
    reason: "refuses the probe, which has no session, with an error whose id is null",
  })),
  ...["untitledMultipleSelectEnum", "titledMultipleSelectEnum"].map((field) => ({
    peer: "everything",
    revisions: ["2025-06-18"],
    method: "elicitation/create",
    pointer: `/params/requestedSchema/properties/${field}/type`,
    reason: "asks for several choices, which 2025-11-25 brought, whatever was agreed on",
  })),
  ...["untitledMultipleSelectEnum", "titledMultipleSelectEnum"].map((field) => ({
    peer: "everything",
    revisions: ["2025-06-18"],
    own: true as const,
    method: "elicitation/create",
    pointer: `/result/content/${field}`,
    reason: "the defaults of a form that is ahead of its revision are so too, and the form asks for them",
  })),
];

/** What peers report of themselves by chance. */
const chatter: readonly (Where & { readonly report: RegExp; readonly reason: string })[] = [
  {
    peer: "official v1",
    role: "client",
    transports: ["http"],
    report: /This operation was aborted/,
    reason: "reports its own end, where it is closed while it takes a stream up again",
  },
];

/** Whether a report says nothing of what passed on the wire. */
export function isChatter(report: string, row: Row): boolean {
  return chatter.some((one) => holds(one, row) && one.report.test(report));
}

const holds = (where: Where, row: Row): boolean =>
  where.peer === row.peer &&
  (where.role === undefined || where.role === row.role) &&
  (where.transports === undefined || where.transports.includes(row.transport)) &&
  (where.revisions === undefined || where.revisions.includes(row.revision)) &&
  (where.alone === undefined || where.alone === row.alone) &&
  (where.openings === undefined || where.openings.includes(row.opening));

export function lackOf(row: Row, behaviour: string): Lack | undefined {
  return lacks.find((lack) => lack.behaviour === behaviour && holds(lack, row));
}

export const exceptionsOf = (row: Row): Exception[] => exceptions.filter((exception) => holds(exception, row));

/** Whether a fault is the one that an exception names. */
export function excuses({ method, pointer, own }: Exception, fault: Fault, row: Row): boolean {
  const pattern = pointer.split("/");
  const found = fault.pointer.split("/");
  return (
    (fault.from === row.role) === (own !== true) &&
    fault.method === method &&
    pattern.length === found.length &&
    pattern.every((token, index) => token === "*" || token === found[index])
  );
}

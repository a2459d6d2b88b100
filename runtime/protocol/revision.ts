/**
 * What the tables say about a revision, looked up once. Revisions are opaque keys, never ordered or parsed (LIFE-01 to LIFE-06).
 */

import type { MethodEntry } from "../../generated/method-table.js";
import { type Revision, revisions, tables } from "../../generated/revisions.js";
import { McpWireError } from "../errors.js";
import type { Side } from "./verdict.js";

/** One row of the table of revisions. */
export type RevisionFacts = (typeof revisions)[number];

/** The small facts about a revision that no schema says. */
export type Traits = { readonly [K in keyof RevisionFacts["traits"]]: boolean };

/** Revisions by era, newest first. */
export interface Selection {
  readonly stateful: readonly Revision[];
  readonly stateless: readonly Revision[];
  /** Both, newest first. */
  readonly all: readonly Revision[];
}

const facts: ReadonlyMap<string, RevisionFacts> = new Map(revisions.map((row) => [row.revision, row]));

export function isRevision(value: unknown): value is Revision {
  return typeof value === "string" && facts.has(value);
}

/** The names of all revisions, for messages. */
export function knownRevisions(): string {
  return [...facts.keys()].join(", ");
}

export function isStateful(revision: Revision): boolean {
  return (facts.get(revision) as RevisionFacts).era === "stateful";
}

export function traitsOf(revision: Revision): Traits {
  return (facts.get(revision) as RevisionFacts).traits;
}

/**
 * Sorts the chosen revisions by era; drafts take part only where they are chosen.
 * @throws McpWireError `INVALID_USE` for an unknown revision, or for none.
 */
export function selectRevisions(chosen?: readonly Revision[]): Selection {
  const unknown = chosen?.find((revision) => !facts.has(revision));
  if (unknown !== undefined || chosen?.length === 0) {
    const problem = unknown === undefined ? "No revision was chosen." : `The revision ${unknown} is not known.`;
    throw new McpWireError("INVALID_USE", problem, `Known are ${knownRevisions()}.`);
  }
  // Widened, since the table may come to hold drafts.
  const status = (row: RevisionFacts): string => row.status;
  const rows = revisions
    .filter((row) => (chosen === undefined ? status(row) !== "draft" : chosen.includes(row.revision)))
    .toReversed();
  const of = (era: RevisionFacts["era"]): Revision[] =>
    rows.filter((row) => row.era === era).map(({ revision }) => revision);
  return { stateful: of("stateful"), stateless: of("stateless"), all: rows.map(({ revision }) => revision) };
}

const maps = { client: new Map<Revision, MethodMap>(), server: new Map<Revision, MethodMap>() };

/** Methods by name. */
export type MethodMap = ReadonlyMap<string, MethodEntry>;

/** The methods that one side may send in a revision. Methods of extensions are left to those who speak them. */
export function methodsFrom(revision: Revision, from: Side): MethodMap {
  const known = maps[from].get(revision);
  if (known !== undefined) return known;
  const rows = Object.entries(tables[revision].methods);
  const map = new Map(rows.filter(([, row]) => row.from.includes(from) && row.extension === undefined));
  maps[from].set(revision, map);
  return map;
}

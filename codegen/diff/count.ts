/** The size of a diff in numbers. */

import type { Side } from "../model.js";
import type { Breaks, Diff, PartDiff } from "./types.js";

export interface PartCounts {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

/** Numbers of the core; extensions are not counted in. */
export interface DiffCounts {
  readonly definitions: PartCounts & { readonly renamed: number };
  readonly methods: PartCounts;
  /** Changes that break a side in a role. */
  readonly breaking: Readonly<Record<Side, { readonly sender: number; readonly receiver: number }>>;
}

export function countDiff(diff: Diff): DiffCounts {
  const { definitions, methods } = diff.core;
  const breaks = breaksOf(diff);
  const count = (side: Side): { sender: number; receiver: number } => ({
    sender: breaks.filter((each) => each.sender.includes(side)).length,
    receiver: breaks.filter((each) => each.receiver.includes(side)).length,
  });
  return {
    definitions: { ...sizes(definitions), renamed: definitions.renamed.length },
    methods: sizes(methods),
    breaking: { client: count("client"), server: count("server") },
  };
}

/** True where the two revisions say the same, extensions included. */
export function isEmpty(diff: Diff): boolean {
  const facts = [...diff.traits, ...diff.errors, ...(diff.era === undefined ? [] : [diff.era])];
  return facts.length === 0 && [diff.core, ...diff.extensions].every(isEmptyPart);
}

function isEmptyPart({ definitions, methods }: PartDiff): boolean {
  return [...Object.values(definitions), ...Object.values(methods)].every(
    (list: readonly unknown[]) => list.length === 0,
  );
}

function sizes(lists: {
  readonly added: readonly unknown[];
  readonly removed: readonly unknown[];
  readonly changed: readonly unknown[];
}): PartCounts {
  return { added: lists.added.length, removed: lists.removed.length, changed: lists.changed.length };
}

function breaksOf({ era, traits, errors, core }: Diff): Breaks[] {
  const { definitions, methods } = core;
  const entries = [...definitions.changed, ...methods.changed, ...definitions.added, ...methods.added];
  const nested = entries.flatMap((entry): readonly { readonly breaks: Breaks }[] => entry.changes ?? []);
  const own = [...(era === undefined ? [] : [era]), ...traits, ...errors, ...methods.added, ...methods.removed];
  return [...own, ...nested].map((entry) => entry.breaks);
}

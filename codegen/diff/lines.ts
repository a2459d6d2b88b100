/** A diff as lines to print, alike for Markdown and the terminal: equal changes of several definitions or methods are one line. */

import { isBreaking, NOBODY } from "./breaking.js";
import type { Breaks, Diff, PartDiff } from "./types.js";
import { type Code, errorWords, methodWords, payloadWords, traitWords, wayWords } from "./words.js";

export type Section = "protocol" | "methods" | "errors" | "payloads" | "respelled";

/** One change and all that it happened to. */
export interface Line {
  readonly section: Section;
  /** Names of the definitions, methods, errors or traits. */
  readonly subjects: readonly string[];
  readonly text: string;
  readonly breaks: Breaks;
}

/** Everything outside the vocabularies of the extensions. */
export function linesOf(diff: Diff, code: Code): Line[] {
  const era: Line[] =
    diff.era === undefined
      ? []
      : [
          {
            section: "protocol",
            subjects: ["era"],
            text: `${diff.era.before} → ${diff.era.after}`,
            breaks: diff.era.breaks,
          },
        ];
  const traits = diff.traits.map((change): Line => line("protocol", change.trait, traitWords(change), change.breaks));
  const errors = diff.errors.map((change): Line => line("errors", change.name, errorWords(change), change.breaks));
  return merge([...era, ...traits, ...partLines(diff.core, code), ...errors]);
}

/** The lines of an extension's vocabulary. */
export function extensionLines(part: PartDiff, code: Code): Line[] {
  return merge(partLines(part, code));
}

function partLines({ methods, definitions }: PartDiff, code: Code): Line[] {
  const removed = methods.removed.map((entry) => {
    const moved = entry.movedTo === undefined ? "" : `; now in ${code(entry.movedTo)}`;
    return line("methods", entry.method, `removed (${wayWords(entry)})${moved}`, entry.breaks);
  });
  const added = methods.added.map((entry) => {
    const moved = entry.movedFrom === undefined ? "added" : `moved here from ${code(entry.movedFrom)}`;
    return line("methods", entry.method, `${moved} (${wayWords(entry)})`, entry.breaks);
  });
  const methodChanges = [...methods.added, ...methods.changed].flatMap(({ method, changes }) =>
    (changes ?? []).map((change) => line("methods", method, methodWords(change, code), change.breaks)),
  );
  const payloads = [...definitions.added, ...definitions.changed].flatMap(({ name, changes }) =>
    (changes ?? []).map((change) =>
      line(change.change === "respelled" ? "respelled" : "payloads", name, payloadWords(change, code), change.breaks),
    ),
  );
  return [...removed, ...added, ...methodChanges, ...payloads];
}

function line(section: Section, subject: string, text: string, breaks: Breaks = NOBODY): Line {
  return { section, subjects: [subject], text, breaks };
}

/** Lines that say the same become one, in the place of the first. */
function merge(lines: readonly Line[]): Line[] {
  const merged = new Map<string, Line>();
  for (const next of lines) {
    const key = JSON.stringify([next.section, next.text, next.breaks]);
    const known = merged.get(key);
    merged.set(key, known === undefined ? next : { ...known, subjects: [...known.subjects, ...next.subjects] });
  }
  return [...merged.values()];
}

/** `client (sender), server (receiver)`; empty where nobody breaks. */
export function breaksWords({ sender, receiver }: Breaks): string {
  return [...sender.map((side) => `${side} (sender)`), ...receiver.map((side) => `${side} (receiver)`)].join(", ");
}

/** Splits lines in those that break someone and the others. */
export function splitLines(lines: readonly Line[]): { breaking: Line[]; others: Line[] } {
  return {
    breaking: lines.filter((each) => isBreaking(each.breaks)),
    others: lines.filter((each) => !isBreaking(each.breaks)),
  };
}

/**
 * The diff of two revisions, computed from their models: what differs, and which side breaks by it. The rules are written down
 * in `diff/breaking.ts`, the form in `diff/types.ts`.
 */

import { CORE, compareDefinitions } from "./diff/definitions.js";
import { compareEras, compareErrors, compareTraits } from "./diff/facts.js";
import { compareMethods } from "./diff/methods.js";
import { createScope, type Scope } from "./diff/scope.js";
import type { Diff, ExtensionDiff, PartDiff } from "./diff/types.js";
import type { Model } from "./model.js";

export { countDiff, type DiffCounts, isEmpty } from "./diff/count.js";
export { breaksWords, type Line, linesOf, splitLines } from "./diff/lines.js";
export { renderMarkdown } from "./diff/markdown.js";
export type * from "./diff/types.js";

/** Compares `before` with `after`, whichever of the two is older. Neither is changed. */
export function diffModels(before: Model, after: Model): Diff {
  const scope = createScope(before, after);
  const era = compareEras(before, after);
  return {
    format: 1,
    before: before.revision,
    after: after.revision,
    ...(era === undefined ? {} : { era }),
    traits: compareTraits(before, after),
    errors: compareErrors(before, after),
    core: comparePart(scope, CORE),
    extensions: extensionsOf(scope),
  };
}

function comparePart(scope: Scope, part: string): PartDiff {
  return { definitions: compareDefinitions(scope, part), methods: compareMethods(scope, part) };
}

function extensionsOf(scope: Scope): ExtensionDiff[] {
  const [old, now] = [extensionNames(scope.before), extensionNames(scope.after)];
  return [...new Set([...old, ...now])].sort().map((extension) => ({
    extension,
    status: !old.has(extension) ? "added" : now.has(extension) ? "kept" : "removed",
    ...comparePart(scope, extension),
  }));
}

function extensionNames(model: Model): ReadonlySet<string> {
  const entries = [...Object.values(model.definitions), ...model.methods];
  return new Set(entries.flatMap((entry) => (entry.extension === undefined ? [] : [entry.extension])));
}

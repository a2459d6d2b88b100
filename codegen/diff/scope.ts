/** Two revisions side by side: which definition of one is which of the other, and what a reference leads to. */

import type { Definition, Model, Shape } from "../model.js";
import { RENAMES } from "../overlay/traits.js";

export interface Scope {
  readonly before: Model;
  readonly after: Model;
  /** Name before → name after, of the definitions that have another one now. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** Renames apply in both directions, so that the diff of a newer to an older revision knows them too. */
export function createScope(before: Model, after: Model): Scope {
  const rows = Object.entries(RENAMES);
  const renamed = [...rows, ...rows.map(([older, newer]) => [newer, older] as const)].filter(
    ([from, to]) =>
      before.definitions[from] !== undefined &&
      before.definitions[to] === undefined &&
      after.definitions[to] !== undefined &&
      after.definitions[from] === undefined,
  );
  return { before, after, renamed: new Map(renamed) };
}

/** True where two names stand for one definition, whose changes are reported in its own place. */
export function isSameDefinition(scope: Scope, before: string, after: string): boolean {
  return (scope.renamed.get(before) ?? before) === after;
}

/** The shape behind references, a definition of "any JSON value" being no restriction at all. */
export function resolveIn(model: Model, shape: Shape): Shape {
  let target = shape;
  for (const seen = new Set<string>(); target.kind === "ref" && !seen.has(target.name); ) {
    seen.add(target.name);
    const definition: Definition | undefined = model.definitions[target.name];
    target = definition === undefined || definition.json ? { kind: "any" } : definition.shape;
  }
  return target;
}

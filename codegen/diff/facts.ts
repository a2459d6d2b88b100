/** Compares what a revision has besides vocabulary: its era, its traits and its error codes. */

import type { Model, TypedError } from "../model.js";
import { TRAITS } from "../overlay/traits.js";
import { answerersOf, breaksBy, EVERYBODY, NOBODY } from "./breaking.js";
import type { Breaks, EraChange, ErrorChange, TraitChange } from "./types.js";

export function compareEras(before: Model, after: Model): EraChange | undefined {
  return before.era === after.era ? undefined : { before: before.era, after: after.era, breaks: EVERYBODY };
}

export function compareTraits(before: Model, after: Model): TraitChange[] {
  const names = [...new Set([...Object.keys(before.traits), ...Object.keys(after.traits)])].sort();
  return names
    .filter((trait) => (before.traits[trait] ?? false) !== (after.traits[trait] ?? false))
    .map((trait) => {
      const change = after.traits[trait] === true ? "gained" : "lost";
      return { trait, change, breaks: traitBreaks(trait, change) };
    });
}

/** A demand that appears, or a permission that ends, breaks those it is made of; the other two break the other end. */
function traitBreaks(trait: string, change: "gained" | "lost"): Breaks {
  const row = TRAITS[trait];
  if (row === undefined) return NOBODY;
  const narrowed = (row.effect === "demands") === (change === "gained");
  return breaksBy({ narrowed, widened: !narrowed }, row.of);
}

export function compareErrors(before: Model, after: Model): ErrorChange[] {
  const [old, now] = [byName(before), byName(after)];
  const changes: ErrorChange[] = [];
  for (const name of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [was, is] = [old.get(name), now.get(name)];
    if (was?.code === is?.code) continue;
    if (is === undefined) {
      const breaks = breaksBy({ narrowed: true, widened: false }, answerersOf(before));
      changes.push({ name, change: "removed", code: (was as TypedError).code, breaks });
    } else if (was === undefined) changes.push({ name, change: "added", code: is.code, breaks: NOBODY });
    else {
      const breaks = breaksBy({ narrowed: true, widened: true }, answerersOf(after));
      changes.push({ name, change: "code", code: is.code, codeBefore: was.code, breaks });
    }
  }
  return changes;
}

function byName(model: Model): ReadonlyMap<string, TypedError> {
  return new Map(model.errors.map((error) => [error.name, error]));
}

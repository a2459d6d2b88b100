/** Compares the definitions of one vocabulary: which came, went, moved or got another name, and what changed inside. */

import type { Definition, Model, Side } from "../model.js";
import { breaksBy, NOBODY, SIDES, sendersOf } from "./breaking.js";
import { compareShapes, type Found } from "./payloads.js";
import type { Scope } from "./scope.js";
import type { DefinitionChange, DefinitionsDiff, MovedFrom, MovedTo, PayloadChange, Renamed } from "./types.js";

/** Name of the core among the vocabularies; an extension goes by its identifier. */
export const CORE = "core";

/** The vocabulary that a definition or method belongs to. */
export function partOf(entry: { readonly extension?: string }): string {
  return entry.extension ?? CORE;
}

/**
 * Compares the definitions of one vocabulary. Names that the generator gave are neither added nor removed; a definition that the
 * other revision has in another vocabulary has moved.
 */
export function compareDefinitions(scope: Scope, part: string): DefinitionsDiff {
  const pairs = pairDefinitions(scope);
  const here = (definition: Definition | undefined): boolean => definition !== undefined && partOf(definition) === part;
  const judge = judgeOf(scope);
  const added: MovedFrom[] = [];
  const removed: MovedTo[] = [];
  const changed: DefinitionChange[] = [];
  for (const [before, after] of pairs) {
    if (here(before) && here(after)) {
      const change = changeOf(before as Definition, after as Definition, judge);
      if (change.changes.length > 0) changed.push(change);
    } else if (after !== undefined && here(after) && !after.synthesized) {
      added.push(before === undefined ? { name: after.name } : movedFrom(before, after, judge));
    } else if (before !== undefined && here(before) && !before.synthesized) {
      removed.push({ name: before.name, ...(after === undefined ? {} : { movedTo: partOf(after) }) });
    }
  }
  return { added, removed, renamed: renamedIn(scope, part), ...namingOf(pairs, here), changed };
}

type Pair = readonly [Definition | undefined, Definition | undefined];

/** Every definition of either revision with its counterpart, in the order of the newer name. */
function pairDefinitions(scope: Scope): Pair[] {
  const { before, after, renamed } = scope;
  const names = new Map<string, string>(
    Object.keys(before.definitions).map((name) => [renamed.get(name) ?? name, name]),
  );
  const all = [...new Set([...names.keys(), ...Object.keys(after.definitions)])].sort();
  return all.map((name) => [before.definitions[names.get(name) ?? name], after.definitions[name]]);
}

type Judge = (before: Definition, after: Definition) => { sentBy: readonly Side[]; changes: readonly PayloadChange[] };

function judgeOf(scope: Scope): Judge {
  const [sent, sends] = [sendersOf(scope.before), sendersOf(scope.after)];
  const envelopes = new Set([...messagesOf(scope.before), ...messagesOf(scope.after)]);
  return (before, after) => {
    const sentBy = SIDES.filter((side) => sent.get(before.name)?.has(side) && sends.get(after.name)?.has(side));
    const isMessage = envelopes.has(after.name);
    const changes = compareShapes(scope, before.shape, after.shape).flatMap((found): PayloadChange[] => {
      if (!isMessage) return [{ ...found.change, breaks: breaksBy(found, sentBy) }];
      return isOfMethod(found) ? [] : [{ ...found.change, breaks: NOBODY }];
    });
    return { sentBy, changes };
  };
}

/** Requests and notifications as whole messages. Their `params` and `method` are compared as the method's. */
function messagesOf(model: Model): readonly string[] {
  return model.methods.map((method) => method.definition);
}

/**
 * What is left of a whole message is its envelope. Schemas wrote `jsonrpc` and `id` into it or left them out (TRAP-16 to
 * TRAP-18); JSON-RPC put them on the wire all the same, so nobody breaks.
 */
function isOfMethod(found: Found): boolean {
  return /^(params|method)\b/.test(found.change.path);
}

function changeOf(before: Definition, after: Definition, judge: Judge): DefinitionChange {
  return { name: after.name, ...judge(before, after) };
}

function movedFrom(before: Definition, after: Definition, judge: Judge): MovedFrom {
  return { name: after.name, movedFrom: partOf(before), changes: judge(before, after).changes };
}

function renamedIn(scope: Scope, part: string): Renamed[] {
  return [...scope.renamed]
    .filter(([, name]) => partOf(scope.after.definitions[name] ?? {}) === part)
    .map(([before, after]) => ({ before, after }))
    .sort((left, right) => (left.after < right.after ? -1 : 1));
}

function namingOf(
  pairs: readonly Pair[],
  here: (definition: Definition | undefined) => boolean,
): { named: string[]; inlined: string[] } {
  const both = pairs.flatMap(([before, after]) =>
    before && after && here(before) && here(after) ? [{ before, after }] : [],
  );
  const named = both.filter(({ before, after }) => before.synthesized && !after.synthesized);
  const inlined = both.filter(({ before, after }) => !before.synthesized && after.synthesized);
  return { named: named.map(({ after }) => after.name), inlined: inlined.map(({ after }) => after.name) };
}

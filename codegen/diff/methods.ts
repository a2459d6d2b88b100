/** Compares the methods of one vocabulary: direction, kind, params, results, gates. The rules are in `breaking.ts`. */

import type { Alternative, Method, Model, Side } from "../model.js";
import { breaksBy, type Effect, EVERYBODY, NOBODY, othersOf, SIDES } from "./breaking.js";
import { partOf } from "./definitions.js";
import { effectOf } from "./payloads.js";
import { isSameDefinition, type Scope } from "./scope.js";
import type { Breaks, MethodChange, MethodChanges, MethodEntry, MethodsDiff } from "./types.js";

const NARROWED: Effect = { narrowed: true, widened: false };
const WIDENED: Effect = { narrowed: false, widened: true };

/** Compares the methods of one vocabulary; one that the other revision has in another vocabulary has moved. */
export function compareMethods(scope: Scope, part: string): MethodsDiff {
  const [old, now] = [byName(scope.before), byName(scope.after)];
  const added: MethodEntry[] = [];
  const removed: MethodEntry[] = [];
  const changed: MethodChanges[] = [];
  for (const name of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [before, after] = [old.get(name), now.get(name)];
    const isHere = after !== undefined && partOf(after) === part;
    if (before !== undefined && partOf(before) === part) {
      if (isHere) {
        const changes = compareMethod(scope, before, after);
        if (changes.length > 0) changed.push({ method: name, changes });
      } else {
        const moved = after === undefined ? {} : { movedTo: partOf(after) };
        removed.push({ ...entryOf(before), ...moved, breaks: breaksBy(NARROWED, before.from) });
      }
    } else if (isHere) {
      const moved =
        before === undefined ? {} : { movedFrom: partOf(before), changes: compareMethod(scope, before, after) };
      added.push({ ...entryOf(after), ...moved, breaks: additionBreaks(after) });
    }
  }
  return { added, removed, changed };
}

function byName(model: Model): ReadonlyMap<string, Method> {
  return new Map(model.methods.map((method) => [method.method, method]));
}

function entryOf({ method, kind, from }: Method): Omit<MethodEntry, "breaks"> {
  return { method, kind, from };
}

function additionBreaks(method: Method): Breaks {
  if (method.kind === "notification" || method.extension !== undefined) return NOBODY;
  return { sender: [], receiver: unguarded(method, othersOf(method.from)) };
}

/** Those of `sides` that can be asked without having declared a capability for it. */
function unguarded(method: Method, sides: readonly Side[]): readonly Side[] {
  return sides.filter((side) => method.capabilities[side] === undefined);
}

function compareMethod(scope: Scope, before: Method, after: Method): MethodChange[] {
  const from = SIDES.filter((side) => before.from.includes(side) && after.from.includes(side));
  const answerers = othersOf(from);
  return [
    ...compareKind(before, after),
    ...compareDirection(before, after),
    ...comparePayload(scope, "params", before.params, after.params, from),
    ...compareParamsRequired(before, after, from),
    ...comparePayload(scope, "result", before.result, after.result, answerers),
    ...compareAlternatives(scope, before, after, answerers),
    ...SIDES.flatMap((side) => compareCapability(side, before, after, from)),
    ...headerNames(before, after).flatMap((name) =>
      compareGate("header", name, before.headers[name], after.headers[name], from),
    ),
    ...compareFlag("task-augmentable", before.taskAugmentable, after.taskAugmentable),
    ...compareFlag("cacheable", before.cacheable, after.cacheable),
  ];
}

function compareKind(before: Method, after: Method): MethodChange[] {
  if (before.kind === after.kind) return [];
  return [{ change: "kind", before: before.kind, after: after.kind, breaks: EVERYBODY }];
}

/** A side that may no longer send is broken as a sender; the other end of a side that may now, unless it guards itself. */
function compareDirection(before: Method, after: Method): MethodChange[] {
  const lost = before.from.filter((side) => !after.from.includes(side));
  const gained = after.from.filter((side) => !before.from.includes(side));
  if (lost.length + gained.length === 0) return [];
  const receiver = after.kind === "notification" ? [] : unguarded(after, othersOf(gained));
  const words = { before: before.from.join(", "), after: after.from.join(", ") };
  return [{ change: "from", ...words, breaks: { sender: lost, receiver } }];
}

function comparePayload(
  scope: Scope,
  change: "params" | "result",
  before: string | undefined,
  after: string | undefined,
  senders: readonly Side[],
): MethodChange[] {
  if (before === after || (before !== undefined && after !== undefined && isSameDefinition(scope, before, after)))
    return [];
  const words = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
  const effect = effectOf(scope, payloadShape(before), payloadShape(after));
  return [{ change, ...words, breaks: breaksBy(effect, senders) }];
}

function payloadShape(name: string | undefined): { kind: "any" } | { kind: "ref"; name: string } {
  return name === undefined ? { kind: "any" } : { kind: "ref", name };
}

function compareParamsRequired(before: Method, after: Method, from: readonly Side[]): MethodChange[] {
  if (before.paramsRequired === after.paramsRequired) return [];
  const words = { before: String(before.paramsRequired), after: String(after.paramsRequired) };
  return [{ change: "params-required", ...words, breaks: breaksBy(after.paramsRequired ? NARROWED : WIDENED, from) }];
}

/** A new answer breaks those who asked, unless they opted in: by what they sent, or by declaring the extension that has it. */
function compareAlternatives(scope: Scope, before: Method, after: Method, answerers: readonly Side[]): MethodChange[] {
  const known = (list: readonly Alternative[], one: Alternative): boolean =>
    list.some((other) => other.definition === one.definition && conditionOf(other) === conditionOf(one));
  const gone = before.alternatives.filter((one) => !known(after.alternatives, one));
  const come = after.alternatives.filter((one) => !known(before.alternatives, one));
  return [
    ...gone.map((one) => alternativeChange({ before: alternativeWords(one) }, breaksBy(NARROWED, answerers))),
    ...come.map((one) => {
      const optedIn = "request" in one.when || scope.after.definitions[one.definition]?.extension !== undefined;
      return alternativeChange({ after: alternativeWords(one) }, optedIn ? NOBODY : breaksBy(WIDENED, answerers));
    }),
  ];
}

function alternativeChange(words: { before?: string; after?: string }, breaks: Breaks): MethodChange {
  return { change: "alternative", ...words, breaks };
}

function alternativeWords(one: Alternative): string {
  return `${one.definition} (${conditionOf(one)})`;
}

function conditionOf({ when }: Alternative): string {
  return "resultType" in when ? `resultType ${when.resultType}` : `after ${when.request}`;
}

/**
 * A capability binds those who send to the side that declares it; only that side itself where nobody else sends. Between
 * vocabularies no one breaks by it: to declare the extension is what gates the method there.
 */
function compareCapability(side: Side, before: Method, after: Method, from: readonly Side[]): MethodChange[] {
  const others = from.filter((sender) => sender !== side);
  const bound = partOf(before) !== partOf(after) ? [] : others.length > 0 ? others : from;
  return compareGate("capability", side, before.capabilities[side], after.capabilities[side], bound);
}

function compareGate(
  change: "capability" | "header",
  subject: string,
  before: string | undefined,
  after: string | undefined,
  from: readonly Side[],
): MethodChange[] {
  if (before === after) return [];
  const words = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
  const effect = { narrowed: after !== undefined, widened: before !== undefined };
  return [{ change, subject, ...words, breaks: breaksBy(effect, from) }];
}

function headerNames(before: Method, after: Method): string[] {
  return [...new Set([...Object.keys(before.headers), ...Object.keys(after.headers)])].sort();
}

/** Facts that restrict nobody: augmentation is the sender's choice, and cache hints are members of the result. */
function compareFlag(change: "task-augmentable" | "cacheable", before: boolean, after: boolean): MethodChange[] {
  return before === after ? [] : [{ change, before: String(before), after: String(after), breaks: NOBODY }];
}

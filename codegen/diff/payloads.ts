/** Compares two shapes place by place. What it finds says what happens to values; `definitions.ts` adds who breaks. */

import { equalJson } from "../json.js";
import type { Model, ObjectShape, Property, Shape } from "../model.js";
import type { Effect } from "./breaking.js";
import { describeShape } from "./describe.js";
import { fits, scalarsOf } from "./fits.js";
import { isSameDefinition, resolveIn, type Scope } from "./scope.js";
import type { PayloadChange } from "./types.js";

/** A change without its judgement, and its effect on values. */
export interface Found extends Effect {
  readonly change: Omit<PayloadChange, "breaks">;
}

const NO_EFFECT: Effect = { narrowed: false, widened: false };

/** Every difference between two shapes, outermost first. A reference to one definition on both sides is no difference. */
export function compareShapes(scope: Scope, before: Shape, after: Shape): Found[] {
  return compareAt({ scope, path: "", seen: new Set() }, before, after);
}

interface At {
  readonly scope: Scope;
  readonly path: string;
  /** Pairs of definitions that are being compared, against recursion. */
  readonly seen: ReadonlySet<string>;
}

function compareAt(at: At, before: Shape, after: Shape): Found[] {
  if (equalJson(before, after)) return [];
  if (before.kind === "ref" && after.kind === "ref") {
    if (isSameDefinition(at.scope, before.name, after.name)) return [];
    const pair = `${before.name} ${after.name}`;
    if (at.seen.has(pair)) return [];
    return compareNamed({ ...at, seen: new Set([...at.seen, pair]) }, before, after);
  }
  if (before.kind === "ref" || after.kind === "ref") return compareNamed(at, before, after);
  if (before.kind === "object" && after.kind === "object") return compareObjects(at, before, after);
  if (before.kind === "array" && after.kind === "array") {
    const items = compareAt({ ...at, path: `${at.path}[]` }, before.items, after.items);
    return [...compareLimits(at, before, after), ...items];
  }
  const [had, has] = [scalarsOf(before), scalarsOf(after)];
  if (had !== undefined && has !== undefined)
    return compareMembers(at, "enum", had.map(word), has.map(word), before, after);
  if (before.kind === after.kind && ["string", "number", "integer"].includes(before.kind)) {
    return [...compareFormats(at, before, after), ...compareLimits(at, before, after)];
  }
  return compareTypes(at, before, after);
}

/** One of the two is a name: objects are compared behind it, so that the report says what differs and not only that. */
function compareNamed(at: At, before: Shape, after: Shape): Found[] {
  const [old, now] = [resolveIn(at.scope.before, before), resolveIn(at.scope.after, after)];
  if (old.kind !== "object" || now.kind !== "object") return compareTypes(at, before, after);
  const respelled: Found = {
    ...NO_EFFECT,
    change: { path: at.path, change: "respelled", before: describeShape(before), after: describeShape(after) },
  };
  return [respelled, ...compareObjects(at, old, now)];
}

function compareObjects(at: At, before: ObjectShape, after: ObjectShape): Found[] {
  const keys = [...new Set([...Object.keys(before.properties), ...Object.keys(after.properties)])].sort();
  const found = keys.flatMap((key) =>
    compareProperty({ ...at, path: memberPath(at.path, key) }, before.properties[key], after.properties[key]),
  );
  const bothOpen =
    resolveIn(at.scope.before, before.values).kind === "any" && resolveIn(at.scope.after, after.values).kind === "any";
  return bothOpen ? found : [...found, ...compareAt({ ...at, path: `${at.path}{}` }, before.values, after.values)];
}

function compareProperty(at: At, before: Property | undefined, after: Property | undefined): Found[] {
  const { path } = at;
  if (before === undefined || after === undefined) {
    if (after !== undefined) {
      const change = {
        path,
        change: "property-added",
        after: describeShape(after.shape),
        required: after.required,
      } as const;
      return [{ change, narrowed: after.required, widened: false }];
    }
    if (before === undefined) return [];
    const change = {
      path,
      change: "property-removed",
      before: describeShape(before.shape),
      required: before.required,
    } as const;
    return [{ change, narrowed: false, widened: before.required }];
  }
  const found: Found[] = [];
  if (after.required && !before.required)
    found.push({ change: { path, change: "now-required" }, narrowed: true, widened: false });
  if (before.required && !after.required)
    found.push({ change: { path, change: "now-optional" }, narrowed: false, widened: true });
  return [...found, ...compareAt(at, before.shape, after.shape)];
}

function compareTypes(at: At, before: Shape, after: Shape): Found[] {
  const had = membersOf(at.scope.before, before, after);
  const has = membersOf(at.scope.after, after, before);
  if (had.length + has.length > 2) {
    const found = compareMembers(at, "type", had.map(describeShape), has.map(describeShape), before, after);
    if (found.length > 0 || before.kind === after.kind) return found;
  }
  const effect = effectOf(at.scope, before, after);
  const change = effect.narrowed || effect.widened ? "type" : "respelled";
  return [{ ...effect, change: { path: at.path, change, before: describeShape(before), after: describeShape(after) } }];
}

function compareMembers(
  at: At,
  change: "enum" | "type",
  had: readonly string[],
  has: readonly string[],
  before: Shape,
  after: Shape,
): Found[] {
  const known = had.map((name) => at.scope.renamed.get(name) ?? name);
  const added = has.filter((name) => !known.includes(name));
  const removed = had.filter((_, index) => !has.includes(known[index] ?? ""));
  const effect = effectOf(at.scope, before, after);
  // A union in another order accepts the same values (TRAP-42).
  if (added.length + removed.length === 0 && !effect.narrowed && !effect.widened) return [];
  const words = { before: describeShape(before), after: describeShape(after) };
  return [{ ...effect, change: { path: at.path, change, ...words, added, removed } }];
}

/** What becoming `after` does to the values of `before`. */
export function effectOf(scope: Scope, before: Shape, after: Shape): Effect {
  const forward = {
    inner: scope.before,
    outer: scope.after,
    isSame: (one: string, other: string) => isSameDefinition(scope, one, other),
  };
  const backward = {
    inner: scope.after,
    outer: scope.before,
    isSame: (one: string, other: string) => isSameDefinition(scope, other, one),
  };
  return { narrowed: !fits(before, after, forward), widened: !fits(after, before, backward) };
}

const LOWER_LIMITS: readonly string[] = ["minLength", "minimum", "exclusiveMinimum", "minItems"];
const UPPER_LIMITS: readonly string[] = ["maxLength", "maximum", "exclusiveMaximum", "maxItems"];

function compareLimits(at: At, before: Shape, after: Shape): Found[] {
  const [old, now] = [limitsOf(before), limitsOf(after)];
  return [...LOWER_LIMITS, ...UPPER_LIMITS, "pattern"]
    .filter((keyword) => old[keyword] !== now[keyword])
    .map((constraint) => {
      const [was, is] = [old[constraint], now[constraint]];
      const change = {
        path: at.path,
        change: "constraint" as const,
        constraint,
        ...(was === undefined ? {} : { before: String(was) }),
        ...(is === undefined ? {} : { after: String(is) }),
      };
      return { change, ...limitEffect(constraint, was, is) };
    });
}

function limitEffect(keyword: string, was: string | number | undefined, is: string | number | undefined): Effect {
  if (was === undefined || is === undefined) return { narrowed: was === undefined, widened: is === undefined };
  if (typeof was === "string" || typeof is === "string") return { narrowed: true, widened: true };
  const raised = is > was;
  return LOWER_LIMITS.includes(keyword)
    ? { narrowed: raised, widened: !raised }
    : { narrowed: !raised, widened: raised };
}

function limitsOf(shape: Shape): Readonly<Record<string, string | number | undefined>> {
  return Object.fromEntries(
    Object.entries(shape).filter(([, value]) => typeof value === "number" || typeof value === "string"),
  );
}

/** `format` is an annotation: nobody breaks by it. */
function compareFormats(at: At, before: Shape, after: Shape): Found[] {
  const words = { before: describeShape(before), after: describeShape(after) };
  return words.before === words.after
    ? []
    : [{ ...NO_EFFECT, change: { path: at.path, change: "respelled", ...words } }];
}

/** The members of a union, also of a named one where the other side spells its union out. */
function membersOf(model: Model, shape: Shape, other: Shape): readonly Shape[] {
  const target = shape.kind === "ref" && other.kind === "union" ? resolveIn(model, shape) : shape;
  return target.kind === "union" ? target.members : [shape];
}

function word(value: unknown): string {
  return JSON.stringify(value);
}

function memberPath(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** What the functions that write guards share while they write one file: the names taken, the helpers used, the local functions. */

import { type Model, referencesOf, type Shape } from "../model.js";
import { indent } from "./text.js";

export interface Scope {
  /** Functions of the prelude that the text uses. */
  readonly helpers: Set<string>;
  /** Functions for shapes without a name, each once. */
  readonly local: string[];
  readonly shapes: Readonly<Record<string, Shape>>;
  /** Definitions that accept any JSON value. */
  readonly json: ReadonlySet<string>;
  /** Shape as text → the local function that checks it. */
  readonly locals: Map<string, string>;
  readonly taken: Set<string>;
  /** The definition that is being written. */
  owner: string;
  /** Writes the check of any shape; given here so that unions can hold whatever shapes hold. */
  readonly check: (scope: Scope, shape: Shape, value: string, hint?: string) => string;
}

export function createScope(model: Model, check: Scope["check"]): Scope {
  const definitions = Object.values(model.definitions);
  return {
    helpers: new Set(),
    local: [],
    shapes: Object.fromEntries(definitions.map((definition) => [definition.name, definition.shape])),
    json: new Set(definitions.filter((definition) => definition.json).map((definition) => definition.name)),
    locals: new Map(),
    taken: new Set(),
    owner: "",
    check,
  };
}

/** Names a function of the prelude and remembers to import it. */
export function use(scope: Scope, helper: string): string {
  scope.helpers.add(helper);
  return helper;
}

/** Name of the guard of a definition. */
export function guardName(definition: string): string {
  return `is${definition.charAt(0).toUpperCase()}${definition.slice(1)}`;
}

/** The statements of a function, with the count of failures at its start where they refer to it. */
export function started(scope: Scope, body: string): string {
  return /\bstart\b/.test(body) ? `const start = ${use(scope, "count")};\n${body}` : body;
}

/** A guard never throws: what a hostile getter or proxy throws is one more way not to fit. */
export function sheltered(scope: Scope, body: string): string {
  return started(scope, `try {\n${indent(body)}\n} catch {\n  return ${use(scope, "threw")}(start, value);\n}`);
}

export function freeName(scope: Scope, hint: string): string {
  const [first = "", ...others] = hint.split(/[^A-Za-z\d]+/).filter((word) => word !== "");
  const base = `${first}${others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")}`;
  let name = base;
  for (let index = 2; scope.taken.has(name); index++) name = `${base}${index}`;
  scope.taken.add(name);
  return name;
}

/** True where the referred definition leads back to the one being written. */
export function isRecursive(scope: Scope, name: string): boolean {
  if (scope.json.has(name)) return false;
  const seen = new Set<string>();
  const visit = (current: string): boolean => {
    if (current === scope.owner) return true;
    if (seen.has(current) || scope.json.has(current)) return false;
    seen.add(current);
    return [...referencesOf(scope.shapes[current] ?? { kind: "any" })].some(visit);
  };
  return visit(name);
}

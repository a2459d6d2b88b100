/** `guards.ts`: one straight-line function per definition, built from the checks of the prelude. */

import { type Definition, type Model, referencesOf, type Shape } from "../model.js";
import { bodyOf, checkOf } from "./guard-checks.js";
import { createScope, guardName, type Scope, sheltered, started, use } from "./guard-scope.js";
import { indent, literal } from "./text.js";

export interface GuardsInput {
  readonly model: Model;
  /** Module specifier of the prelude, seen from the emitted file. */
  readonly prelude: string;
  /** The definitions whose guards this file exports. */
  readonly definitions: readonly Definition[];
  /** Definition → module specifier of a guard that serves as well; exported from here if it is one of `definitions`. */
  readonly shared: ReadonlyMap<string, string>;
}

/** The text of `guards.ts`, without the header. */
export function emitGuards({ model, prelude, definitions, shared }: GuardsInput): string {
  const scope = createScope(model, checkOf);
  const own = definitions.filter((definition) => !shared.has(definition.name));
  const functions = own.map((definition) => guardText(scope, definition));
  const used = own.flatMap((definition) => [...referencesOf(definition.shape)]).filter((name) => shared.has(name));
  const lent = definitions.map((definition) => definition.name).filter((name) => shared.has(name));
  return [
    importLine(scope.helpers, prelude),
    own.length === 0 ? "" : `import type {\n${names(own.map((definition) => definition.name))}} from "./types.js";`,
    ...linesByModule("import", used, shared),
    ...linesByModule("export", lent, shared),
    "",
    ...functions.concat(scope.local).flatMap((text) => [text, ""]),
  ]
    .filter((part, index, parts) => part !== "" || parts[index - 1] !== "")
    .join("\n");
}

/** File name of an extension's guards: `guards-tasks.ts` for `io.modelcontextprotocol/tasks`. */
export function extensionFile(extension: string): string {
  return `guards-${extension.replace(/^.*\//, "")}.ts`;
}

function importLine(helpers: ReadonlySet<string>, prelude: string): string {
  return helpers.size === 0 ? "" : `import { ${[...helpers].sort().join(", ")} } from ${literal(prelude)};`;
}

function linesByModule(
  verb: "import" | "export",
  wanted: readonly string[],
  shared: ReadonlyMap<string, string>,
): string[] {
  const guards = new Map<string, Set<string>>();
  for (const name of wanted) {
    const module = shared.get(name) ?? "";
    guards.set(module, (guards.get(module) ?? new Set()).add(guardName(name)));
  }
  return [...guards].sort().map(([module, own]) => `${verb} {\n${names([...own])}} from ${literal(module)};`);
}

function names(list: readonly string[]): string {
  return list
    .toSorted()
    .map((name) => `  ${name},\n`)
    .join("");
}

/** Shapes that are decided without reading a member of the value, or by another guard. */
const SAFE: ReadonlySet<string> = new Set([
  "any",
  "never",
  "null",
  "boolean",
  "string",
  "number",
  "integer",
  "const",
  "enum",
  "ref",
]);

function guardText(scope: Scope, definition: Definition): string {
  scope.owner = definition.name;
  const body = definition.json ? `return ${use(scope, "json")}(value);` : bodyOf(scope, definition.shape);
  const statements = isSafe(definition.shape) ? started(scope, body) : sheltered(scope, body);
  // A definition that takes anything does not look at its value.
  const value = /\bvalue\b/.test(statements) ? "value" : "_value";
  const signature = `export function ${guardName(definition.name)}(${value}: unknown): ${value} is ${definition.name} {`;
  return `${signature}\n${indent(statements)}\n}`;
}

/** True where nothing can throw: no member of the value is read here, and another guard shelters itself. */
function isSafe(shape: Shape): boolean {
  if (shape.kind !== "union") return SAFE.has(shape.kind);
  return shape.members.every((member) => member.kind !== "ref" && SAFE.has(member.kind));
}

/** `guards.ts`: one straight-line function per definition, built from the checks of the prelude. */

import {
  type ArrayShape,
  type Definition,
  type Model,
  type NumberShape,
  type ObjectShape,
  type Property,
  referencesOf,
  type Scalar,
  type Shape,
  type StringShape,
} from "../model.js";
import { indent, literal, member, orList } from "./text.js";
import { type Attempt, attemptsOf, type Branch, discriminatorOf, planUnion } from "./unions.js";

type Shapes = Readonly<Record<string, Shape>>;

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
  const emitter = new GuardEmitter(model);
  const own = definitions.filter((definition) => !shared.has(definition.name));
  const functions = own.map((definition) => emitter.definition(definition));
  const used = own.flatMap((definition) => [...referencesOf(definition.shape)]).filter((name) => shared.has(name));
  const lent = definitions.map((definition) => definition.name).filter((name) => shared.has(name));
  return [
    importLine(emitter.helpers, prelude),
    own.length === 0 ? "" : `import type {\n${names(own.map((definition) => definition.name))}} from "./types.js";`,
    ...linesByModule("import", used, shared),
    ...linesByModule("export", lent, shared),
    "",
    ...functions.concat(emitter.local).flatMap((text) => [text, ""]),
  ]
    .filter((part, index, parts) => part !== "" || parts[index - 1] !== "")
    .join("\n");
}

/** Name of the guard of a definition. */
export function guardName(definition: string): string {
  return `is${definition.charAt(0).toUpperCase()}${definition.slice(1)}`;
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

class GuardEmitter {
  /** Functions of the prelude that the text uses. */
  readonly helpers = new Set<string>();
  /** Functions for shapes without a name, each once. */
  readonly local: string[] = [];
  readonly #shapes: Shapes;
  readonly #json: ReadonlySet<string>;
  readonly #locals = new Map<string, string>();
  readonly #taken = new Set<string>();
  #owner = "";

  constructor(model: Model) {
    const definitions = Object.values(model.definitions);
    this.#shapes = Object.fromEntries(definitions.map((definition) => [definition.name, definition.shape]));
    this.#json = new Set(definitions.filter((definition) => definition.json).map((definition) => definition.name));
  }

  definition(definition: Definition): string {
    this.#owner = definition.name;
    const body = definition.json ? `return ${this.#use("json")}(value);` : this.#body(definition.shape);
    const signature = `export function ${guardName(definition.name)}(value: unknown): value is ${definition.name} {`;
    return `${signature}\n${indent(isSafe(definition.shape) ? body : this.#sheltered(body))}\n}`;
  }

  /** A guard never throws: what a hostile getter or proxy throws is one more way not to fit. */
  #sheltered(body: string): string {
    return this.#started(`try {\n${indent(body)}\n} catch {\n  return ${this.#use("threw")}(start, value);\n}`);
  }

  /** The statements of a function, with the count of failures at its start where they refer to it. */
  #started(body: string): string {
    return /\bstart\b/.test(body) ? `const start = ${this.#use("count")};\n${body}` : body;
  }

  /** The statements of a function of `value` that checks a shape. */
  #body(shape: Shape): string {
    if (shape.kind === "object" && Object.keys(shape.properties).length > 0) return this.#objectBody(shape);
    if (shape.kind === "union") return this.#unionBody(shape.members);
    if (shape.kind === "all") return this.#allBody(shape.members);
    return `return ${this.#check(shape, "value")};`;
  }

  #objectBody(shape: ObjectShape): string {
    const properties = Object.entries(shape.properties).sort(
      ([, left], [, right]) => this.#rank(left) - this.#rank(right),
    );
    const checks = properties.flatMap(([key, property]) => this.#propertyCheck(key, property));
    if (shape.values.kind !== "any") {
      const known = JSON.stringify(Object.keys(shape.properties));
      checks.push(`${this.#use("rest")}(value, ${known}, ${this.#checkFunction(shape.values, "Value")})`);
    }
    return this.#conjunction([`${this.#use("obj")}(value)`, ...checks]);
  }

  /** Constants first: they tell soonest that a value is something else. Then what is cheap, before what is deep. */
  #rank({ shape, required }: Property): number {
    if (shape.kind === "const" && required) return 0;
    const deep = this.#test(shape, "part") === undefined;
    return (required ? 1 : 3) + (deep ? 1 : 0);
  }

  #propertyCheck(key: string, property: Property): string[] {
    const { shape, required } = property;
    if (shape.kind === "any" && !required) return [];
    const value = member("value", key);
    if (shape.kind === "any") return [`(${value} !== undefined || ${this.#bad(key, '"any value"')})`];
    const absent = required ? "" : `(part = ${value}) === undefined || `;
    const test = this.#test(shape, "part");
    if (test === undefined || (shape.kind === "string" && isBare(shape))) {
      const check = this.#check(shape, required ? value : "part", key);
      return [`(${absent}${check} || ${this.#use("at")}(${tokenOf(key)}))`];
    }
    const uses = test.split(/\bpart\b/).length - 1;
    const own = uses === 1 ? test.replace(/\bpart\b/, value) : test.replace(/\bpart\b/, `(part = ${value})`);
    return [`(${required ? own : absent + test} || ${this.#bad(key, expectationOf(shape))})`];
  }

  /** Reports a member of `value` that is no more than a scalar. */
  #bad(key: string, expected: string): string {
    if (tokenOf(key) === literal(key)) return `${this.#use("at")}(${literal(key)}, value, ${expected})`;
    return `(${this.#use("no")}(${expected}, ${member("value", key)}) || ${this.#use("at")}(${tokenOf(key)}))`;
  }

  #conjunction(checks: readonly string[]): string {
    const part = checks.some((check) => check.includes("(part = ")) ? "let part: unknown;\n" : "";
    return `${part}return (\n${indent([...checks, this.#end(true)].join(" &&\n"))}\n);`;
  }

  /** The last part of a check: the comparison stands in the text because a call costs the engine's budget for inlining. */
  #end(inside = false): string {
    const test = `start === count || ${this.#use("fail")}(start)`;
    return inside ? `(${test})` : test;
  }

  #allBody(members: readonly Shape[]): string {
    const more = `${this.#use("more")}()`;
    return this.#conjunction(
      members.map((shape, index) => `(${this.#check(shape, "value", `Part${index}`)} || ${more})`),
    );
  }

  #unionBody(members: readonly Shape[]): string {
    const plan = planUnion(members, this.#shapes);
    const untold = plan.scalars.some((shape) => this.#test(shape, "value") === undefined);
    if (untold || plan.unknown.length > 0) return this.#tryAll(members);
    const statements: string[] = [];
    const onlyObjects = plan.scalars.length + plan.arrays.length === 0;
    if (plan.arrays.length > 0) statements.push(`if (Array.isArray(value)) ${this.#block(this.#tryAll(plan.arrays))}`);
    if (plan.objects.length > 0) {
      const objects = this.#objectUnion(plan.objects);
      if (onlyObjects) return `if (!${this.#use("obj")}(value)) return false;\n${objects}`;
      const test = plan.arrays.length > 0 ? "" : " && !Array.isArray(value)";
      statements.push(`if (typeof value === "object" && value !== null${test}) ${this.#block(this.#narrow(objects))}`);
    }
    const containers = [...(plan.arrays.length > 0 ? ["array"] : []), ...(plan.objects.length > 0 ? ["object"] : [])];
    const expected = literal(orList([...new Set([...plan.scalars.map(wordFor), ...containers])]));
    const scalars = plan.scalars.flatMap((shape) => inParentheses(this.#test(shape, "value")));
    return [...statements, `return ${[...scalars, `${this.#use("no")}(${expected}, value)`].join(" || ")};`].join("\n");
  }

  /** TypeScript does not narrow `object` to a record; `obj` does, at the price of a second look. */
  #narrow(statements: string): string {
    return statements.includes("value.") || statements.includes("value[")
      ? `if (!${this.#use("obj")}(value)) return false;\n${statements}`
      : statements;
  }

  #block(statements: string): string {
    return statements.includes("\n") ? `{\n${indent(statements)}\n}` : statements;
  }

  /** Statements for a value that is known to be an object. */
  #objectUnion(branches: readonly Branch[]): string {
    const [only] = branches;
    if (branches.length === 1 && only !== undefined) return `return ${this.#check(only.shape, "value")};`;
    const discriminator = discriminatorOf(branches, this.#shapes);
    if (discriminator === undefined) return this.#attempts(branches);
    const { key, cases, absent } = discriminator;
    const selector = member("value", key);
    const groups = new Map<string, { labels: string[]; branches: readonly Branch[] }>();
    for (const [value, group] of cases) {
      if (group.length === 1 && group[0] === absent) continue;
      const id = group.map((branch) => branches.indexOf(branch)).join();
      const labels = groups.get(id)?.labels ?? [];
      groups.set(id, { labels: [...labels, `case ${literal(value)}:`], branches: group });
    }
    const clauses = [...groups.values()].map(
      (group) => `${group.labels.join("\n")}\n${indent(this.#objectUnion(group.branches))}`,
    );
    const expected = literal(oneOf([...cases.keys()]));
    const otherwise =
      absent === undefined
        ? `return ${this.#bad(key, expected)} && ${this.#use("fail")}(start);`
        : `return ${this.#check(absent.shape, "value")};`;
    return `switch (${selector}) {\n${indent([...clauses, `default:\n${indent(otherwise)}`].join("\n"))}\n}`;
  }

  /** Tries branch after branch; the last one tried keeps its reason. */
  #attempts(branches: readonly Branch[]): string {
    const attempts = attemptsOf(branches);
    const tries = attempts.map(({ branch, needs }, index) => {
      const present = needs.map((key) => `${member("value", key)} !== undefined`);
      const retry = index === 0 ? [] : [`${this.#use("or")}(start)`];
      return { present, check: [...retry, this.#check(branch.shape, "value", `Branch${index}`)].join(" && ") };
    });
    const lines = tries.map(({ present, check }) => `(${[...present, check].join(" && ")})`);
    const last = tries.at(-1);
    if (attempts.every(({ needs }) => needs.length > 0) && last !== undefined) {
      const none = this.#noneOf(attempts, last.present);
      // Where one member decides about the last branch, it need not be read again.
      if (last.present.length === 1) lines[lines.length - 1] = `(${last.present} ? ${last.check} : ${none})`;
      else lines.push(`(${none})`);
    }
    return `return (\n${indent(lines.join(" ||\n"))}\n);`;
  }

  /** Says what any branch needs where every branch lacks something. `told` is known to be absent where it is one member. */
  #noneOf(attempts: readonly Attempt[], told: readonly string[]): string {
    const lacks = attempts.map(({ needs }) => {
      const missing = needs.map((key) => `${member("value", key)} === undefined`).join(" || ");
      return needs.length > 1 ? `(${missing})` : missing;
    });
    const known = told.length === 1 ? String(told[0]).replace("!==", "===") : "";
    const expected = literal(`object with ${orList(attempts.map(({ needs }) => needs.join(" and ")))}`);
    const untold = [...new Set(lacks)].filter((lack) => lack !== known);
    return [...untold, `${this.#use("no")}(${expected}, value)`].join(" && ");
  }

  #tryAll(shapes: readonly Shape[]): string {
    const [only] = shapes;
    if (shapes.length === 1 && only !== undefined) return `return ${this.#check(only, "value", "Items")};`;
    const tries = shapes.map((shape, index) => {
      const check = this.#check(shape, "value", `Branch${index}`);
      return index === 0 ? check : `(${this.#use("or")}(start) && ${check})`;
    });
    return `return ${tries.join(" || ")};`;
  }

  /** A boolean expression that checks `value` and leaves a trace where it says false. */
  #check(shape: Shape, value: string, hint = ""): string {
    switch (shape.kind) {
      case "any":
        return "true";
      case "never":
      case "null":
        return shape.kind === "null"
          ? `(${value} === null || ${this.#use("no")}("null", ${value}))`
          : `${this.#use("never")}(${value})`;
      case "boolean":
        return `${this.#use("bool")}(${value})`;
      case "const":
        return `(${value} === ${literal(shape.value)} || ${this.#use("no")}(${expectationOf(shape)}, ${value}))`;
      case "ref":
        return this.#reference(shape.name, value);
      case "array":
        return this.#array(shape, value, hint);
      case "object":
        if (Object.keys(shape.properties).length > 0) return `${this.#localFunction(shape, hint)}(${value})`;
        return shape.values.kind === "any"
          ? `${this.#use("obj")}(${value})`
          : `${this.#loop("map", shape.values, hint)}(${value})`;
      case "enum":
        if (/^\w+$/.test(value)) return this.#enumeration(shape.values, value);
        return `${this.#localFunction(shape, hint)}(${value})`;
      case "union":
      case "all":
        return `${this.#localFunction(shape, hint)}(${value})`;
      default:
        return this.#scalar(shape, value);
    }
  }

  #enumeration(values: readonly Scalar[], value: string): string {
    const tests = values.map((constant) => `${value} === ${literal(constant)}`);
    return [...tests, `${this.#use("no")}(${literal(oneOf(values))}, ${value})`].join(" || ");
  }

  #reference(name: string, value: string): string {
    const guard = guardName(name);
    return this.#isRecursive(name) ? `${this.#use("deep")}(${value}, ${guard})` : `${guard}(${value})`;
  }

  /** True where the referred definition leads back to the one being written. */
  #isRecursive(name: string): boolean {
    if (this.#json.has(name)) return false;
    const seen = new Set<string>();
    const visit = (current: string): boolean => {
      if (current === this.#owner) return true;
      if (seen.has(current) || this.#json.has(current)) return false;
      seen.add(current);
      return [...referencesOf(this.#shapes[current] ?? { kind: "any" })].some(visit);
    };
    return visit(name);
  }

  #array(shape: ArrayShape, value: string, hint: string): string {
    const items =
      shape.items.kind === "any"
        ? `${this.#use("list")}(${value})`
        : `${this.#loop("array", shape.items, hint)}(${value})`;
    if (shape.minItems === undefined && shape.maxItems === undefined) return items;
    const expected = literal(`array of ${boundsText(shape.minItems, shape.maxItems)}`);
    const size = `${this.#use("size")}(${value}, ${shape.minItems ?? 0}, ${shape.maxItems ?? "Infinity"}, ${expected})`;
    return shape.items.kind === "any" ? size : `(${size} && ${items})`;
  }

  #scalar(shape: StringShape | NumberShape, value: string): string {
    const test = this.#test(shape, value);
    const bare = isBare(shape);
    if (bare && shape.kind === "string") return `${this.#use("str")}(${value})`;
    if (bare && shape.kind !== "string") return `${this.#use(shape.kind === "integer" ? "int" : "num")}(${value})`;
    if (test !== undefined) return `(${test} || ${this.#use("no")}(${expectationOf(shape)}, ${value}))`;
    const { minLength, maxLength, pattern } = shape as StringShape;
    const checks: string[] = [];
    if (minLength !== undefined || maxLength !== undefined) {
      const expected = literal(`string of ${boundsText(minLength, maxLength)} characters`);
      checks.push(`${this.#use("long")}(${value}, ${minLength ?? 0}, ${maxLength ?? "Infinity"}, ${expected})`);
    }
    if (pattern !== undefined) checks.push(`${this.#use("match")}(${value}, new RegExp(${literal(pattern)}, "u"))`);
    return checks.length === 1 ? String(checks[0]) : `(${checks.join(" && ")})`;
  }

  /** A test of a scalar that leaves no trace; undefined where only a check can tell. */
  #test(shape: Shape, value: string): string | undefined {
    switch (shape.kind) {
      case "string":
        return isBare(shape) ? `typeof ${value} === "string"` : undefined;
      case "boolean":
        return `typeof ${value} === "boolean"`;
      case "number":
      case "integer":
        return this.#numberTest(shape, value);
      case "null":
        return `${value} === null`;
      case "const":
        return `${value} === ${literal(shape.value)}`;
      case "enum":
        return shape.values.map((constant) => `${value} === ${literal(constant)}`).join(" || ");
      default:
        return undefined;
    }
  }

  #numberTest(shape: NumberShape, value: string): string {
    const bounds = [
      ...(shape.minimum === undefined ? [] : [`${value} >= ${shape.minimum}`]),
      ...(shape.maximum === undefined ? [] : [`${value} <= ${shape.maximum}`]),
      ...(shape.exclusiveMinimum === undefined ? [] : [`${value} > ${shape.exclusiveMinimum}`]),
      ...(shape.exclusiveMaximum === undefined ? [] : [`${value} < ${shape.exclusiveMaximum}`]),
    ];
    const closed = shape.minimum !== undefined && shape.maximum !== undefined;
    if (shape.kind === "number") {
      return [closed ? `typeof ${value} === "number"` : `${this.#use("finite")}(${value})`, ...bounds].join(" && ");
    }
    if (bounds.length === 0) return `Number.isInteger(${value})`;
    if (isSafeRange(shape)) return `Number.isSafeInteger(${value})`;
    return [`typeof ${value} === "number"`, `Number.isInteger(${value})`, ...bounds].join(" && ");
  }

  /**
   * A function that checks every item of an array or every member of a map. Each kind of item has its own: a loop shared by
   * all would call through a variable, which the engine cannot inline.
   */
  #loop(over: "array" | "map", items: Shape, hint: string): string {
    const key = `${over} ${JSON.stringify(items)}`;
    const known = this.#locals.get(key);
    if (known !== undefined) return known;
    const check = this.#checkFunction(items, `${hint}${over === "map" ? "Value" : "Item"}`);
    const name = this.#freeName(`${over === "map" ? "mapOf" : "listOf"} ${check.replace(/^(is|fits)(?=[A-Z])/, "")}`);
    this.#locals.set(key, name);
    const [test, index, each] =
      over === "array"
        ? [this.#use("list"), "index", "let index = 0; index < value.length; index++"]
        : [this.#use("obj"), "key", "const key in value"];
    const step = `if (!${check}(value[${index}]) && !${this.#use("at")}(${over === "map" ? `${this.#use("token")}(key)` : "index"})) return false;`;
    const lines = [`if (!${test}(value)) return false;`, `for (${each}) {\n  ${step}\n}`, `return ${this.#end()};`];
    this.local.push(`function ${name}(value: unknown): boolean {\n${indent(this.#started(lines.join("\n")))}\n}`);
    return name;
  }

  /** A function to hand to a loop: a guard, a check of the prelude, or a local function. */
  #checkFunction(shape: Shape, hint: string): string {
    if (shape.kind === "ref" && !this.#isRecursive(shape.name)) return guardName(shape.name);
    const bare = isBare(shape);
    if (bare && shape.kind === "string") return this.#use("str");
    if (bare && shape.kind === "number") return this.#use("num");
    if (bare && shape.kind === "integer") return this.#use("int");
    if (shape.kind === "boolean") return this.#use("bool");
    if (shape.kind === "never") return this.#use("never");
    if (shape.kind === "any") return this.#use("has");
    if (shape.kind === "object" && shape.values.kind === "any" && Object.keys(shape.properties).length === 0)
      return this.#use("obj");
    return this.#localFunction(shape, hint);
  }

  /** A function for a shape without a name. Equal shapes share one. */
  #localFunction(shape: Shape, hint: string): string {
    const key = JSON.stringify(shape);
    const known = this.#locals.get(key);
    if (known !== undefined) return known;
    const name = this.#freeName(`fits ${this.#owner} ${hint}`);
    this.#locals.set(key, name);
    const body = shape.kind === "enum" ? `return ${this.#enumeration(shape.values, "value")};` : this.#body(shape);
    this.local.push(`function ${name}(value: unknown): boolean {\n${indent(this.#started(body))}\n}`);
    return name;
  }

  #freeName(hint: string): string {
    const [first = "", ...others] = hint.split(/[^A-Za-z\d]+/).filter((word) => word !== "");
    const base = `${first}${others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")}`;
    let name = base;
    for (let index = 2; this.#taken.has(name); index++) name = `${base}${index}`;
    this.#taken.add(name);
    return name;
  }

  #use(helper: string): string {
    this.helpers.add(helper);
    return helper;
  }
}

/** A key as a reference token of a JSON Pointer, as source text. */
function tokenOf(key: string): string {
  return literal(key.replaceAll("~", "~0").replaceAll("/", "~1"));
}

/** True where nothing can throw: no member of the value is read here, and another guard shelters itself. */
function isSafe(shape: Shape): boolean {
  if (shape.kind !== "union") return SAFE.has(shape.kind);
  return shape.members.every((member) => member.kind !== "ref" && SAFE.has(member.kind));
}

function inParentheses(test: string | undefined): string[] {
  if (test === undefined) return [];
  return [test.includes(" && ") ? `(${test})` : test];
}

/** True for a type without further assertions. */
function isBare(shape: Shape): boolean {
  return Object.keys(shape).every((key) => key === "kind" || key === "format");
}

/** Zod writes its integers with these bounds. */
function isSafeRange(shape: NumberShape): boolean {
  const bounds = shape.minimum === Number.MIN_SAFE_INTEGER && shape.maximum === Number.MAX_SAFE_INTEGER;
  return bounds && shape.exclusiveMinimum === undefined && shape.exclusiveMaximum === undefined;
}

/** What the guard says that it expected of a scalar, as source text. */
function expectationOf(shape: Shape): string {
  switch (shape.kind) {
    case "const":
      return literal(oneOf([shape.value]));
    case "enum":
      return literal(oneOf(shape.values));
    case "number":
    case "integer": {
      const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = shape;
      if (isSafeRange(shape)) return literal("safe integer");
      const bounds = minimum === undefined && maximum === undefined ? [] : [boundsText(minimum, maximum)];
      const above = exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`];
      const below = exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`];
      return literal([shape.kind, ...bounds, ...above, ...below].join(" "));
    }
    default:
      return literal(shape.kind);
  }
}

/** Constants as a failure names them: `"user"`, or `"user" or "assistant"`. */
function oneOf(values: readonly Scalar[]): string {
  return orList(values.map((value) => JSON.stringify(value)));
}

function boundsText(least: number | undefined, most: number | undefined): string {
  if (most === undefined) return `at least ${least}`;
  return least === undefined ? `at most ${most}` : `from ${least} to ${most}`;
}

/** What a union's failure calls one of its scalars. */
function wordFor(shape: Shape): string {
  if (shape.kind === "const") return literal(shape.value);
  return shape.kind === "enum" ? orList(shape.values.map(literal)) : shape.kind;
}

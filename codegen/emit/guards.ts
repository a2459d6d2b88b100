/** `guards.ts`: one straight-line function per definition, built from the checks of the prelude. */

import {
  childShapes,
  type Definition,
  type Model,
  type NumberShape,
  type ObjectShape,
  type Property,
  referencesOf,
  type Shape,
} from "../model.js";
import { indent, literal, member, orList } from "./text.js";
import { attemptsOf, type Branch, discriminatorOf, planUnion } from "./unions.js";

type Shapes = Readonly<Record<string, Shape>>;

export interface GuardsInput {
  readonly model: Model;
  /** Module specifier of the prelude, seen from the emitted file. */
  readonly prelude: string;
  /** Definition → revision that has an equal one: the guard is taken from there. */
  readonly shared: ReadonlyMap<string, string>;
}

/** The text of `guards.ts`, without the header. */
export function emitGuards({ model, prelude, shared }: GuardsInput): string {
  const emitter = new GuardEmitter(model);
  const own = Object.values(model.definitions).filter((definition) => !shared.has(definition.name));
  const functions = own.map((definition) => emitter.definition(definition));
  const borrowed = own.flatMap((definition) => [...referencesOf(definition.shape)]).filter((name) => shared.has(name));
  return [
    importLine(emitter.helpers, prelude),
    own.length === 0 ? "" : `import type {\n${names(own.map((definition) => definition.name))}} from "./types.js";`,
    ...importsFrom(shared, (name) => borrowed.includes(name), "import"),
    ...importsFrom(shared, () => true, "export"),
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

function importLine(helpers: ReadonlySet<string>, prelude: string): string {
  return helpers.size === 0 ? "" : `import { ${[...helpers].sort().join(", ")} } from ${literal(prelude)};`;
}

function importsFrom(
  shared: ReadonlyMap<string, string>,
  wanted: (name: string) => boolean,
  verb: "import" | "export",
): string[] {
  const byRevision = new Map<string, string[]>();
  for (const [name, revision] of shared) {
    if (wanted(name)) byRevision.set(revision, [...(byRevision.get(revision) ?? []), guardName(name)]);
  }
  return [...byRevision]
    .sort()
    .map(([revision, guards]) => `${verb} {\n${names(guards)}} from "../${revision}/guards.js";`);
}

function names(list: readonly string[]): string {
  return list
    .toSorted()
    .map((name) => `  ${name},\n`)
    .join("");
}

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
    return `${signature}\n${indent(body)}\n}`;
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

  /** Constants first: they tell soonest that a value is something else. */
  #rank(property: Property): number {
    if (property.shape.kind === "const" && property.required) return 0;
    return property.required ? 1 : 2;
  }

  #propertyCheck(key: string, property: Property): string[] {
    if (property.shape.kind === "any" && !property.required) return [];
    const value = member("value", key);
    const optional = property.required ? "" : `${value} === undefined || `;
    const check =
      property.shape.kind === "any" ? `${this.#use("has")}(${value})` : this.#check(property.shape, value, key);
    return [`(${optional}${check} || ${this.#use("at")}(${literal(key)}))`];
  }

  #conjunction(checks: readonly string[]): string {
    const start = `const start = ${this.#use("count")};`;
    return `${start}\nreturn (\n${indent([...checks, `${this.#use("end")}(start)`].join(" &&\n"))}\n);`;
  }

  #allBody(members: readonly Shape[]): string {
    const more = `${this.#use("more")}()`;
    return this.#conjunction(
      members.map((shape, index) => `(${this.#check(shape, "value", `Part${index}`)} || ${more})`),
    );
  }

  #unionBody(members: readonly Shape[]): string {
    const plan = planUnion(members, this.#shapes);
    const bounded = plan.scalars.some((shape) => this.#test(shape, "value") === undefined);
    if (bounded || plan.unknown.length > 0) return this.#tryAll(members);
    const statements: string[] = [];
    const onlyObjects = plan.scalars.length + plan.arrays.length === 0;
    if (plan.arrays.length > 0) statements.push(`if (Array.isArray(value)) ${this.#block(this.#tryAll(plan.arrays))}`);
    if (plan.objects.length > 0) {
      const objects = this.#objectUnion(plan.objects);
      if (onlyObjects) return `if (!${this.#use("obj")}(value)) return false;\n${objects}`;
      const test = plan.arrays.length > 0 ? "" : " && !Array.isArray(value)";
      statements.push(`if (typeof value === "object" && value !== null${test}) ${this.#block(this.#narrow(objects))}`);
    }
    const expected = literal(orList(members.map((shape) => nameOf(shape))));
    const scalars = plan.scalars.flatMap((shape) => this.#test(shape, "value") ?? []);
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
      (group) => `${group.labels.join("\n")}${this.#clause(this.#objectUnion(group.branches))}`,
    );
    const expected = JSON.stringify([...cases.keys()]);
    const otherwise =
      absent === undefined
        ? `return ${this.#use("wrong")}(${selector}, ${expected}, ${literal(key)});`
        : `return ${this.#check(absent.shape, "value")};`;
    return `switch (${selector}) {\n${indent([...clauses, `default:\n${indent(otherwise)}`].join("\n"))}\n}`;
  }

  #clause(statements: string): string {
    return statements.includes("const ") ? ` {\n${indent(statements)}\n}` : `\n${indent(statements)}`;
  }

  /** Tries branch after branch; the last one tried keeps its reason. */
  #attempts(branches: readonly Branch[]): string {
    const attempts = attemptsOf(branches);
    const tries = attempts.map(({ branch, needs }, index) => {
      const present = needs.map((key) => `${member("value", key)} !== undefined`);
      const retry = index === 0 ? [] : [`${this.#use("or")}(start)`];
      return `(${[...present, ...retry, this.#check(branch.shape, "value", `Branch${index}`)].join(" && ")})`;
    });
    if (attempts.every((attempt) => attempt.needs.length > 0)) {
      const none = attempts.map(({ needs }) => {
        const missing = needs.map((key) => `${member("value", key)} === undefined`).join(" || ");
        return needs.length > 1 ? `(${missing})` : missing;
      });
      const expected = literal(orList(branches.map((branch) => nameOf(branch.shape))));
      tries.push(`(${[...none, `${this.#use("no")}(${expected}, value)`].join(" && ")})`);
    }
    return `const start = ${this.#use("count")};\nreturn (\n${indent(tries.join(" ||\n"))}\n);`;
  }

  #tryAll(shapes: readonly Shape[]): string {
    const [only] = shapes;
    if (shapes.length === 1 && only !== undefined) return `return ${this.#check(only, "value", "Items")};`;
    const tries = shapes.map((shape, index) => {
      const check = this.#check(shape, "value", `Branch${index}`);
      return index === 0 ? check : `(${this.#use("or")}(start) && ${check})`;
    });
    return `const start = ${this.#use("count")};\nreturn ${tries.join(" || ")};`;
  }

  /** A boolean expression that checks `value` and leaves a trace where it says false. */
  #check(shape: Shape, value: string, hint = ""): string {
    switch (shape.kind) {
      case "any":
        return "true";
      case "never":
      case "null":
        return shape.kind === "null" ? `${this.#use("is")}(${value}, null)` : `${this.#use("never")}(${value})`;
      case "boolean":
        return `${this.#use("bool")}(${value})`;
      case "const":
        return `${this.#use("is")}(${value}, ${literal(shape.value)})`;
      case "ref":
        return this.#reference(shape.name, value);
      case "array":
        return this.#array(shape, value, hint);
      case "object":
        if (Object.keys(shape.properties).length > 0) return `${this.#localFunction(shape, hint)}(${value})`;
        return shape.values.kind === "any"
          ? `${this.#use("obj")}(${value})`
          : `${this.#use("map")}(${value}, ${this.#checkFunction(shape.values, `${hint}Value`)})`;
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

  #enumeration(values: readonly (string | number | boolean | null)[], value: string): string {
    const tests = values.map((constant) => `${value} === ${literal(constant)}`);
    return [...tests, `${this.#use("no")}(${JSON.stringify(values)}, ${value})`].join(" || ");
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

  #array(shape: Shape & { kind: "array" }, value: string, hint: string): string {
    const items =
      shape.items.kind === "any"
        ? `${this.#use("list")}(${value})`
        : `${this.#use("arr")}(${value}, ${this.#checkFunction(shape.items, `${hint}Item`)})`;
    if (shape.minItems === undefined && shape.maxItems === undefined) return items;
    const bounds = `${shape.minItems ?? 0}, ${shape.maxItems ?? "Infinity"}`;
    const size = `${this.#use("size")}(${value}, ${bounds})`;
    return shape.items.kind === "any" ? size : `(${size} && ${items})`;
  }

  #scalar(shape: Shape & { kind: "string" | "number" | "integer" }, value: string): string {
    const checks: string[] = [];
    if (shape.kind === "string") {
      if (shape.minLength !== undefined || shape.maxLength !== undefined) {
        checks.push(`${this.#use("long")}(${value}, ${shape.minLength ?? 0}, ${shape.maxLength ?? "Infinity"})`);
      }
      if (shape.pattern !== undefined)
        checks.push(`${this.#use("match")}(${value}, new RegExp(${literal(shape.pattern)}, "u"))`);
      if (checks.length === 0) checks.push(`${this.#use("str")}(${value})`);
    } else {
      checks.push(`${this.#use(shape.kind === "integer" ? "int" : "num")}(${value})`);
      if (shape.minimum !== undefined || shape.maximum !== undefined) {
        checks.push(
          `${this.#use("within")}(${value}, ${shape.minimum ?? "-Infinity"}, ${shape.maximum ?? "Infinity"})`,
        );
      }
      if (shape.exclusiveMinimum !== undefined)
        checks.push(
          `(${value} > ${shape.exclusiveMinimum} || ${this.#use("no")}("number above ${shape.exclusiveMinimum}", ${value}))`,
        );
      if (shape.exclusiveMaximum !== undefined)
        checks.push(
          `(${value} < ${shape.exclusiveMaximum} || ${this.#use("no")}("number below ${shape.exclusiveMaximum}", ${value}))`,
        );
    }
    return checks.length === 1 ? String(checks[0]) : `(${checks.join(" && ")})`;
  }

  /** A test of a scalar that leaves no trace; undefined where only a check can tell. */
  #test(shape: Shape, value: string): string | undefined {
    const bare = Object.keys(shape).every((key) => key === "kind" || key === "format");
    switch (shape.kind) {
      case "string":
        return bare ? `typeof ${value} === "string"` : undefined;
      case "number":
        return bare ? `${this.#use("finite")}(${value})` : undefined;
      case "boolean":
        return `typeof ${value} === "boolean"`;
      case "integer":
        return bare ? `Number.isInteger(${value})` : this.#boundedInteger(shape, value);
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

  #boundedInteger(shape: NumberShape, value: string): string | undefined {
    if (shape.exclusiveMinimum !== undefined || shape.exclusiveMaximum !== undefined) return undefined;
    const least = shape.minimum === undefined ? [] : [`${value} >= ${shape.minimum}`];
    const most = shape.maximum === undefined ? [] : [`${value} <= ${shape.maximum}`];
    return `(${[`typeof ${value} === "number"`, `Number.isInteger(${value})`, ...least, ...most].join(" && ")})`;
  }

  /** A function to hand to a loop: a guard, a check of the prelude, or a local function. */
  #checkFunction(shape: Shape, hint: string): string {
    if (shape.kind === "ref" && !this.#isRecursive(shape.name)) return guardName(shape.name);
    const bare = Object.keys(shape).every((key) => key === "kind" || key === "format");
    if (bare && shape.kind === "string") return this.#use("str");
    if (bare && shape.kind === "number") return this.#use("num");
    if (bare && shape.kind === "integer") return this.#use("int");
    if (shape.kind === "boolean") return this.#use("bool");
    if (shape.kind === "never") return this.#use("never");
    if (shape.kind === "any") return this.#use("has");
    if (shape.kind === "object" && childShapes(shape).length === 1 && shape.values.kind === "any")
      return this.#use("obj");
    return this.#localFunction(shape, hint);
  }

  /** A function for a shape without a name. Equal shapes share one. */
  #localFunction(shape: Shape, hint: string): string {
    const key = JSON.stringify(shape);
    const known = this.#locals.get(key);
    if (known !== undefined) return known;
    const name = this.#freeName(hint);
    this.#locals.set(key, name);
    const body = shape.kind === "enum" ? `return ${this.#enumeration(shape.values, "value")};` : this.#body(shape);
    this.local.push(`function ${name}(value: unknown): boolean {\n${indent(body)}\n}`);
    return name;
  }

  #freeName(hint: string): string {
    const words = `${this.#owner} ${hint}`.split(/[^A-Za-z\d]+/).filter((word) => word !== "");
    const base = `fits${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")}`;
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

/** What a union's failure calls one of its branches. */
function nameOf(shape: Shape): string {
  switch (shape.kind) {
    case "ref":
      return shape.name;
    case "const":
      return literal(shape.value);
    case "enum":
      return orList(shape.values.map(literal));
    default:
      return shape.kind;
  }
}

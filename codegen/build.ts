/** Model: one revision's schema, patched and normalised, joined to its methods, with the extensions that build on it. */

import { GeneratorError } from "./errors.js";
import { acceptsAnyJson, flattenShape, referToTwins, resolve } from "./flatten.js";
import type { JsonObject } from "./json.js";
import { compareRevisions } from "./manifest.js";
import { type JoinContext, joinMethods, resultTypeOf } from "./methods.js";
import type { Definition, Method, Model, Shape, Side, Traits, TypedError } from "./model.js";
import { checkNames } from "./names.js";
import { normalize } from "./normalize.js";
import { ERRATA, type ErratumRow } from "./overlay/errata.js";
import { EXTENSIONS, type ExtensionRow } from "./overlay/methods.js";
import { JSON_RPC_ERRORS, TRAITS } from "./overlay/traits.js";
import { nameParams } from "./params.js";
import { applyErrata } from "./patches.js";
import { methodOf, type Role, rolesOf } from "./roles.js";

/** A canonical schema with a name for messages. */
export interface SchemaInput {
  readonly source: string;
  readonly schema: JsonObject;
}

export interface ExtensionInput extends SchemaInput {
  readonly extension: string;
}

export interface BuildInput extends SchemaInput {
  readonly revision: string;
  readonly extensions?: readonly ExtensionInput[];
  /** Defaults to the project's own rows. */
  readonly errata?: readonly ErratumRow[];
}

type Shapes = Record<string, Shape>;

/**
 * Builds the model of one revision. Nothing that is passed in is changed.
 *
 * @throws GeneratorError from any phase, with the pointer of what it did not know.
 */
export function buildModel(input: BuildInput): Model {
  const { revision, source } = input;
  const patched = applyErrata(input.schema, revision, input.errata ?? ERRATA, source);
  const traits = traitsOf(revision);
  const core = joinCore(flatten(normalize(patched.schema, source)), traits, source);
  const extended = (input.extensions ?? []).map((extension) => joinExtension(extension, core.shapes, traits));
  const shapes = Object.assign({}, core.shapes, ...extended.map((extension) => extension.shapes)) as Shapes;
  const definitions = [core, ...extended].flatMap((part) => definitionsOf(part, shapes));
  checkNames(
    definitions.map((definition) => definition.name),
    source,
  );
  const methods = [...withAlternatives(core.methods, extended), ...extended.flatMap((extension) => extension.methods)];
  return {
    revision,
    era: core.methods.some((method) => method.method === "initialize") ? "stateful" : "stateless",
    traits,
    definitions: Object.fromEntries(definitions.sort(byName).map((definition) => [definition.name, definition])),
    methods: methods.sort((left, right) => (left.method < right.method ? -1 : 1)),
    errors: errorsOf(core.shapes),
    errata: patched.applied,
  };
}

interface Part {
  readonly shapes: Shapes;
  readonly synthesized: ReadonlySet<string>;
  readonly methods: readonly Method[];
  readonly extension?: string;
}

function joinCore(shapes: Shapes, traits: Traits, source: string): Part {
  const roles = rolesOf(shapes, source);
  const named = nameParams(shapes, roles, source);
  return { ...named, methods: joinMethods(roles, { shapes: named.shapes, traits, source }) };
}

function joinExtension(input: ExtensionInput, core: Shapes, traits: Traits): Part {
  const { extension, source } = input;
  const row = EXTENSIONS[extension];
  if (row === undefined) {
    throw new GeneratorError(
      "UNKNOWN_ROLE",
      `no roles are known for the extension ${extension}; add them to codegen/overlay/methods.ts`,
      { source },
    );
  }
  const own = Object.fromEntries(
    Object.entries(normalize(input.schema, source)).filter(([name]) => core[name] === undefined),
  );
  const flat = flatten(referToTwins(own), core);
  const roles = extensionRoles(row, { ...core, ...flat }, source);
  const named = nameParams({ ...core, ...flat }, roles, source);
  const context: JoinContext = { shapes: named.shapes, traits, source };
  const added = Object.fromEntries(Object.entries(named.shapes).filter(([name]) => core[name] === undefined));
  const methods = joinMethods(roles, context).map((method) => ({ ...method, extension }));
  return { shapes: added, synthesized: named.synthesized, methods, extension };
}

function extensionRoles(row: ExtensionRow, shapes: Shapes, source: string): Role[] {
  const known = (definition: string): string => {
    if (shapes[definition] !== undefined) return definition;
    throw new GeneratorError(
      "UNKNOWN_REFERENCE",
      `codegen/overlay/methods.ts gives a role to ${definition}, which the schema does not have`,
      {
        source,
        pointer: "/$defs",
      },
    );
  };
  const role = (definition: string, kind: Role["kind"], from: Side): Role => ({
    definition: known(definition),
    method: methodOf(definition, shapes, source),
    kind,
    from: [from],
  });
  return [
    ...row.clientRequests.map((definition) => role(definition, "request", "client")),
    ...row.serverNotifications.map((definition) => role(definition, "notification", "server")),
  ];
}

function withAlternatives(methods: readonly Method[], extended: readonly Part[]): Method[] {
  const rows = extended.flatMap((part) => Object.entries(EXTENSIONS[part.extension ?? ""]?.alternatives ?? {}));
  return methods.map((method) => {
    const added = rows
      .filter(([name]) => name === method.method)
      .map(([, definition]) => ({ definition, when: { resultType: resultTypeOf(definition) } }));
    return { ...method, alternatives: [...method.alternatives, ...added] };
  });
}

function flatten(shapes: Shapes, others: Shapes = {}): Shapes {
  const all = { ...others, ...shapes };
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, flattenShape(shape, all)]));
}

function definitionsOf(part: Part, shapes: Shapes): Definition[] {
  return Object.entries(part.shapes).map(([name, shape]) => ({
    name,
    shape,
    synthesized: part.synthesized.has(name),
    json: acceptsAnyJson(name, shapes),
    ...(part.extension === undefined ? {} : { extension: part.extension }),
  }));
}

function traitsOf(revision: string): Traits {
  const rows = Object.entries(TRAITS).map(([trait, row]) => {
    const begun = compareRevisions(row.since, revision) <= 0;
    const ended = row.until !== undefined && compareRevisions(row.until, revision) < 0;
    return [trait, begun && !ended] as const;
  });
  return Object.fromEntries(rows);
}

/** JSON-RPC's own errors, and every definition with a constant code of its own, as an error object or as a whole message. */
function errorsOf(shapes: Shapes): TypedError[] {
  const errors = new Map<string, TypedError>(
    Object.entries(JSON_RPC_ERRORS).map(([name, code]) => [name, { name, code }]),
  );
  for (const name of Object.keys(shapes)) {
    const code =
      constantCode(shapes[name] as Shape, shapes) ?? constantCode(memberOf(shapes[name] as Shape, "error"), shapes);
    if (code !== undefined) errors.set(name, { name, code, definition: name });
  }
  return [...errors.values()].sort((left, right) => right.code - left.code);
}

function constantCode(shape: Shape | undefined, shapes: Shapes): number | undefined {
  const target = shape === undefined ? undefined : resolve(shape, shapes);
  const code = target?.kind === "object" ? target.properties.code?.shape : undefined;
  return code?.kind === "const" && typeof code.value === "number" ? code.value : undefined;
}

function memberOf(shape: Shape, key: string): Shape | undefined {
  return shape.kind === "object" ? shape.properties[key]?.shape : undefined;
}

function byName(left: Definition, right: Definition): number {
  return left.name < right.name ? -1 : 1;
}

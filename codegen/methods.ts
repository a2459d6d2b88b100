/** Join: methods meet their params, results, capabilities and header mirrors (SEP-1319, TRAP-25). */

import { GeneratorError, pointerTo } from "./errors.js";
import { resolve } from "./flatten.js";
import type { Alternative, Capabilities, Method, ObjectShape, Shape, Side, Traits } from "./model.js";
import { METHODS, RESULT_TYPES, TASK_RESULT } from "./overlay/methods.js";
import type { Role } from "./roles.js";

type Shapes = Readonly<Record<string, Shape>>;

export interface JoinContext {
  readonly shapes: Shapes;
  readonly traits: Traits;
  readonly source: string;
}

/** @throws GeneratorError `NO_RESULT_RULE` for a request whose result cannot be named. */
export function joinMethods(roles: readonly Role[], context: JoinContext): Method[] {
  return roles.map((role) => joinMethod(role, context));
}

export function joinMethod(role: Role, context: JoinContext): Method {
  const { shapes } = context;
  const message = resolve(shapes[role.definition] as Shape, shapes) as ObjectShape;
  const params = message.properties.params;
  const name = params?.shape.kind === "ref" ? params.shape.name : undefined;
  const result = role.kind === "notification" ? undefined : resultOf(role, context);
  const taskAugmentable = name !== undefined && acceptsTask({ kind: "ref", name }, shapes);
  return {
    method: role.method,
    kind: role.kind,
    from: role.from,
    definition: role.definition,
    ...(name === undefined ? {} : { params: name }),
    paramsRequired: params?.required === true,
    ...(result === undefined ? {} : { result }),
    alternatives: result === undefined ? [] : alternativesOf(result, taskAugmentable, shapes),
    capabilities: capabilitiesOf(role.method, shapes),
    taskAugmentable,
    cacheable: result !== undefined && isCacheable(result, shapes),
    headers: headersOf(role, context.traits),
  };
}

/** The result that the request's name gives, else the overlay's, else the one that its response definition refers to (TRAP-29). */
function resultOf(role: Role, { shapes, source }: JoinContext): string {
  const named = role.definition.replace(/Request$/, "Result");
  const answer = answerOf(named, shapes);
  const candidates = [named, METHODS[role.method]?.result, answer?.kind === "ref" ? answer.name : undefined];
  const result = candidates.find(
    (name) => name !== undefined && shapes[name] !== undefined && name !== role.definition,
  );
  if (result !== undefined) return result;
  throw new GeneratorError(
    "NO_RESULT_RULE",
    `${role.method} has no result: there is no ${named}; name one in codegen/overlay/methods.ts`,
    { source, pointer: pointerTo("/$defs", role.definition) },
  );
}

/** The `result` member of `<Result>Response`, in revisions that define responses. */
function answerOf(result: string, shapes: Shapes): Shape | undefined {
  const response = shapes[`${result}Response`];
  return response?.kind === "object" ? response.properties.result?.shape : undefined;
}

/** True where every form of the params has a `task` member, which only task augmentation adds. */
function acceptsTask(params: Shape, shapes: Shapes): boolean {
  const target = resolve(params, shapes);
  if (target.kind === "union") return target.members.every((member) => acceptsTask(member, shapes));
  return target.kind === "object" && target.properties.task !== undefined;
}

/** What else may answer: members beside the result in its `<Result>Response` (TRAP-29), and the task of an augmented request. */
function alternativesOf(result: string, taskAugmentable: boolean, shapes: Shapes): Alternative[] {
  const answer = answerOf(result, shapes);
  const members = answer?.kind === "union" ? answer.members : [];
  const others = members.flatMap((member) => (member.kind === "ref" && member.name !== result ? [member.name] : []));
  const alternatives: Alternative[] = others.map((definition) => ({
    definition,
    when: { resultType: resultTypeOf(definition) },
  }));
  if (taskAugmentable && shapes[TASK_RESULT] !== undefined)
    alternatives.push({ definition: TASK_RESULT, when: { request: "params.task" } });
  return alternatives;
}

/** The `resultType` that selects a definition: the overlay's, else the name in snake case, as the known ones are built. */
export function resultTypeOf(definition: string): string {
  const words = definition.replace(/Result$/, "").replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_");
  return RESULT_TYPES[definition] ?? words.toLowerCase();
}

function capabilitiesOf(method: string, shapes: Shapes): Capabilities {
  const row = METHODS[method] ?? {};
  const client = declared(row.client, "ClientCapabilities", shapes);
  const server = declared(row.server, "ServerCapabilities", shapes);
  return { ...(client === undefined ? {} : { client }), ...(server === undefined ? {} : { server }) };
}

/** The path, where the revision's capabilities have it: `completions` came later than `completion/complete` (LIFE-33). */
function declared(path: string | undefined, definition: string, shapes: Shapes): string | undefined {
  let shape: Shape | undefined = { kind: "ref", name: definition };
  for (const key of path?.split(".") ?? []) {
    const target: Shape | undefined = shape && resolve(shape, shapes);
    shape = target?.kind === "object" ? target.properties[key]?.shape : undefined;
  }
  return shape === undefined ? undefined : path;
}

function isCacheable(result: string, shapes: Shapes): boolean {
  const shape = resolve({ kind: "ref", name: result }, shapes);
  return shape.kind === "object" && shape.properties.ttlMs !== undefined && shape.properties.cacheScope !== undefined;
}

function headersOf(role: Role, traits: Traits): Readonly<Record<string, string>> {
  if (traits.headerMirrors !== true || role.kind !== "request" || !role.from.includes("client" satisfies Side))
    return {};
  const name = METHODS[role.method]?.name;
  return { "Mcp-Method": "method", ...(name === undefined ? {} : { "Mcp-Name": name }) };
}

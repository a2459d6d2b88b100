/**
 * Params: every request and notification refers to a named params definition. Revisions that inline them get the names that
 * 2025-11-25 gave (TRAP-19), and `_meta` where the wire allows it but the inlined shape leaves it out (TRAP-20, TRAP-21).
 */

import { GeneratorError, pointerTo } from "./errors.js";
import { resolve } from "./flatten.js";
import { equalJson } from "./json.js";
import type { ObjectShape, Property, Shape } from "./model.js";
import type { Role } from "./roles.js";

type Shapes = Readonly<Record<string, Shape>>;

export interface NamedParams {
  readonly shapes: Record<string, Shape>;
  readonly synthesized: ReadonlySet<string>;
}

/** Names the inlined params of every role; the shapes given are not changed. */
export function nameParams(shapes: Shapes, roles: readonly Role[], source: string): NamedParams {
  const named: Record<string, Shape> = { ...shapes };
  const synthesized = new Set<string>();
  for (const role of roles) {
    const request = resolve(named[role.definition] as Shape, named);
    const params = request.kind === "object" ? request.properties.params : undefined;
    if (request.kind !== "object" || params === undefined || params.shape.kind === "ref") continue;
    const place = { source, pointer: `${pointerTo("/$defs", role.definition)}/properties/params` };
    const shape = params.shape.kind === "object" ? withMeta(params.shape, role, shapes) : params.shape;
    const wanted =
      params.shape.kind === "object" ? nameFor(role, params.shape, shape, named) : `${role.definition}Params`;
    const name = isFree(wanted, shape, named) ? wanted : `${role.definition}InlineParams`;
    if (named[name] === undefined) synthesized.add(name);
    if (!isFree(name, shape, named)) {
      throw new GeneratorError(
        "NAME_CONFLICT",
        `the params need the name ${name}, which is taken by another shape`,
        place,
      );
    }
    named[name] = shape;
    const properties = { ...request.properties, params: { ...params, shape: { kind: "ref", name } as const } };
    named[role.definition] = { ...request, properties };
  }
  return { shapes: named, synthesized };
}

/** True where the name is not taken, or taken by the same shape. */
function isFree(name: string, shape: Shape, named: Shapes): boolean {
  return named[name] === undefined || equalJson(named[name], shape);
}

/** Params with nothing of their own share one definition, as in 2025-11-25; the rest are named by their request. */
function nameFor(role: Role, inlined: ObjectShape, shape: Shape, named: Shapes): string {
  const own = Object.keys(inlined.properties).filter((key) => key !== "_meta");
  const base = role.kind === "notification" ? "NotificationParams" : "RequestParams";
  const shared =
    own.length === 0 ? base : own.length === 1 && own[0] === "cursor" ? "PaginatedRequestParams" : undefined;
  if (shared !== undefined && isFree(shared, shape, named) && role.kind !== "input") return shared;
  return `${role.definition}Params`;
}

function withMeta(params: ObjectShape, role: Role, shapes: Shapes): ObjectShape {
  const meta = role.kind === "input" ? undefined : metaProperty(role, shapes);
  if (params.properties._meta !== undefined || meta === undefined) return params;
  const properties = Object.entries({ ...params.properties, _meta: meta }).sort(([left], [right]) =>
    left < right ? -1 : 1,
  );
  return { ...params, properties: Object.fromEntries(properties) };
}

/** `_meta` as the base params of the revision have it, else as its JSON-RPC envelope shows it. */
function metaProperty(role: Role, shapes: Shapes): Property | undefined {
  const [base, envelope] =
    role.kind === "notification"
      ? (["NotificationParams", "JSONRPCNotification"] as const)
      : (["RequestParams", "JSONRPCRequest"] as const);
  const params = shapes[base] ?? propertyShape(shapes[envelope], "params");
  return params?.kind === "object" ? params.properties._meta : undefined;
}

function propertyShape(shape: Shape | undefined, key: string): Shape | undefined {
  return shape?.kind === "object" ? shape.properties[key]?.shape : undefined;
}

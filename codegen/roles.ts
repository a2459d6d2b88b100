/** Roles: which side may send which request or notification, read from the unions of the schema (TRAP-30). */

import { GeneratorError, pointerTo } from "./errors.js";
import { resolve } from "./flatten.js";
import type { MethodKind, Shape, Side } from "./model.js";

/** A request or notification and who sends it. */
export interface Role {
  readonly definition: string;
  readonly method: string;
  readonly kind: MethodKind;
  readonly from: readonly Side[];
}

type Shapes = Readonly<Record<string, Shape>>;

const UNIONS: readonly { readonly name: string; readonly kind: MethodKind; readonly from: Side }[] = [
  { name: "ClientRequest", kind: "request", from: "client" },
  { name: "ServerRequest", kind: "request", from: "server" },
  { name: "ClientNotification", kind: "notification", from: "client" },
  { name: "ServerNotification", kind: "notification", from: "server" },
  { name: "InputRequest", kind: "input", from: "server" },
];

/**
 * Reads the role unions. A union of one is a reference or an inlined copy of its member; a union that a revision does not
 * have gives no role.
 *
 * @throws GeneratorError `UNKNOWN_ROLE` where a member is no request or notification with a constant method, or where the
 * schema has none of the unions.
 */
export function rolesOf(shapes: Shapes, source: string): Role[] {
  const roles = new Map<string, Role>();
  for (const union of UNIONS) {
    const shape = shapes[union.name];
    if (shape === undefined) continue;
    for (const definition of membersOf(union.name, shape, shapes, source)) {
      const method = methodOf(definition, shapes, source);
      const known = roles.get(method);
      roles.set(method, {
        definition,
        method,
        kind: union.kind,
        from: known === undefined ? [union.from] : [...known.from, union.from],
      });
    }
  }
  if (roles.size === 0) {
    const names = UNIONS.map((union) => union.name).join(", ");
    throw new GeneratorError("UNKNOWN_ROLE", `the schema has none of ${names}, so no method has a direction`, {
      source,
      pointer: "/$defs",
    });
  }
  return [...roles.values()].sort((left, right) => (left.method < right.method ? -1 : 1));
}

function membersOf(union: string, shape: Shape, shapes: Shapes, source: string): string[] {
  const place = { source, pointer: pointerTo("/$defs", union) };
  if (shape.kind === "union") {
    return shape.members.map((member) => {
      if (member.kind === "ref") return member.name;
      throw new GeneratorError("UNKNOWN_ROLE", `a member of ${union} is not a reference to a definition`, place);
    });
  }
  if (shape.kind === "ref") return [shape.name];
  const method = constantMethod(shape, shapes);
  const twin = Object.keys(shapes).find(
    (name) => name !== union && method !== undefined && constantMethod(shapes[name] as Shape, shapes) === method,
  );
  if (twin === undefined)
    throw new GeneratorError(
      "UNKNOWN_ROLE",
      `${union} is neither a union nor a copy of a request or notification`,
      place,
    );
  return [twin];
}

/** The constant method of a request or notification definition. */
export function methodOf(definition: string, shapes: Shapes, source: string): string {
  const method = constantMethod(shapes[definition] ?? { kind: "never" }, shapes);
  if (method !== undefined) return method;
  const pointer = pointerTo("/$defs", definition);
  throw new GeneratorError("UNKNOWN_ROLE", "has a role but no constant method", { source, pointer });
}

function constantMethod(shape: Shape, shapes: Shapes): string | undefined {
  const target = resolve(shape, shapes);
  if (target.kind !== "object") return undefined;
  const method = target.properties.method?.shape;
  return method?.kind === "const" && typeof method.value === "string" ? method.value : undefined;
}

/**
 * How a guard tells the branches of a union apart: by JSON type, then by a member with constant values, then by the members
 * that only some branches require. Every step decides exactly as `anyOf` does; it only spares the branches that cannot fit.
 */

import { resolve } from "../flatten.js";
import type { ObjectShape, Scalar, Shape } from "../model.js";

type Shapes = Readonly<Record<string, Shape>>;

/** A branch of a union that is an object. */
export interface Branch {
  readonly shape: Shape;
  readonly object: ObjectShape;
}

export interface UnionPlan {
  /** Branches for arrays. */
  readonly arrays: readonly Shape[];
  /** Branches for objects. */
  readonly objects: readonly Branch[];
  /** Branches for strings, numbers, booleans and null. */
  readonly scalars: readonly Shape[];
  /** Branches whose JSON type cannot be told. */
  readonly unknown: readonly Shape[];
}

const SCALARS: ReadonlySet<string> = new Set(["string", "number", "integer", "boolean", "null", "const", "enum"]);

/** Sorts the branches by JSON type; nested unions are opened. */
export function planUnion(members: readonly Shape[], shapes: Shapes): UnionPlan {
  const plan = { arrays: [] as Shape[], objects: [] as Branch[], scalars: [] as Shape[], unknown: [] as Shape[] };
  const visit = (member: Shape, seen: ReadonlySet<string>): void => {
    const target = resolve(member, shapes);
    if (target.kind === "union" && !(member.kind === "ref" && seen.has(member.name))) {
      const inside = member.kind === "ref" ? new Set([...seen, member.name]) : seen;
      for (const inner of target.members) visit(inner, inside);
    } else if (SCALARS.has(target.kind)) plan.scalars.push(target);
    else if (target.kind === "array") plan.arrays.push(member);
    else if (target.kind === "object") plan.objects.push({ shape: member, object: target });
    else plan.unknown.push(member);
  };
  for (const member of members) visit(member, new Set());
  return plan;
}

/** A member whose constant value selects branches. */
export interface Discriminator {
  readonly key: string;
  /** Value → the branches it leaves. */
  readonly cases: ReadonlyMap<Scalar, readonly Branch[]>;
  /** The one branch that may lack the member, if any. */
  readonly absent: Branch | undefined;
}

/**
 * The member that splits the branches best: every branch has it with constant values, at most one may lack it, and it makes
 * at least two groups.
 */
export function discriminatorOf(branches: readonly Branch[], shapes: Shapes): Discriminator | undefined {
  const keys = Object.keys(branches[0]?.object.properties ?? {});
  const candidates = keys
    .map((key) => discriminate(key, branches, shapes))
    .filter((candidate) => candidate !== undefined);
  const groups = (candidate: Discriminator): number => new Set(candidate.cases.values()).size;
  return candidates.sort((left, right) => groups(right) - groups(left))[0];
}

function discriminate(key: string, branches: readonly Branch[], shapes: Shapes): Discriminator | undefined {
  const cases = new Map<Scalar, Branch[]>();
  const optional: Branch[] = [];
  for (const branch of branches) {
    const property = branch.object.properties[key];
    const values = property === undefined ? undefined : constantsOf(property.shape, shapes);
    if (property === undefined || values === undefined) return undefined;
    if (!property.required) optional.push(branch);
    for (const value of values) cases.set(value, [...(cases.get(value) ?? []), branch]);
  }
  const distinct = new Set([...cases.values()].map((group) => group.map((branch) => branches.indexOf(branch)).join()));
  if (distinct.size < 2 || optional.length > 1) return undefined;
  return { key, cases, absent: optional[0] };
}

function constantsOf(shape: Shape, shapes: Shapes): readonly Scalar[] | undefined {
  const target = resolve(shape, shapes);
  if (target.kind === "const") return [target.value];
  return target.kind === "enum" ? target.values : undefined;
}

/** A branch to try, and the members without which it cannot fit. */
export interface Attempt {
  readonly branch: Branch;
  readonly needs: readonly string[];
}

/**
 * The branches in the order to try: those that require most first, so that the reason kept is that of the widest branch.
 * A branch needs the members that it requires and not every branch does.
 */
export function attemptsOf(branches: readonly Branch[]): Attempt[] {
  const required = branches.map((branch) => requiredKeys(branch.object));
  const common = (key: string): boolean => required.every((keys) => keys.includes(key));
  const attempts = branches.map((branch, index) => ({
    branch,
    needs: (required[index] ?? []).filter((key) => !common(key)),
  }));
  return attempts.toSorted((left, right) => right.needs.length - left.needs.length);
}

function requiredKeys(object: ObjectShape): string[] {
  return Object.entries(object.properties)
    .filter(([, property]) => property.required)
    .map(([key]) => key);
}

/** Unions in guards: each step tells branches apart exactly as `anyOf` does (see `unions.ts` for the plan). */

import type { Shape } from "../model.js";
import { badMember, oneOf, testOf, wordFor } from "./guard-scalars.js";
import { type Scope, use } from "./guard-scope.js";
import { indent, literal, member, orList } from "./text.js";
import { type Attempt, attemptsOf, type Branch, discriminatorOf, planUnion } from "./unions.js";

export function unionBody(scope: Scope, members: readonly Shape[]): string {
  const plan = planUnion(members, scope.shapes);
  const untold = plan.scalars.some((shape) => testOf(scope, shape, "value") === undefined);
  if (untold || plan.unknown.length > 0) return tryAll(scope, members);
  const statements: string[] = [];
  const onlyObjects = plan.scalars.length + plan.arrays.length === 0;
  if (plan.arrays.length > 0) statements.push(`if (Array.isArray(value)) ${blockOf(tryAll(scope, plan.arrays))}`);
  if (plan.objects.length > 0) {
    const objects = objectUnion(scope, plan.objects);
    if (onlyObjects) return `if (!${use(scope, "obj")}(value)) return false;\n${objects}`;
    const test = plan.arrays.length > 0 ? "" : " && !Array.isArray(value)";
    statements.push(`if (typeof value === "object" && value !== null${test}) ${blockOf(narrowed(scope, objects))}`);
  }
  const containers = [...(plan.arrays.length > 0 ? ["array"] : []), ...(plan.objects.length > 0 ? ["object"] : [])];
  const expected = literal(orList([...new Set([...plan.scalars.map(wordFor), ...containers])]));
  const scalars = plan.scalars.flatMap((shape) => inParentheses(testOf(scope, shape, "value")));
  return [...statements, `return ${[...scalars, `${use(scope, "no")}(${expected}, value)`].join(" || ")};`].join("\n");
}

/** TypeScript does not narrow `object` to a record; `obj` does, at the price of a second look. */
function narrowed(scope: Scope, statements: string): string {
  return statements.includes("value.") || statements.includes("value[")
    ? `if (!${use(scope, "obj")}(value)) return false;\n${statements}`
    : statements;
}

function blockOf(statements: string): string {
  return statements.includes("\n") ? `{\n${indent(statements)}\n}` : statements;
}

/** Statements for a value that is known to be an object. */
function objectUnion(scope: Scope, branches: readonly Branch[]): string {
  const [only] = branches;
  if (branches.length === 1 && only !== undefined) return `return ${scope.check(scope, only.shape, "value")};`;
  const discriminator = discriminatorOf(branches, scope.shapes);
  if (discriminator === undefined) return attemptLines(scope, branches);
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
    (group) => `${group.labels.join("\n")}\n${indent(objectUnion(scope, group.branches))}`,
  );
  const expected = literal(oneOf([...cases.keys()]));
  const otherwise =
    absent === undefined
      ? `return ${badMember(scope, key, expected)} && ${use(scope, "fail")}(start);`
      : `return ${scope.check(scope, absent.shape, "value")};`;
  return `switch (${selector}) {\n${indent([...clauses, `default:\n${indent(otherwise)}`].join("\n"))}\n}`;
}

/** Tries branch after branch; the last one tried keeps its reason. */
function attemptLines(scope: Scope, branches: readonly Branch[]): string {
  const attempts = attemptsOf(branches);
  const tries = attempts.map(({ branch, needs }, index) => {
    const present = needs.map((key) => `${member("value", key)} !== undefined`);
    const retry = index === 0 ? [] : [`${use(scope, "or")}(start)`];
    return { present, check: [...retry, scope.check(scope, branch.shape, "value", `Branch${index}`)].join(" && ") };
  });
  const lines = tries.map(({ present, check }) => `(${[...present, check].join(" && ")})`);
  const last = tries.at(-1);
  if (attempts.every(({ needs }) => needs.length > 0) && last !== undefined) {
    const none = noneOf(scope, attempts, last.present);
    // Where one member decides about the last branch, it need not be read again.
    if (last.present.length === 1) lines[lines.length - 1] = `(${last.present} ? ${last.check} : ${none})`;
    else lines.push(`(${none})`);
  }
  return `return (\n${indent(lines.join(" ||\n"))}\n);`;
}

/** Says what any branch needs where every branch lacks something. `told` is known to be absent where it is one member. */
function noneOf(scope: Scope, attempts: readonly Attempt[], told: readonly string[]): string {
  const lacks = attempts.map(({ needs }) => {
    const missing = needs.map((key) => `${member("value", key)} === undefined`).join(" || ");
    return needs.length > 1 ? `(${missing})` : missing;
  });
  const known = told.length === 1 ? String(told[0]).replace("!==", "===") : "";
  const expected = literal(`object with ${orList(attempts.map(({ needs }) => needs.join(" and ")))}`);
  const untold = [...new Set(lacks)].filter((lack) => lack !== known);
  return [...untold, `${use(scope, "no")}(${expected}, value)`].join(" && ");
}

function tryAll(scope: Scope, shapes: readonly Shape[]): string {
  const [only] = shapes;
  if (shapes.length === 1 && only !== undefined) return `return ${scope.check(scope, only, "value", "Items")};`;
  const tries = shapes.map((shape, index) => {
    const check = scope.check(scope, shape, "value", `Branch${index}`);
    return index === 0 ? check : `(${use(scope, "or")}(start) && ${check})`;
  });
  return `return ${tries.join(" || ")};`;
}

function inParentheses(test: string | undefined): string[] {
  if (test === undefined) return [];
  return [test.includes(" && ") ? `(${test})` : test];
}

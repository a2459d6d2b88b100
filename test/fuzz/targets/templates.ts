/**
 * URI templates read backwards: what they were expanded with comes out again, the answer is that of a regular expression where that one
 * can be trusted to end, and no template and no URI takes long.
 */

import fc from "fast-check";
import { McpWireError } from "../../../runtime/errors.js";
import { matchUri } from "../../../runtime/server/uri-match.js";
import { parseUriTemplate } from "../../../runtime/server/uri-template.js";
import { odd } from "../bytes.js";
import { defineTarget, holds, same, type Target } from "../target.js";

interface Input {
  readonly parts: readonly (string | { readonly operator: string; readonly names: readonly string[] })[];
  readonly values: readonly string[];
  /** A URI of its own, and how often it is repeated. */
  readonly uri: string;
  readonly times: number;
}

const operator = fc.constantFrom("", "+", "#", ".", "/", ";", "?", "&");
const name = fc.constantFrom("a", "b", "c", "list*", "cut:3", "x.y", "__proto__", "constructor");
const piece = fc.constantFrom("a", "aa", ",", "/", ".", "?", "#", "&", ";", "=", "-", "x=1", "a,a", "%41", "%zz", "é");
const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));

export const templates: Target = defineTarget<Input>({
  name: "templates",
  inputs: fc.record({
    parts: fc.array(
      fc.oneof(
        { weight: 1, arbitrary: fc.oneof(fc.constantFrom("memo:", "/", "-", "a", ",", "?", "{", "}", ""), odd) },
        { weight: 2, arbitrary: fc.record({ operator, names: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }) }) },
      ),
      { maxLength: 6 },
    ),
    values: fc.array(fc.stringMatching(/^[a-z0-9~_-]{1,5}$/), { minLength: 18, maxLength: 18 }),
    uri: fc.oneof(text, odd),
    times: fc.oneof(fc.constant(1), fc.constant(1), fc.nat(2_000)),
  }),
  corpus: [
    // What hangs readers that make regular expressions of lists.
    { parts: ["/users", { operator: "/", names: ["list*"] }], values: [], uri: "/users/user1,user2,", times: 400 },
    { parts: ["a:", { operator: "", names: ["list*"] }], values: [], uri: "a:a,a,", times: 2_000 },
    {
      parts: Array.from({ length: 12 }, () => ({ operator: "+", names: ["a", "b"] })),
      values: [],
      uri: "a,",
      times: 4_000,
    },
    {
      parts: Array.from({ length: 12 }, () => ({ operator: ";", names: ["a"] })),
      values: [],
      uri: ";a=1",
      times: 2_000,
    },
    { parts: Array.from({ length: 30 }, () => ({ operator: ".", names: ["a"] })), values: [], uri: ".a", times: 4_000 },
    // Two literals that are one expression.
    { parts: ["{0", "}"], values: Array.from({ length: 18 }, () => "a"), uri: "\u0000", times: 1 },
  ],
  run({ parts, values, uri, times }) {
    const template = parts
      .map((part) => (typeof part === "string" ? part : `{${part.operator}${part.names.join(",")}}`))
      .join("");
    let parsed: ReturnType<typeof parseUriTemplate>;
    try {
      parsed = parseUriTemplate(template);
    } catch (error) {
      holds(error instanceof McpWireError && error.code === "INVALID_USE", `Refused by ${String(error)}`);
      return;
    }
    const long = uri.repeat(times);
    const found = matchUri(parsed, long);
    if (found !== undefined) holds(Object.getPrototypeOf(found) === Object.prototype, "A value became a prototype");
    holds(long.length <= 8_192 || found === undefined, "A URI over the limit matches");
    // Braces of literals make expressions of what stands between them, which the expression below does not know.
    const isPlain = parts.every((part) => typeof part !== "string" || !/[{}]/.test(part));
    if (isPlain && long.length <= 40 && parts.length <= 4) same(found, naive(parts, long), `${template} at ${long}`);
    roundTrip(parsed, parts, values);
  },
});

/** The values that a template was expanded with, where nothing else could have given the same URI. */
function roundTrip(
  parsed: ReturnType<typeof parseUriTemplate>,
  parts: Input["parts"],
  values: readonly string[],
): void {
  const names = parsed.names;
  const literals = parts.filter((part) => typeof part === "string");
  const apart = parts.every((part, index) => typeof part === "string" || typeof (parts[index + 1] ?? "/") === "string");
  if (new Set(names).size < names.length || !apart || values.length < names.length) return;
  if (
    !literals.every((literal) => /^[/]*$/.test(literal)) ||
    parts.some((part) => typeof part !== "string" && "+#".includes(part.operator) && part.operator !== "")
  )
    return;
  // Values have no stops in them; what stands between two expressions has to be there.
  if (parts.some((part, index) => part === "" && index > 0)) return;
  let next = 0;
  const expected: [string, string][] = [];
  const uri = parts
    .map((part) => {
      if (typeof part === "string") return part;
      const own = part.names.map((one) => [one.replace(/\*$|:\d+$/, ""), values[next++] ?? ""] as [string, string]);
      expected.push(...own);
      return expand(part.operator, own);
    })
    .join("");
  if (parts.some((part) => typeof part !== "string" && "./".includes(part.operator) && part.operator !== "")) return;
  same(sorted(matchUri(parsed, uri)), sorted(Object.fromEntries(expected)), `${uri} read back`);
}

function expand(operator: string, values: readonly (readonly [string, string])[]): string {
  if (operator === "?" || operator === "&" || operator === ";")
    return operator + values.map(([name, value]) => `${name}=${value}`).join(operator === ";" ? ";" : "&");
  const between = operator === "." || operator === "/" ? operator : ",";
  return (operator === "+" ? "" : operator) + values.map(([, value]) => value).join(between);
}

function sorted(values: object | undefined): unknown {
  return values === undefined ? undefined : Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The same by a regular expression, which takes too long for anything that is not short. */
function naive(parts: Input["parts"], uri: string): Record<string, string> | undefined {
  const several = (count: number, one: string, between: string): string =>
    new Array<string>(count).fill(one).join(between);
  const source = parts.map((part) => {
    if (typeof part === "string") return part.replace(/[.*+?^$()|[\]\\/{}-]/g, "\\$&");
    const count = part.names.length;
    switch (part.operator) {
      case "+":
        return several(count, "(.+)", ",");
      case "#":
        return `(?:#${several(count, "(.+)", ",")})?`;
      case ".":
        return `(?:\\.${several(count, "([^/?#.]+)", "\\.")})?`;
      case "/":
        return `(?:/${several(count, "([^/?#]+)", "/")})?`;
      case ";":
        return "(?:;([^/?#]*))?";
      case "?":
        return "(?:\\?([^#]*))?";
      case "&":
        return "(?:&([^#]*))?";
      default:
        return several(count, "([^/?#,]+)", ",");
    }
  });
  const groups = new RegExp(`^${source.join("")}$`).exec(uri)?.slice(1);
  if (groups === undefined) return undefined;
  const found = new Map<string, string>();
  try {
    for (const part of parts) {
      if (typeof part === "string") continue;
      const names = part.names.map((one) => one.replace(/\*$|:\d+$/, ""));
      const paired = part.operator === ";" || part.operator === "?" || part.operator === "&";
      const pairs = new Map<string, string>();
      for (const pair of paired ? (groups.shift() ?? "").split(part.operator === ";" ? ";" : "&") : []) {
        if (pair === "") continue;
        const equals = pair.includes("=") ? pair.indexOf("=") : pair.length;
        pairs.set(decodeURIComponent(pair.slice(0, equals)), decodeURIComponent(pair.slice(equals + 1)));
      }
      for (const one of names) {
        const value = paired ? pairs.get(one) : groups.shift();
        if (value !== undefined) found.set(one, paired ? value : decodeURIComponent(value));
      }
    }
  } catch {
    return undefined;
  }
  return Object.fromEntries(found);
}

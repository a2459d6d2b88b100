/**
 * Schemas with patterns, of users and of peers: the verdict is that of the platform's own expressions where these end, and none of them
 * hangs, whatever the pattern, the schema around it and the value are.
 */

import fc from "fast-check";
import { McpWireError } from "../../../runtime/errors.js";
import { type Checked, createJsonCheck, type JsonSchema, loadValidator } from "../../../runtime/schema/json-schema.js";
import { defineTarget, holds, same, type Target } from "../target.js";

interface Input {
  readonly pattern: string;
  readonly text: string;
  readonly times: number;
  /** What is around the pattern. */
  readonly around: "plain" | "names" | "choices" | "references" | "format" | "list";
  readonly format: string;
  readonly size: number;
}

await loadValidator();

const atom = fc.constantFrom(
  "a",
  "b",
  ".",
  "[ab]",
  "[^a]",
  "\\w",
  "\\d",
  "\\s",
  "\\.",
  "\\u0061",
  "\\p{L}",
  "é",
  "😀",
  "\\u{1F600}",
  "x-",
  "[\\]a]",
  "\\/",
  "-",
);
const edge = fc.constantFrom("^", "$", "\\b", "\\B");
const times = fc.constantFrom("", "", "", "*", "+", "?", "*?", "+?", "{2}", "{0,3}", "{1,}", "{2,4}?", "{0}");
const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  pattern: fc.array(tie("part"), { maxLength: 5 }).map((parts) => parts.join("")),
  part: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.tuple(atom, times).map((both) => both.join("")),
    edge,
    fc
      .tuple(fc.constantFrom("(", "(?:", "(?<n>"), fc.array(tie("pattern"), { minLength: 1, maxLength: 3 }), times)
      .map(([open, inner, often]) => `${open}${inner.join("|")})${often}`),
    fc.tuple(fc.constantFrom("(?=", "(?!", "(?<=", "(?<!"), tie("pattern")).map(([open, inner]) => `${open}${inner})`),
    fc.constantFrom("\\1", "\\k<n>", "(", "[", "{", "a{2,1}", "\\"),
  ),
}));

const FORMATS =
  "date date-time time duration email idn-email hostname idn-hostname ipv4 ipv6 uri uri-reference iri iri-reference uri-template uuid regex json-pointer relative-json-pointer nonsense".split(
    " ",
  );
const piece = fc.constantFrom(
  "a",
  "b",
  "aa",
  "1",
  " ",
  "-",
  ".",
  "@",
  ":",
  "/",
  "é",
  "😀",
  "\ud83d",
  "\n",
  "x-",
  "xn--",
  "%41",
  "{",
  "[",
  "~1",
);

export const patterns: Target = defineTarget<Input>({
  name: "patterns",
  inputs: fc.record({
    pattern,
    text: fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join("")),
    times: fc.oneof(
      { weight: 20, arbitrary: fc.constant(1) },
      { weight: 5, arbitrary: fc.nat(40) },
      { weight: 1, arbitrary: fc.nat(50_000) },
    ),
    around: fc.constantFrom("plain", "plain", "plain", "names", "choices", "references", "format", "list"),
    format: fc.constantFrom(...FORMATS),
    size: fc.nat(40),
  }),
  corpus: [
    ...[
      "^(a+)+$",
      "^(a|a)*$",
      "(a*)*b",
      "^(([a-z])+.)+[A-Z]([a-z])+$",
      "^(?:a?){40}a{40}$",
      "a*a*a*a*a*b",
      "(?=(a+)+$)b",
      "(a{1,999}){1,9}b",
      "^(\\w+\\s?)*$",
    ].flatMap((evil): Input[] => [
      { pattern: evil, text: "a", times: 40, around: "plain", format: "", size: 0 },
      { pattern: evil, text: "aa", times: 50_000, around: "plain", format: "", size: 0 },
      { pattern: evil, text: "a", times: 2_000, around: "names", format: "", size: 30 },
      { pattern: evil, text: "a", times: 1_000, around: "list", format: "", size: 40 },
    ]),
    { pattern: "^a*a*a*b", text: "a", times: 2_000, around: "names", format: "", size: 30 },
    { pattern: "(a+)+$", text: "a", times: 1_000, around: "list", format: "", size: 40 },
    { pattern: "a", text: "a", times: 1, around: "references", format: "", size: 40 },
    { pattern: "(a+)+$", text: "a", times: 50_000, around: "choices", format: "", size: 40 },
    ...FORMATS.flatMap((format) =>
      ["a.", "a@", "1:", "/a", "%41", "xn--", "{a}", "-a", "a:", "\\", "é", "P1Y", "a\n"].map(
        (text): Input => ({ pattern: "", text, times: 50_000, around: "format", format, size: 0 }),
      ),
    ),
  ],
  async run({ pattern: source, text, times: often, around, format, size }) {
    const long = text.repeat(often);
    const [schema, value] = build(source, long, around, format, size);
    const expected = around === "plain" && long.length <= 14 ? native(source, long) : undefined;
    // What references multiply in the schemas of users is their own affair.
    for (const foreign of around === "references" ? [true] : [false, true]) {
      const checked = await verdict(schema, value, foreign);
      if (checked === undefined || expected === undefined) continue;
      same(checked.ok, expected, `${source} at ${JSON.stringify(long)}`);
    }
  },
});

/** `undefined` where the schema is refused. */
async function verdict(schema: JsonSchema, value: unknown, foreign: boolean): Promise<Checked | undefined> {
  try {
    return await createJsonCheck(schema, foreign)(value);
  } catch (error) {
    holds(error instanceof McpWireError && error.code === "BAD_SCHEMA", `Refused by ${String(error)}`);
    return undefined;
  }
}

function native(source: string, text: string): boolean | undefined {
  // The platform also looks inside of a pair of surrogates for what takes nothing, which the standard does not.
  if (/[\ud800-\udbff]/.test(text) && /\\[bB]|\(\?[=!]/.test(source)) return undefined;
  try {
    return new RegExp(source, "u").test(text);
  } catch {
    return undefined;
  }
}

function build(
  pattern: string,
  text: string,
  around: Input["around"],
  format: string,
  size: number,
): [JsonSchema, unknown] {
  const own = { type: "string", pattern };
  switch (around) {
    case "names":
      return [
        {
          type: "object",
          patternProperties: { [pattern]: { type: "number" }, "^x-": own },
          additionalProperties: false,
        },
        Object.fromEntries(Array.from({ length: size }, (_, index) => [`${text}${index}`, index])),
      ];
    case "choices":
      return [{ anyOf: Array.from({ length: size }, (_, index) => ({ ...own, maxLength: index })) }, text];
    case "references": {
      // A few lines that stand for more checks than there is time.
      const steps = Array.from({ length: size }, (_, index) => [
        `d${index}`,
        { anyOf: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${index + 1}` }] },
      ]);
      return [
        {
          $ref: "#/$defs/d0",
          $defs: { ...Object.fromEntries(steps), [`d${size}`]: { ...own, maxLength: 0, minLength: 1 } },
        },
        text,
      ];
    }
    case "format":
      return [{ type: "string", format }, text];
    case "list":
      return [
        { type: "array", items: own, uniqueItems: true },
        Array.from({ length: size }, (_, index) => text + index),
      ];
    default:
      return [own, text];
  }
}

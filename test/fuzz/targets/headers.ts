/** Texts as values of headers, and the parameters of tools that are mirrored in them: what goes in comes out, and nothing breaks out of a header. */

import fc from "fast-check";
import { decodeHeaderValue, encodeHeaderValue } from "../../../runtime/protocol/header-values.js";
import { paramHeaderText, readParamHeaders, valueAt } from "../../../runtime/protocol/param-headers.js";
import { json, odd } from "../bytes.js";
import { defineTarget, holds, same, type Target } from "../target.js";

interface Input {
  readonly text: string;
  readonly value: unknown;
  readonly path: readonly string[];
  readonly schema: unknown;
}

const keyword = fc.constantFrom(
  "properties",
  "items",
  "$defs",
  "anyOf",
  "allOf",
  "not",
  "additionalProperties",
  "x-mcp-header",
  "$ref",
  "type",
  "__proto__",
  "default",
);
const { schema } = fc.letrec<{ schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthIdentifier: "schema" },
    // The first is what is left at the depth's end.
    fc.constantFrom<unknown>({}, true, { type: "string", "x-mcp-header": "Q" }, null),
    fc.record(
      {
        type: fc.oneof(fc.constantFrom("object", "string", "integer", "boolean", "number"), json),
        "x-mcp-header": fc.oneof(fc.constantFrom("A", "a", "B-c", "é", "a b", "", "X\r\nEvil: 1"), odd, json),
        properties: fc.dictionary(odd, tie("schema"), { maxKeys: 3 }),
        items: tie("schema"),
        anyOf: fc.array(tie("schema"), { maxLength: 2 }),
        $ref: fc.constantFrom("#", "#/properties/a", "#/%zz", "#/~2", "https://a/b"),
      },
      { requiredKeys: [] },
    ),
    fc.dictionary(keyword, tie("schema"), { maxKeys: 3 }),
    json,
  ),
}));

export const headers: Target = defineTarget<Input>({
  name: "headers",
  inputs: fc.record({
    text: fc.oneof(
      odd,
      fc
        .tuple(
          fc.constantFrom("=?base64?", "=?BASE64?", ""),
          fc.oneof(fc.base64String({ maxLength: 12 }), odd),
          fc.constantFrom("?=", "?", ""),
        )
        .map((parts) => parts.join("")),
      fc.string({ unit: "grapheme", maxLength: 12 }),
    ),
    value: json,
    path: fc.array(odd, { maxLength: 3 }),
    schema,
  }),
  corpus: [
    { text: `=?base64?${"A".repeat(100_001)}?=`, value: null, path: [], schema: {} },
    { text: " ".repeat(100_000), value: 1, path: ["__proto__", "constructor"], schema: {} },
    {
      text: `x${"\t ".repeat(50_000)}x`,
      value: JSON.parse('{"__proto__":{"a":1}}'),
      path: ["__proto__", "a"],
      schema: {},
    },
    {
      text: "",
      value: 1,
      path: ["constructor", "name"],
      schema: JSON.parse(`${'{"properties":{"a":'.repeat(2_000)}{}${"}}".repeat(2_000)}`),
    },
  ],
  run({ text, value, path, schema: given }) {
    const encoded = encodeHeaderValue(text);
    holds(
      /^(?:[!-~](?:[ -~]*[!-~])?)?$/.test(encoded),
      `A header cannot carry ${JSON.stringify(encoded).slice(0, 200)}`,
    );
    // Halves of characters cannot be written in UTF-8.
    const sent = new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));
    same(decodeHeaderValue(encoded), sent, "What was encoded");
    same(decodeHeaderValue(`  ${encoded}\t`), sent, "What was encoded, between blanks");
    const decoded = decodeHeaderValue(text);
    if (decoded !== undefined) same(decodeHeaderValue(encodeHeaderValue(decoded)), decoded, "What was decoded");
    const found = valueAt(value, path);
    same(found, naive(value, path), "The value at a path");
    const shown = paramHeaderText(found);
    if (shown !== undefined && typeof found !== "string") same(JSON.parse(shown), found, "The value in a header");
    const read = readParamHeaders(given);
    if (!read.ok) return;
    const names = new Set<string>();
    for (const { header, path: own } of read.headers) {
      holds(
        /^Mcp-Param-[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(header),
        `${JSON.stringify(header)} is no name of a header`,
      );
      holds(!names.has(header.toLowerCase()), `${header} is there twice`);
      names.add(header.toLowerCase());
      holds(own.length > 0, "All arguments are mirrored in one header");
    }
  },
});

/** Through the text of the value, so that nothing inherited counts. */
function naive(value: unknown, path: readonly string[]): unknown {
  let place = value;
  for (const key of path) {
    if (typeof place !== "object" || place === null || Array.isArray(place)) return undefined;
    place = new Map(Object.entries(place)).get(key);
  }
  return place ?? undefined;
}

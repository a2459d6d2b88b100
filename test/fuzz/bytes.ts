/** Bytes as inputs: texts of Latin-1 stand for them, so that inputs can be written as JSON and read. */

import fc from "fast-check";

export function bytesOf(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** The UTF-8 of a text, as such an input. */
export function utf8(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** Where bytes are cut: `cuts` are offsets, taken modulo the length. */
export function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

export const cuts: fc.Arbitrary<number[]> = fc.array(fc.nat(4_000), { maxLength: 12 });

/** Texts that readers of lines, headers and JSON trip over. */
export const odd: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.constantFrom("", " ", "\t", "\n", "\r", "\r\n", "\u2028", "\u2029", "\u0000", "\u001b[2J", "\ufeff", "\ud800"),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "😀",
    "\u202egnp",
    "%00",
    "../",
  ),
);

/** JSON values, deep and with names that must not pollute anything. */
export const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), odd, fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(odd, tie("value"), { maxKeys: 4 }),
  ),
})).value;

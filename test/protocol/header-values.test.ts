/** Text in header values: what goes as it is, what is encoded, and what is refused. */

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeHeaderValue, encodeHeaderValue } from "../../runtime/protocol/header-values.js";
import { verifies } from "../verifies.js";

describe("a text", () => {
  test.each([
    ["us-west1", "us-west1"],
    ["Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="],
    [" padded ", "=?base64?IHBhZGRlZCA=?="],
    ["line1\nline2", "=?base64?bGluZTEKbGluZTI=?="],
    ["=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="],
    ["a b  c", "a b  c"],
    ["", ""],
    ["a\tb", "=?base64?YQli?="],
    ["=?BASE64?literal?=", "=?BASE64?literal?="],
    ["=?base64?open", "=?base64?open"],
  ])(
    `%j goes as %j and comes back${verifies("HTTP-147", "HTTP-148", "HTTP-149", "HTTP-151", "HTTP-153", "HTTP-154")}`,
    (text, value) => {
      expect(encodeHeaderValue(text)).toBe(value);
      expect(decodeHeaderValue(value)).toBe(text);
    },
  );

  test(`of any kind is a legal value and comes back${verifies("HTTP-147", "HTTP-150")}`, () => {
    const texts = fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.constantFrom("=?base64?=", "=?base64??="));
    fc.assert(
      fc.property(texts, (text) => {
        const value = encodeHeaderValue(text);
        expect(value).toMatch(/^([!-~]([ -~]*[!-~])?)?$/);
        expect(decodeHeaderValue(value)).toBe(text);
        expect(new Headers({ a: value }).get("a")).toBe(value);
      }),
    );
  });
});

describe("a received value", () => {
  test.each(["YQ", "YQ=", "YQ===", "Y Q=", "YQ-_", "%%%%", "YQ==YQ==", "/w==", "=", "YQ==\t"])(
    `with %j between the markers is refused${verifies("HTTP-152")}`,
    (content) => {
      expect(decodeHeaderValue(`=?base64?${content}?=`)).toBeUndefined();
    },
  );

  test.each(["caf\u00e9", "a\u0000", "a\r\nb", "\u007f", "\u4e16"])(
    `with characters that no header has is refused: %j${verifies("HTTP-111")}`,
    (value) => {
      expect(decodeHeaderValue(value)).toBeUndefined();
    },
  );

  test(`is taken without the blanks around it, and keeps those inside the markers${verifies("HTTP-109")}`, () => {
    expect(decodeHeaderValue(" \t a b\t ")).toBe("a b");
    expect(decodeHeaderValue(" =?base64?IHBhZGRlZCA=?= ")).toBe(" padded ");
    expect(decodeHeaderValue("=?base64??=")).toBe("");
    expect(decodeHeaderValue("=?base64?77u/YQ==?=")).toBe("\ufeffa");
  });

  test("that is long is read in linear time", () => {
    const blanks = " ".repeat(1_000_000);
    expect(decodeHeaderValue(`${blanks}a${blanks}b${blanks}`)).toBe(`a${blanks}b`);
  });
});

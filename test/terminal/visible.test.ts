/** What a person reads at the terminal is what is there. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { visibleText } from "../../runtime/terminal/index.js";
import { verifies } from "../verifies.js";

test.each([
  ["control characters", "a\u0000b\u001b[2Jc\u007fd\u009be", "a\\u{0}b\\u{1b}[2Jc\\u{7f}d\\u{9b}e"],
  ["line ends and tabs", "a\r\nb\tc\u2028d\u2029e\u0085f", "a\\u{d}\\u{a}b\\u{9}c\\u{2028}d\\u{2029}e\\u{85}f"],
  [
    "bidirectional marks",
    "\u202eevil\u202c \u2066x\u2069\u200f\u061c",
    "\\u{202e}evil\\u{202c} \\u{2066}x\\u{2069}\\u{200f}\\u{61c}",
  ],
  [
    "characters without width",
    "pay\u200bpal\u200d\u2060\ufeff\u00ad",
    "pay\\u{200b}pal\\u{200d}\\u{2060}\\u{feff}\\u{ad}",
  ],
  ["spaces that are none", "a\u00a0b\u3000c\u2002d\u202fe\u2800f", "a\\u{a0}b\\u{3000}c\\u{2002}d\\u{202f}e\\u{2800}f"],
  ["fillers and selectors", "\u3164\u115f\uffa0\ufe0f\u{e0100}", "\\u{3164}\\u{115f}\\u{ffa0}\\u{fe0f}\\u{e0100}"],
  ["tags", "\u{e0041}", "\\u{e0041}"],
  ["halves of pairs", "\ud800x\udc00", "\\u{d800}x\\u{dc00}"],
  ["private characters", "\ue000", "\\u{e000}"],
])(`shows %s${verifies("ELIC-53", "SEC-30")}`, (_what, text, shown) => {
  expect(visibleText(text)).toBe(shown);
});

test("leaves what people read", () => {
  const text = "Zahle 5 € an Müller & Söhne — 東京 🎉 C:\\users \"x\" 'y' `z` $(id)";
  expect(visibleText(text)).toBe(text);
});

test("does not cut anything off", () => {
  const text = `${"a".repeat(1_000_000)}\u202e`;
  expect(visibleText(text)).toBe(`${"a".repeat(1_000_000)}\\u{202e}`);
});

test("different texts look different, and everything comes back", () => {
  expect(visibleText("\\u{202e}")).toBe("\\u{5c}u{202e}");
  const back = (shown: string): string =>
    shown.replaceAll(/\\u\{([0-9a-f]+)\}/g, (_all, digits: string) =>
      String.fromCodePoint(Number.parseInt(digits, 16)),
    );
  const part = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("\\", "u{", "5c}", "\u202e", "\\u{", "}", "202e}", "\ud800"),
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const text = parts.join("");
      const shown = visibleText(text);
      expect(back(shown)).toBe(text);
      expect(shown).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\u00a0]/u);
    }),
  );
});

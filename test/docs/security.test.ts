/** The page about security names tests: each is there, under the title that the page gives. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./blocks.js";

const page = readFileSync(join(root, "docs/security.md"), "utf8");
const named = [...page.matchAll(/^- `(test\/[^`]+)` · (.+)$/gm)].map(([, file = "", title = ""]) => ({ file, title }));
const sections = page.split(/^## /m).slice(1);

test("there are many", () => {
  expect(named.length).toBeGreaterThan(40);
});

test.each(named)("$file has: $title", ({ file, title }) => {
  const titles = readFileSync(join(root, file), "utf8").matchAll(
    /\b(?:test|it)(?:\.each\([\s\S]*?\))?\(\s*["`](?:by %s, )?((?:[^"`$\\]|\\.)*)/g,
  );
  expect([...titles].map(([, one]) => one)).toContain(title);
});

test("every class with a known number has one", () => {
  const known = sections.filter((section) => /CVE-\d{4}-\d+/.test(section));
  expect(known.length).toBeGreaterThanOrEqual(8);
  for (const section of known) expect(section).toMatch(/^- `test\//m);
});

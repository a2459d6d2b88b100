/** The pages hang together: each is in the index, links lead somewhere, and tables of options name every option and no other. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { pages, root } from "./blocks.js";

test("the index has every page", () => {
  const index = readFileSync(join(root, "docs/README.md"), "utf8");
  const listed = [...index.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, file]) => `docs/${file}`);
  const there = pages.map(({ path }) => path).filter((path) => !path.endsWith("README.md"));
  expect(listed.toSorted()).toEqual(there.toSorted());
});

/** The anchor that a heading gets where pages are shown. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, "")
    .replaceAll(" ", "-");
}

function anchorsIn(path: string): string[] {
  const text = readFileSync(path, "utf8").replaceAll(/^```.*?^```$/gms, "");
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));
}

test.each(pages)("the links of $path lead somewhere", ({ path, text }) => {
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
  const lost = links.filter(([, file = "", anchor]) => {
    const target = file === "" ? join(root, path) : join(root, dirname(path), file);
    return !existsSync(target) || (anchor !== undefined && !anchorsIn(target).includes(anchor));
  });
  expect(lost.map(([link]) => link)).toEqual([]);
});

/** The declarations of the built package, by the name of the interface and by `file:Name`. */
const interfaces = new Map<string, string[]>();
const declare = (name: string, body: string): void =>
  void interfaces.set(name, [...(interfaces.get(name) ?? []), body]);
for (const entry of readdirSync(join(root, "dist/runtime"), { recursive: true, withFileTypes: true })) {
  if (!entry.name.endsWith(".d.ts")) continue;
  const text = readFileSync(join(entry.parentPath, entry.name), "utf8");
  for (const [, name = "", body = ""] of text.matchAll(/^export interface (\w+)[^{]*\{\n(.*?)^\}/gms))
    for (const key of [name, `${entry.name.replace(".d.ts", "")}:${name}`]) declare(key, body);
}

/** The members of an interface that are its own. */
function membersOf(name: string): string[] {
  const bodies = interfaces.get(name) ?? [];
  expect(bodies.length, `there is one interface ${name}; where there are more, write file:Name`).toBe(1);
  return [...(bodies[0] ?? "").matchAll(/^ {4}(?:readonly )?(\w+)\??[:(<]/gm)].map(([, member = ""]) => member);
}

/** Tables with a mark below them, `<!-- options: Interface … -->`. */
const tables = pages.flatMap(({ path, text }) =>
  [...text.matchAll(/((?:^\|.*\n)+)<!-- options: (.*) -->/gm)].map(([, table = "", names = ""]) => {
    const first = table
      .split("\n")
      .slice(2)
      .map((row) => row.split(/(?<!\\)\|/)[1] ?? "");
    const told = first.flatMap((cell) => [...cell.matchAll(/`(?:ctx\.)?(\w+)/g)].map(([, name = ""]) => name));
    return { path, names, told };
  }),
);

test("there are tables of options", () => {
  expect(tables.length).toBeGreaterThan(8);
});

test.each(tables)("the table of $names in $path names each", ({ names, told }) => {
  const members = new Set(names.split(" ").flatMap(membersOf));
  expect(told.toSorted()).toEqual([...members].toSorted());
});

test("the page of errors has every code", () => {
  const sources = readdirSync(join(root, "runtime"), { recursive: true, withFileTypes: true })
    .filter(({ name, parentPath }) => name.endsWith(".ts") && !parentPath.endsWith("cli"))
    .map(({ name, parentPath }) => readFileSync(join(parentPath, name), "utf8"));
  const codes = new Set(
    sources.flatMap((text) => [...text.matchAll(/Error\(\s*"([A-Z_]+)"/g)].map(([, code = ""]) => code)),
  );
  expect(codes.size).toBeGreaterThan(25);
  const page = readFileSync(join(root, "docs/errors.md"), "utf8");
  expect([...codes].filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});

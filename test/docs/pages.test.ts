/** The code on the pages compiles against the built package as it stands, and prints what the page says. */

import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { pages, root } from "./blocks.js";

/** A project of a reader: this package is installed, and so is what the pages tell to install. */
const reader = mkdtempSync(join(tmpdir(), "mcpwire-pages-"));
afterAll(() => rmSync(reader, { recursive: true }));
mkdirSync(join(reader, "node_modules"));
symlinkSync(root, join(reader, "node_modules/mcpwire"), "dir");
symlinkSync(join(root, "node_modules/typebox"), join(reader, "node_modules/typebox"), "dir");
writeFileSync(join(reader, "package.json"), '{ "type": "module" }');

for (const { name, blocks } of pages) {
  mkdirSync(join(reader, "src", name), { recursive: true });
  for (const { file, code } of blocks) writeFileSync(join(reader, "src", name, file), code);
}

const compilerOptions = {
  target: "es2023",
  module: "nodenext",
  strict: true,
  exactOptionalPropertyTypes: true,
  allowJs: true,
  resolveJsonModule: true,
  rootDir: "src",
  outDir: "out",
  types: ["node"],
  typeRoots: [join(root, "node_modules/@types")],
};
writeFileSync(join(reader, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }));
const compiler = join(root, "node_modules/typescript/bin/tsc");
const compiled = spawnSync(process.execPath, [compiler, "-p", reader, "--pretty", "false"], {
  cwd: reader,
  encoding: "utf8",
});

const shown = pages.flatMap(({ path, name, blocks }) =>
  blocks.flatMap(({ file, prints }) => (prints === undefined ? [] : [{ path, name, file, prints }])),
);

test("the pages have code, and the compiler ran", () => {
  expect(pages.flatMap(({ blocks }) => blocks).length).toBeGreaterThan(20);
  expect(shown.length).toBeGreaterThan(15);
  expect(compiled.stderr).toBe("");
  expect(compiled.signal).toBeNull();
});

test.each(pages.filter(({ blocks }) => blocks.length > 0))("the code of $path compiles", ({ name }) => {
  const faults = compiled.stdout.split("\n").filter((line) => line.startsWith(`src/${name}/`));
  expect(faults).toEqual([]);
});

const run = promisify(execFile);

test.each(shown)("$file of $path prints what the page says", async ({ name, file, prints }) => {
  const cwd = join(reader, "out", name);
  const { stdout, stderr } = await run(process.execPath, [file.replace(/\.ts$/, ".js")], { cwd, timeout: 55_000 });
  expect(stdout).toBe(prints);
  expect(stderr).toBe("");
});

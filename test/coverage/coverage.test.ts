/** The requirements in the project, the tests that name them, and the command that counts. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const script = fileURLToPath(new URL("spec.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "mcpwire-coverage-"));
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
  return { status, out: stdout, err: stderr };
}

/** Counts in a folder with this one file. */
function count(text: string, ...args: string[]): ReturnType<typeof run> {
  writeFileSync(join(folder, "one.test.ts"), text);
  return run("--tests", folder, ...args);
}

/** Written in pieces, so that the count of the project does not find it. */
const naming = (ids: string): string => `test(\`x\${${"verifies"}(${ids})}\`)`;

test("every ID that a test names is a requirement", () => {
  const { status, out, err } = run("--all");
  expect(err).toBe("");
  expect(status).toBe(0);
  expect(out).toMatch(/\n\d{2,} of \d{3,} requirements have a test\.\n$/);
});

describe("the count", () => {
  test("names what has no test, and fails only when it is told to", () => {
    const { status, out } = count(naming('"LOG-01", "LOG-06"'), "09");
    expect(status).toBe(0);
    expect(out).toMatch(/^09 Server features, roots, icons: 2 of \d+ MUSTs have a test, \d left aside\n/);
    expect(out).toContain("no test: LOG-08 · R5 · MUST NOT · server · ");
    expect(out).not.toContain("LOG-07");
    expect(out).not.toContain("no test: LOG-10");
    expect(out).toContain("  LOG-10: for authors of servers");
    expect(count(naming('"LOG-01"'), "--strict", "09").status).toBe(1);
  });

  test("sees the IDs of tables of tests", () => {
    const table = `const rows = [{ ${"ids"}: ["SSE-01", "SSE-02"] }];\n${naming("...row.ids")}`;
    expect(count(table, "04").out).toMatch(/^04 .*: 2 of 5 MUSTs have a test\n/);
  });

  test("takes every level where that is wanted", () => {
    expect(count(naming('"LOG-01"'), "--all", "09").out).toContain("no test: LOG-07 · R5 · MAY · ");
  });

  test("is satisfied where nothing lacks", () => {
    const { status, out } = count(
      naming('\n  "SSE-01",\n  "SSE-02", "SSE-03", "SSE-10", "SSE-13",\n'),
      "--strict",
      "04",
    );
    expect(out).toContain("\n5 of 5 MUSTs have a test.\n");
    expect(status).toBe(0);
  });

  test.each([
    ['"LOG-99"', "one.test.ts:1: LOG-99 is no requirement."],
    ['"LOG-10"', "LOG-10 has a test"],
    ["...ids", "IDs in double quotes"],
    ["'LOG-01'", "IDs in double quotes"],
  ])("refuses %s", (ids, problem) => {
    const { status, err } = count(naming(ids));
    expect(status).toBe(1);
    expect(err).toContain(problem);
  });

  test("refuses a file that is none", () => {
    expect(run("99")).toMatchObject({ status: 1, err: "There is no file 99 of requirements.\n" });
  });
});

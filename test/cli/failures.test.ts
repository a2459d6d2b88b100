/** Input that nothing can be done with: one line with what, where and the way out, and exit code 2. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mcpwire } from "./run.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mcpwire-bad-"));
  writeFileSync(join(folder, "text.json"), "# not\nJSON");
  writeFileSync(join(folder, "cut.json"), '{ "$defs": {');
  writeFileSync(join(folder, "other.json"), '{ "name": "x" }');
  writeFileSync(join(folder, "list.json"), "[]");
  writeFileSync(join(folder, "keyword.json"), '{ "$defs": { "A": { "type": "object", "if": {} } } }');
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly line: RegExp;
}

const cases: readonly Case[] = [
  {
    name: "an unknown command",
    args: ["dif", "a", "b"],
    line: /^mcpwire: unknown command 'dif' \(Did you mean diff\?\), on the command line, see mcpwire --help$/,
  },
  {
    name: "an unknown option",
    args: ["diff", "--jsn", "a", "b"],
    line: /unknown option '--jsn' \(Did you mean --json\?\), on the command line, see mcpwire diff --help$/,
  },
  {
    name: "a missing argument",
    args: ["diff", "2025-11-25"],
    line: /missing required argument 'after', .*mcpwire diff --help$/,
  },
  {
    name: "an argument too many",
    args: ["revisions", "all"],
    line: /too many arguments for 'revisions'.*mcpwire revisions --help$/,
  },
  {
    name: "two forms at once",
    args: ["diff", "--json", "--markdown", "a", "b"],
    line: /'--json' cannot be used with option '--markdown'/,
  },
  {
    name: "a revision misspelt",
    args: ["diff", "2025-11-52", "2026-07-28"],
    line: /unknown revision "2025-11-52", .* did you mean 2025-11-25\? \(known: 2024-11-05 .*2026-07-28\)$/,
  },
  {
    name: "a revision like no other",
    args: ["diff", "latest", "2026-07-28"],
    line: /unknown revision "latest", .* give a known one or a schema file \(known: /,
  },
  {
    name: "a missing file",
    args: ["diff", "nowhere.json", "2026-07-28"],
    line: /^mcpwire: no such file, nowhere\.json, /,
  },
  {
    name: "a file that is no JSON",
    args: ["diff", "text.json", "2026-07-28"],
    line: /^mcpwire: not JSON \(.*\), text\.json, /,
  },
  { name: "a file cut off", args: ["diff", "2026-07-28", "cut.json"], line: /^mcpwire: not JSON \(.*\), cut\.json, / },
  {
    name: "a folder",
    args: ["diff", ".", "2026-07-28"],
    line: /^mcpwire: illegal operation on a directory, \., check the path/,
  },
  {
    name: "a file that is no schema",
    args: ["diff", "other.json", "2026-07-28"],
    line: /^mcpwire: not a protocol schema: .*, other\.json, give the schema\.json of a revision$/,
  },
  { name: "a list", args: ["import", "list.json", "--revision", "x"], line: /not a JSON object, list\.json, / },
  {
    name: "a keyword nobody knows",
    args: ["diff", "keyword.json", "2026-07-28"],
    line: /does not know "if" here, keyword\.json#\/\$defs\/A\/if, teach it in /,
  },
  {
    name: "an import of nothing",
    args: ["import", "nowhere.json", "--revision", "x"],
    line: /^mcpwire: no such file, nowhere\.json, /,
  },
  {
    name: "an import without a name",
    args: ["import", "other.json"],
    line: /no --revision given, on the command line, give --revision/,
  },
  {
    name: "a name that leads elsewhere",
    args: ["import", "other.json", "--revision", "../up"],
    line: /--revision "\.\.\/up" is no name, /,
  },
  {
    name: "an extension of nothing",
    args: ["import", "other.json", "--extension", "a/b"],
    line: /--extension without --extends, /,
  },
  {
    name: "an extension and a revision",
    args: ["import", "other.json", "--extension", "a/b", "--revision", "x"],
    line: /cannot be used with option/,
  },
  {
    name: "a URL that leads nowhere",
    args: ["import", "http://127.0.0.1:1/schema.json", "--revision", "x"],
    line: /could not be fetched, http:\/\/127\.0\.0\.1:1\/schema\.json, download the file/,
  },
  {
    name: "an out that is a file",
    args: ["import", "other.json", "--revision", "x", "--out", "list.json"],
    line: /^mcpwire: not a/,
  },
];

describe("unusable input", () => {
  it.each(cases)("$name", ({ args, line }) => {
    const { code, stdout, stderr } = mcpwire(args, { cwd: folder });
    expect(stderr).toMatch(/^mcpwire: [^\n]+\n$/);
    expect(stderr.trimEnd()).toMatch(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("no command shows the help and exits 2", () => {
    const { code, stdout, stderr } = mcpwire([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Usage: mcpwire");
  });

  it.each([
    { how: "--debug", args: ["diff", "nowhere.json", "2026-07-28", "--debug"], env: {} },
    { how: "DEBUG", args: ["diff", "nowhere.json", "2026-07-28"], env: { DEBUG: "1" } },
  ])("$how adds the stack trace", ({ args, env }) => {
    const { code, stderr } = mcpwire(args, { cwd: folder, env });
    expect(code).toBe(2);
    expect(stderr.split("\n")[0]).toMatch(/^mcpwire: no such file, nowhere\.json, /);
    expect(stderr).toMatch(/\n\s+at /);
    expect(stderr).toContain("caused by: Error: ENOENT");
  });
});

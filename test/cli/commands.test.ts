/** What the commands print and write, and their exit codes, on the built command line. */

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Diff } from "../../codegen/diff.js";
import { verifies } from "../verifies.js";
import { mcpwire, mcpwireCutOff, ROOT, SCHEMAS } from "./run.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mcpwire-cli-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Every module that a command asks for, one a line. */
function loadedBy(args: readonly string[]): string {
  const log = join(folder, "loaded.txt");
  const hooks = join(folder, "hooks.mjs");
  const register = join(folder, "register.mjs");
  writeFileSync(log, "");
  writeFileSync(
    hooks,
    `import { appendFileSync } from "node:fs";
    export function resolve(specifier, context, next) {
      appendFileSync(${JSON.stringify(log)}, specifier + "\\n");
      return next(specifier, context);
    }`,
  );
  writeFileSync(register, `import { register } from "node:module"; register(${JSON.stringify(pathToFileURL(hooks))});`);
  const { code, stderr } = mcpwire(args, { env: { NODE_OPTIONS: `--import ${pathToFileURL(register)}` } });
  expect(code, stderr).toBe(0);
  return readFileSync(log, "utf8");
}

const ESCAPE = String.fromCharCode(27);

describe("diff", () => {
  it("summarises without colours where nobody sees them", () => {
    const { code, stdout, stderr } = mcpwire(["diff", "2025-11-25", "2026-07-28"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("definitions: 42 added, 32 removed");
    expect(stdout).toContain("breaks server (receiver)");
    expect(stdout).not.toContain(ESCAPE);
  });

  it(`prints the whole as JSON or as Markdown${verifies("TRAP-48")}`, () => {
    const diff = JSON.parse(mcpwire(["diff", "2025-11-25", "2026-07-28", "--json"]).stdout) as Diff;
    expect(diff).toMatchObject({ format: 1, before: "2025-11-25", after: "2026-07-28" });
    expect([diff.core.definitions.removed.length, diff.core.definitions.added.length]).toEqual([32, 42]);
    const markdown = mcpwire(["diff", "2025-11-25", "2026-07-28", "--markdown"]).stdout;
    expect(markdown.startsWith("# 2025-11-25 → 2026-07-28\n")).toBe(true);
    expect(markdown.endsWith("\n\n")).toBe(false);
  });

  it("takes schema files, named by their folder or by themselves", () => {
    mkdirSync(join(folder, "next"));
    copyFileSync(join(SCHEMAS, "2025-03-26.json"), join(folder, "next", "schema.json"));
    const { code, stdout } = mcpwire(["diff", "2025-03-26", join(folder, "next", "schema.json"), "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ after: "next", core: { definitions: { added: [], changed: [] } } });
  });

  it("exits 1 for differences only when asked to", () => {
    expect(mcpwire(["diff", "2025-06-18", "2025-11-25"]).code).toBe(0);
    expect(mcpwire(["diff", "2025-06-18", "2025-11-25", "--exit-code"]).code).toBe(1);
    const same = mcpwire(["diff", "2025-06-18", "2025-06-18", "--exit-code"]);
    expect(same).toEqual({ code: 0, stdout: "2025-06-18 → 2025-06-18: no differences\n", stderr: "" });
  });

  it("uses the schemas of the current folder, else those of the package", () => {
    expect(mcpwire(["diff", "2025-06-18", "2025-11-25"], { cwd: folder }).code).toBe(0);
    mkdirSync(join(folder, "schema"));
    writeFileSync(join(folder, "schema", "manifest.json"), '{ "revisions": [], "extensions": [] }');
    const { code, stderr } = mcpwire(["diff", "2025-06-18", "2025-11-25"], { cwd: folder });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'mcpwire: unknown revision "2025-06-18", on the command line, give a known one or a schema file (none is imported)\n',
    });
  });

  it("is quiet when its reader goes away", async () => {
    const { code, stderr } = await mcpwireCutOff(["diff", "2025-11-25", "2026-07-28", "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

describe("revisions", () => {
  it("lists them with era, status and size", () => {
    const { code, stdout } = mcpwire(["revisions", "--json"]);
    const rows = JSON.parse(stdout) as { revision: string; era: string; status: string; definitions: number }[];
    expect(code).toBe(0);
    expect(rows.slice(0, 5).map(({ revision, era, definitions }) => [revision, era, definitions])).toEqual([
      ["2024-11-05", "stateful", 79],
      ["2025-03-26", "stateful", 83],
      ["2025-06-18", "stateful", 91],
      ["2025-11-25", "stateful", 145],
      ["2026-07-28", "stateless", 155],
    ]);
    expect(rows.filter(({ status }) => status === "current")).toHaveLength(1);
  });

  it("prints a table", () => {
    const { code, stdout } = mcpwire(["revisions"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^revision +era +status/);
    expect(stdout).toMatch(/^2026-07-28 +stateless .*io\.modelcontextprotocol\/tasks/m);
  });
});

describe("import", () => {
  it("writes the schema and the manifest, and finds with --check what differs", () => {
    const source = join(SCHEMAS, "2025-06-18.json");
    const args = ["import", source, "--revision", "2025-06-18", "--out", join(folder, "schema")];
    const first = mcpwire(args);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toContain("imported: 91 definitions, sha256 ");
    expect(readFileSync(join(folder, "schema", "2025-06-18.json"), "utf8")).toBe(readFileSync(source, "utf8"));
    expect(mcpwire([...args, "--check"])).toMatchObject({ code: 0, stdout: expect.stringContaining("is up to date") });
    writeFileSync(join(folder, "schema", "2025-06-18.json"), "{}\n");
    expect(mcpwire([...args, "--check"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("without --check"),
    });
  });

  it("imports an extension beside the revision it adds to", () => {
    const args = ["--extension", "example.com/tasks", "--extends", "2026-07-28", "--out", folder];
    expect(mcpwire(["import", join(SCHEMAS, "ext-tasks.json"), ...args])).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"))).toMatchObject({
      extensions: [{ name: "ext-tasks", extension: "example.com/tasks", extends: "2026-07-28" }],
    });
  });
});

describe("help", () => {
  it("starts without the generator, and no command here loads the heavy optional packages", () => {
    expect(loadedBy(["--help"])).toContain("commander");
    expect(loadedBy(["--help"])).not.toMatch(/codegen|ts-morph|json-schema-to-typescript/);
    expect(loadedBy(["diff", "2025-06-18", "2025-11-25"])).toContain("codegen/diff.js");
    expect(loadedBy(["diff", "2025-06-18", "2025-11-25"])).not.toMatch(/ts-morph|json-schema-to-typescript/);
  });

  it("tells its version", () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    expect(mcpwire(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });
});

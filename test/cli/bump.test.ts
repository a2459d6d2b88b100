/** The spec bump, proved on a copy of the project that does not know the newest revision yet. */

import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Manifest } from "../../codegen/manifest.js";
import { verifies } from "../verifies.js";
import { ROOT, type Run, SCHEMAS } from "./run.js";

const NEW = "2026-07-28";
/** What the copy gets in another way, and what already speaks of the newest revision without being the runtime. */
const LEFT_OUT: ReadonlySet<string> = new Set(["node_modules", "dist", ".git", "test", "bench", "examples"]);

let folder = "";
let project = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "mcpwire-bump-")));
  project = join(folder, "project");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Copies the whole project as it was before the newest revision came. */
function copyProject(): void {
  cpSync(ROOT, project, { recursive: true, filter: (source) => !LEFT_OUT.has(relative(ROOT, source)) });
  symlinkSync(realpathSync(join(ROOT, "node_modules")), join(project, "node_modules"));
  forget(NEW);
}

/** Takes a revision and its extensions out of the copy. */
function forget(revision: string): void {
  const file = join(project, "schema", "manifest.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest;
  const revisions = manifest.revisions.filter((entry) => entry.revision !== revision);
  const extensions = manifest.extensions.filter((entry) => entry.extends !== revision);
  const gone = manifest.extensions.filter((entry) => entry.extends === revision).map((entry) => entry.name);
  writeFileSync(file, JSON.stringify({ revisions, extensions }));
  for (const name of [revision, ...gone]) rmSync(join(project, "schema", `${name}.json`));
  rmSync(join(project, "generated", revision), { recursive: true });
}

/** The script as people call it, which compiles the generator of the copy first. */
function bump(...args: readonly string[]): Run {
  return run("npm", ["run", "--silent", "spec:bump", "--", ...args]);
}

/** The script that the tests' own build made, for input that is refused before anything is generated. */
function bumpUncompiled(...args: readonly string[]): Run {
  return run(process.execPath, [join(ROOT, "dist", "codegen", "bump.js"), ...args]);
}

function run(command: string, args: readonly string[]): Run {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: project,
    env: { ...process.env, npm_config_loglevel: "silent" },
    encoding: "utf8",
    shell: command === "npm" && process.platform === "win32",
  });
  return { code: status, stdout, stderr };
}

function read(...path: readonly string[]): string {
  return readFileSync(join(project, ...path), "utf8");
}

describe("spec:bump", () => {
  it(`brings the copy to the new revision with no edit by hand${verifies("TRAP-48")}`, () => {
    copyProject();
    const { code, stdout, stderr } = bump(join(SCHEMAS, `${NEW}.json`), "--revision", NEW);
    expect({ code, stderr, stdout }).toMatchObject({ code: 0, stderr: "" });
    expect(stdout).toContain("nothing to do");
    expect(stdout).toContain("  server/discover\n");
    expect(read("generated", "revisions.ts")).toContain(`revision: "${NEW}"`);
    for (const name of ["types.ts", "guards.ts", "methods.ts", "schema.ts", "metamodel.json", "index.ts"]) {
      expect(existsSync(join(project, "generated", NEW, name)), name).toBe(true);
    }
    const changeset = read(".changeset", `spec-${NEW}.md`);
    expect(changeset.startsWith('---\n"mcpwire": minor\n---\n')).toBe(true);
    expect(changeset).toContain(`### 2025-11-25 → ${NEW}\n`);
    expect(changeset).toContain("Definitions: 42 added, 32 removed");
  });

  it("lists what the compiler finds unhandled, and exits 1", () => {
    copyProject();
    const probe = `import type { revisions } from "../generated/revisions.js";
export const handled: Record<(typeof revisions)[number]["revision"], true> = {
  "2024-11-05": true, "2025-03-26": true, "2025-06-18": true, "2025-11-25": true,
};\n`;
    writeFileSync(join(project, "runtime", "probe.ts"), probe);
    const { code, stdout } = bump(join(SCHEMAS, `${NEW}.json`), "--revision", NEW);
    expect(code, stdout).toBe(1);
    expect(stdout).toMatch(/to do \(1\):\n {2}runtime\/probe\.ts\(2,14\): error TS2741: .*2026-07-28/);
  });

  it("changes nothing for a schema that it cannot use", () => {
    cpSync(SCHEMAS, join(project, "schema"), { recursive: true });
    const before = read("schema", "manifest.json");
    writeFileSync(join(folder, "bad.json"), '{ "$defs": { "A": { "type": "object", "if": {} } } }');
    const { code, stdout, stderr } = bumpUncompiled(join(folder, "bad.json"), "--revision", "draft");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^spec:bump: draft\.json#\/\$defs\/A\/if: [^\n]+\n$/);
    expect(read("schema", "manifest.json")).toBe(before);
    expect(readdirSync(project)).toEqual(["schema"]);
    expect(existsSync(join(project, "schema", "draft.json"))).toBe(false);
  });

  it.each([{ flags: [] }, { flags: ["--revision", "../up"] }, { flags: ["--revison", NEW] }])(
    "says how it is used when called with $flags",
    ({ flags }) => {
      mkdirSync(project);
      const { code, stderr } = bumpUncompiled("schema.json", ...flags);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^spec:bump: usage: npm run spec:bump -- /);
    },
  );
});

/** The package as others get it: every subpath leads somewhere, with types, and nothing is packed that nobody needs. */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  exports: Record<string, string | Record<string, string>>;
  bin: Record<string, string>;
};
const REVISIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];

/** Subpath → files of its conditions, with every pattern spelled out. */
const subpaths = new Map(
  Object.entries(manifest.exports).flatMap(([subpath, target]) => {
    const files = typeof target === "string" ? [target] : Object.values(target);
    if (!subpath.includes("*")) return [[subpath, files] as const];
    return REVISIONS.map((revision) => {
      const spell = (text: string): string => text.replace("20*", revision);
      return [spell(subpath), files.map(spell)] as const;
    });
  }),
);

const consumer = mkdtempSync(join(tmpdir(), "mcpwire-consumer-"));
mkdirSync(join(consumer, "node_modules"));
symlinkSync(root, join(consumer, "node_modules/mcpwire"), "dir");
writeFileSync(join(consumer, "package.json"), '{ "type": "module" }');
afterAll(() => rmSync(consumer, { recursive: true }));

function specifierOf(subpath: string): string {
  return `mcpwire${subpath.slice(1)}`;
}

describe("exports", () => {
  test("have a subpath for each revision and what belongs to it", () => {
    for (const revision of REVISIONS) {
      for (const part of ["", "/schema", "/schema.json", "/metamodel.json"]) {
        expect([...subpaths.keys()]).toContain(`./${revision}${part}`);
      }
    }
  });

  test("lead to files that are built", () => {
    const missing = [...subpaths.values()].flat().filter((file) => !existsSync(join(root, file)));
    expect(missing).toEqual([]);
  });

  test("can all be imported", () => {
    const lines = [...subpaths.keys()].map((subpath) => {
      const attributes = subpath.endsWith(".json") ? ', { with: { type: "json" } }' : "";
      return `await import("${specifierOf(subpath)}"${attributes});`;
    });
    writeFileSync(join(consumer, "all.mjs"), `${lines.join("\n")}\nconsole.log("all");`);
    const output = execFileSync(process.execPath, ["--no-warnings", "all.mjs"], { cwd: consumer, encoding: "utf8" });
    expect(output).toBe("all\n");
  });

  const runsOnPlatform = (subpath: string): boolean => !/^\.$|^\.\/(20|neutral)|\.json$/.test(subpath);

  test.each([
    ["that are only vocabulary have types that hold without Node's types", false],
    ["that run have types that hold with Node's types", true],
  ])("%s and with libraries checked", (_which, runs) => {
    const chosen = [...subpaths.keys()].filter((subpath) => runsOnPlatform(subpath) === runs);
    const imports = chosen.map((subpath, index) => {
      const attributes = subpath.endsWith(".json") ? ' with { type: "json" }' : "";
      const clause = subpath.endsWith(".json") ? `{ default as part${index} }` : `* as part${index}`;
      return `export ${clause} from "${specifierOf(subpath)}"${attributes};`;
    });
    writeFileSync(join(consumer, "all.ts"), imports.join("\n"));
    const compilerOptions = {
      target: "es2022",
      lib: ["es2022"],
      module: "nodenext",
      strict: true,
      exactOptionalPropertyTypes: true,
      resolveJsonModule: true,
      types: runs ? ["node"] : [],
      typeRoots: [join(root, "node_modules/@types")],
      noEmit: true,
    };
    writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["all.ts"] }));
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const { stdout, status } = spawnSync(process.execPath, [compiler, "-p", consumer], { encoding: "utf8" });
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });
});

describe("the packed files", () => {
  const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    shell: process.platform === "win32",
  });
  const [packed] = Object.values(JSON.parse(output) as Record<string, { files: { path: string }[] }>);
  const files = packed?.files.map(({ path }) => path) ?? [];

  test("hold everything that exports and the command lead to", () => {
    const needed = [...subpaths.values(), Object.values(manifest.bin)].flat().map((file) => file.replace(/^\.\//, ""));
    expect(needed.filter((file) => !files.includes(file))).toEqual([]);
  });

  test("hold what the command generates from", () => {
    const sources = ["codegen/prelude.ts", "codegen/method-table.ts", "codegen/metamodel.schema.json"];
    const needed = [...sources, "schema/manifest.json", ...REVISIONS.map((revision) => `schema/${revision}.json`)];
    expect(needed.filter((file) => !files.includes(file))).toEqual([]);
  });

  test("hold nothing else", () => {
    const known =
      /^(LICENSE|README\.md|CHANGELOG\.md|package\.json|dist\/(codegen|generated|runtime)\/.+\.(js|d\.ts)|generated\/.+\.json|schema\/.+\.json|codegen\/(prelude\.ts|method-table\.ts|metamodel\.schema\.json))$/;
    const strangers = files.filter((file) => !known.test(file));
    expect(strangers, "dist/ may hold files of earlier builds: remove it and build again").toEqual([]);
  });
});

test("publint has nothing to say", async () => {
  const { messages, pkg } = await publint({ pkgDir: root, level: "suggestion", strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

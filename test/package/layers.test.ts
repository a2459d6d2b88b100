/** Imports go one way: each room of the source may use the rooms named here and no others. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Room → the rooms that it may import. A room may always import itself. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  generated: [],
  codegen: [],
  "runtime/errors.ts": [],
  "runtime/jsonrpc": ["runtime/errors.ts"],
  "runtime/transport": ["runtime/jsonrpc", "runtime/errors.ts"],
  "runtime/outbound": ["runtime/errors.ts"],
  "runtime/terminal": ["runtime/errors.ts"],
  "runtime/auth": ["runtime/outbound", "runtime/terminal", "runtime/errors.ts"],
  "runtime/install": ["runtime/transport", "runtime/outbound", "runtime/terminal", "runtime/errors.ts"],
  "runtime/schema": ["generated", "runtime/errors.ts"],
  "runtime/stdio.ts": ["runtime/*"],
  "runtime/http.ts": ["runtime/*"],
  "runtime/protocol": ["generated", "runtime/jsonrpc", "runtime/transport", "runtime/errors.ts"],
  "runtime/tasks": ["runtime/protocol", "runtime/jsonrpc", "runtime/errors.ts"],
  "runtime/server": [
    "runtime/protocol",
    "runtime/schema",
    "runtime/tasks",
    "runtime/terminal",
    "runtime/jsonrpc",
    "runtime/transport",
    "runtime/errors.ts",
  ],
  "runtime/client": [
    "runtime/protocol",
    "runtime/schema",
    "runtime/tasks",
    "runtime/terminal",
    "runtime/jsonrpc",
    "runtime/transport",
    "runtime/errors.ts",
  ],
  "runtime/stores": ["runtime/tasks", "runtime/server", "runtime/protocol", "runtime/transport", "runtime/errors.ts"],
  "runtime/index.ts": ["generated", "runtime/*"],
  "runtime/cli": ["generated", "codegen", "runtime/*"],
};

/** Rooms whose payload types come from the neutral model: types cost nothing and decide nothing. */
const TYPED: ReadonlySet<string> = new Set(["runtime/tasks", "runtime/server", "runtime/client", "runtime/stores"]);

interface Import {
  readonly file: string;
  readonly target: string;
  readonly how: "type" | "static" | "dynamic";
}

interface Source {
  readonly file: string;
  /** Without comments. */
  readonly text: string;
}

const sources: readonly Source[] = ["generated", "codegen", "runtime"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { file: relative(root, path), text: withoutComments(readFileSync(path, "utf8")) };
    }),
);

/** Comments in templates and strings stay: what matters here is that no import or literal is lost. */
function withoutComments(text: string): string {
  return text.replaceAll(/^\s*\/\*\*?[\s\S]*?\*\/|^\s*\/\/.*$|\s\/\/ .*$/gm, "");
}

function importsOf({ file, text }: Source): Import[] {
  const found: Import[] = [];
  const add = (specifier: string | undefined, how: Import["how"]): void => {
    const target = specifier?.startsWith(".") ? relative(root, join(root, dirname(file), specifier)) : specifier;
    found.push({ file, target: target?.replace(/\.js$/, ".ts") ?? "", how });
  };
  for (const [, type, specifier] of text.matchAll(/^(?:import|export)\s+(type\s)?[^"'`;]*?from\s+"([^"]+)"/gm)) {
    add(specifier, type === undefined ? "static" : "type");
  }
  for (const [, specifier] of text.matchAll(/^import\s+"([^"]+)"/gm)) add(specifier, "static");
  for (const [, type, specifier] of text.matchAll(/(typeof\s+)?\bimport\(\s*"([^"]+)"/g)) {
    add(specifier, type === undefined ? "dynamic" : "type");
  }
  return found;
}

function roomOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "runtime" ? `runtime/${second}` : first;
}

function allowed({ file, target, how }: Import): boolean {
  const [from, to] = [roomOf(file), roomOf(target)];
  if (from === to) return true;
  if (TYPED.has(from) && to === "generated" && how === "type") return true;
  const rooms = LAYERS[from] ?? [];
  return rooms.includes(to) || (rooms.includes("runtime/*") && to.startsWith("runtime/"));
}

const own = sources.flatMap(importsOf).filter(({ target }) => /^(generated|codegen|runtime)\//.test(target));

test("the imports are read at all", () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(own.length).toBeGreaterThan(300);
  expect(own.filter(({ how }) => how === "dynamic").length).toBeGreaterThan(3);
});

test("every room has a row", () => {
  const rooms = new Set(sources.map(({ file }) => roomOf(file)));
  expect([...rooms].filter((room) => LAYERS[room] === undefined)).toEqual([]);
});

test("each room imports only the rooms below it", () => {
  expect(own.filter((row) => !allowed(row))).toEqual([]);
});

test("the public surface does not lead to the command line", () => {
  expect(own.filter(({ file, target }) => file === "runtime/index.ts" && roomOf(target) === "runtime/cli")).toEqual([]);
});

test("generated/ imports nothing else, not even a package", () => {
  const others = sources.filter(({ file }) => file.startsWith("generated/")).flatMap(importsOf);
  expect(others.filter(({ target }) => !target.startsWith("generated/"))).toEqual([]);
});

test("the generator is loaded by the command line alone, and only when it is needed", () => {
  const uses = own.filter(({ file, target }) => roomOf(target) === "codegen" && roomOf(file) !== "codegen");
  expect(uses.filter(({ file, how }) => roomOf(file) !== "runtime/cli" || how === "static")).toEqual([]);
});

test("the heavy packages of the generator stay in the generator", () => {
  const heavy = sources
    .flatMap(importsOf)
    .filter(({ target }) => /^(ts-morph|json-schema-to-typescript)$/.test(target));
  expect(heavy.filter(({ file }) => !file.startsWith("codegen/"))).toEqual([]);
});

test("jsonrpc and transport know nothing of MCP, and only protocol and cli name a revision or an era", () => {
  const named = /\b20\d\d-\d\d-\d\d\b|["'`](?:stateful|stateless)["'`]/;
  const free = sources.filter(({ file }) => file.startsWith("runtime/") && !/^runtime\/(protocol|cli)\//.test(file));
  expect(free.filter(({ text }) => named.test(text)).map(({ file }) => file)).toEqual([]);
});

/** Imports go one way, and only the protocol knows revisions and eras by name. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { revisions } from "../../generated/revisions.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What each room may import besides itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "runtime/errors": [],
  "runtime/jsonrpc": ["runtime/errors"],
  "runtime/transport": ["runtime/jsonrpc", "runtime/errors"],
  "runtime/schema": ["generated", "runtime/errors"],
  "runtime/protocol": ["generated", "runtime/jsonrpc", "runtime/transport", "runtime/errors"],
  "runtime/server": [
    "generated",
    "runtime/protocol",
    "runtime/schema",
    "runtime/jsonrpc",
    "runtime/transport",
    "runtime/errors",
  ],
  "runtime/client": [
    "generated",
    "runtime/protocol",
    "runtime/schema",
    "runtime/jsonrpc",
    "runtime/transport",
    "runtime/errors",
  ],
  generated: [],
};

const files = readdirSync(join(root, "runtime"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => `runtime/${name.replaceAll("\\", "/")}`);

function roomOf(path: string): string {
  if (path.startsWith("generated/")) return "generated";
  return path
    .split("/")
    .slice(0, 2)
    .join("/")
    .replace(/\.[jt]s$/, "");
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const found = [...text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map(([, path = ""]) => path);
  return found.map((path) => relative(root, join(root, dirname(file), path)).replaceAll("\\", "/"));
}

test("imports go one way", () => {
  const wrong = files.flatMap((file) => {
    const allowed = ALLOWED[roomOf(file)];
    if (allowed === undefined) return [];
    return importsOf(file)
      .map(roomOf)
      .filter((room) => room !== roomOf(file) && !allowed.includes(room))
      .map((room) => `${file} imports ${room}`);
  });
  expect(wrong).toEqual([]);
});

test("server and client know no revision and no era by name", () => {
  const names = revisions.map(({ revision }) => revision);
  const wrong = files
    .filter((file) => file.startsWith("runtime/server/") || file.startsWith("runtime/client/"))
    .filter((file) => {
      const code = readFileSync(join(root, file), "utf8");
      return names.some((name) => code.includes(name)) || /"state(ful|less)"|\.era === /.test(code);
    });
  expect(wrong).toEqual([]);
});

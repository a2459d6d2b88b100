/**
 * What a bundle carries for what it imports: a guard alone brings neither the words of `explain`, nor the methods, nor the guards
 * of payloads that it does not contain; types bring nothing. The ceilings of whole entries are in `.size-limit.json`.
 */

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { revisions } from "../../generated/revisions.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const ENTRY = "./generated/2025-11-25/index.ts";

async function bundle(source: string): Promise<string> {
  const result = await build({
    stdin: { contents: source, resolveDir: root, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2023",
    write: false,
    // One test imports without a use, which esbuild rightly warns of.
    logLevel: "error",
  });
  return result.outputFiles[0]?.text ?? "";
}

const gzip = (text: string): number => gzipSync(text).length;

/** Texts that only `lastFailure` and `explain` need, and facts of the method table. */
const ELSEWHERE = ["missing", "array of", "has no definition", "notifications/", "taskAugmentable", "resources/read"];

describe("one guard alone", () => {
  test.each([
    ["isTool", ["resource_link", "toolUseId", "jsonrpc", "maxTokens"]],
    ["isCallToolResult", ["inputSchema", "jsonrpc", "toolUseId", "replaceAll"]],
    ["isInitializeRequest", ["inputSchema", "resource_link", "tools/call"]],
    ["isTextContent", ["image", "mimeType", "isInteger", "replaceAll"]],
  ])("%s brings no more than it needs, in at most 1 KB", async (guard, strangers) => {
    const text = await bundle(`export { ${guard} } from "${ENTRY}";`);
    expect(text).toContain(guard);
    expect([...ELSEWHERE, ...strangers].filter((word) => text.includes(word))).toEqual([]);
    expect(gzip(text)).toBeLessThanOrEqual(1024);
  });
});

test("types bring nothing", async () => {
  expect(await bundle(`import type { Tool } from "${ENTRY}"; export type Own = Tool;`)).toBe("");
});

test("an import without a use brings nothing", async () => {
  expect(await bundle(`import { isTool } from "${ENTRY}"; import "${ENTRY}";`)).toBe("");
});

test("the guards of a revision bring no methods and no explain", async () => {
  const text = await bundle(`export * from "./generated/2025-11-25/guards.ts";`);
  const words = ["missing", "has no definition", "taskAugmentable"];
  expect(words.filter((word) => text.includes(word))).toEqual([]);
});

test("the method tables of all revisions share guards: at most 14 KB together", async () => {
  const tables = revisions.map(
    ({ revision }, index) => `export { methods as m${index} } from "./generated/${revision}/methods.ts";`,
  );
  expect(tables.length).toBeGreaterThanOrEqual(5);
  expect(gzip(await bundle(tables.join("\n")))).toBeLessThanOrEqual(14 * 1024);
});

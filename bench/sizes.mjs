/** What an import costs a bundle: esbuild, minified, gzip. Reads the package as an application would, by its public names. */

import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const NEWEST_STATEFUL = "2025-11-25";
const ALONE = ["isTool", "isCallToolResult", "isInitializeRequest", "isTextContent"];

const dynamicApart = {
  name: "dynamic-apart",
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "apart", external: true } : undefined,
    );
  },
};

/** The bundle of a module given as text. */
async function bundle(source) {
  const result = await build({
    stdin: { contents: source, resolveDir: root, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2023",
    platform: "neutral",
    // What is imported dynamically, HTTP and the schema library, is not in it: it is loaded when it is used.
    plugins: [dynamicApart],
    external: ["node:*"],
    write: false,
  });
  return result.outputFiles[0].text;
}

async function sizeOf(source) {
  const text = await bundle(source);
  return { minified: Buffer.byteLength(text), gzip: text === "" ? 0 : gzipSync(text).length };
}

async function sizesOf(sources) {
  const sizes = await Promise.all(Object.values(sources).map(sizeOf));
  return Object.fromEntries(Object.keys(sources).map((name, index) => [name, sizes[index]]));
}

/** Bytes of every import that has a bar, and of the neighbours that explain them. */
export async function measureSizes() {
  const generated = await readdir(new URL("../dist/generated/", import.meta.url));
  const revisions = generated.filter((name) => /^\d{4}-/.test(name)).sort();
  const all = revisions.map((name, index) => [name, index]);
  const tables = all.map(
    ([name, index]) => `export { methods as methods${index} } from "./dist/generated/${name}/methods.js";`,
  );
  return {
    guards: await sizesOf(
      Object.fromEntries(revisions.map((name) => [name, `export * from "./dist/generated/${name}/guards.js";`])),
    ),
    entries: await sizesOf(Object.fromEntries(revisions.map((name) => [name, `export * from "mcpwire/${name}";`]))),
    alone: await sizesOf(
      Object.fromEntries(ALONE.map((name) => [name, `export { ${name} } from "mcpwire/${NEWEST_STATEFUL}";`])),
    ),
    ...(await sizesOf({
      wire: tables.join("\n"),
      types: `import type { Tool } from "mcpwire/${NEWEST_STATEFUL}"; export type Own = Tool;`,
      main: 'export * from "mcpwire";',
      server: 'export { createServer } from "mcpwire/server";',
    })),
  };
}

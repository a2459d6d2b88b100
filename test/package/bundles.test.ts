/** The built run-time entries: few files to load, one copy of what has identity, and nothing of Node where it may not be. */

import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Plugin } from "esbuild";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const runtime = join(root, "dist/runtime");

interface Loaded {
  readonly files: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
}

/** What a process loads that imports a file, as far as it is imported statically. */
function loadedBy(entry: string): Loaded {
  const files = new Set([join(runtime, entry)]);
  const packages = new Set<string>();
  for (const file of files) {
    for (const [, target = ""] of readFileSync(file, "utf8").matchAll(/^(?:import|export|\}) ?.*?"([^"]+)";$/gm)) {
      if (target.startsWith(".")) files.add(join(dirname(file), target));
      else packages.add(target);
    }
  }
  return { files, packages };
}

test("a server is two files", () => {
  const files = [...loadedBy("server/index.js").files].map((file) => relative(runtime, file));
  expect(files.length, files.join(", ")).toBe(2);
});

test.each(["index.js", "server/index.js", "client/index.js", "outbound/index.js"])(
  "%s imports nothing of Node before it is used",
  (entry) => {
    expect([...loadedBy(entry).packages]).toEqual([]);
  },
);

test("authorization of clients needs nothing of Node but its packages", () => {
  expect([...loadedBy("auth/index.js").packages].sort()).toEqual(["jose", "oauth4webapi"]);
});

test("a server does not bring the other end of stdio", () => {
  expect([...loadedBy("stdio.js").packages].sort()).toContain("node:child_process");
  expect(readFileSync(join(runtime, "server/index.js"), "utf8")).not.toContain("child_process");
});

test("errors are of the same classes whichever entry they come from", async () => {
  const load = (entry: string): Promise<Record<string, unknown>> => import(pathToFileURL(join(runtime, entry)).href);
  const [server, client] = await Promise.all([load("server/index.js"), load("client/index.js")]);
  const shared = Object.keys(server).filter((name) => name.endsWith("Error"));
  expect(shared.length).toBeGreaterThanOrEqual(6);
  for (const name of shared) expect(client[name], name).toBe(server[name]);
});

/** HTTP and the schema library are imported when they are used. */
const dynamicApart: Plugin = {
  name: "dynamic-apart",
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "apart", external: true } : undefined,
    );
  },
};

test("a server with stdio is at most 35 KB, minified and gzipped", async () => {
  const contents = 'export { createServer } from "./dist/runtime/server/index.js";';
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2023",
    plugins: [dynamicApart],
    write: false,
  });
  const text = outputFiles[0]?.text ?? "";
  expect(text).toContain("createServer");
  expect(gzipSync(text).length).toBeLessThanOrEqual(35 * 1024);
});

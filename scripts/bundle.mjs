/**
 * Makes few files of the many that `tsc` wrote for the run-time entries of the package, in the same places: loading a file costs a
 * process about as much as running it.
 *
 * What a stdio server loads and other entries need too is one file, the core; so classes and state exist once whichever entries are
 * loaded. What is imported dynamically stays apart. Generated files keep their own entries, for those who import single guards.
 */

import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = join(root, "dist/runtime");
const CORE = "mcpwire-core";

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const entries = runtimeFiles(Object.values(manifest.exports).map((target) => target.default));
const commands = runtimeFiles(Object.values(manifest.bin));
/** What a server over stdio runs on. */
const start = "dist/runtime/server/index.js";

const common = {
  absWorkingDir: root,
  outbase: outdir,
  outdir,
  bundle: true,
  format: "esm",
  target: "es2023",
  platform: "node",
  packages: "external",
  logLevel: "warning",
  write: false,
};

const core = await createCore();
const [library, programs] = await Promise.all([
  bundle(entries, [core]),
  // A command is a process of its own, so it shares nothing with the library.
  bundle(commands, [generatorApart()]),
]);
removeModules(outdir);
for (const { path, text } of [...library, ...programs]) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** The built files of the runtime among the targets, without repetition. */
function runtimeFiles(targets) {
  const files = targets.filter((target) => target?.startsWith("./dist/runtime/"));
  if (files.length === 0) throw new Error("package.json names no entry below dist/runtime.");
  return [...new Set(files)].map((file) => resolve(root, file));
}

async function bundle(entryPoints, plugins) {
  const chunkNames = "shared/[hash]";
  const { outputFiles } = await build({ ...common, entryPoints, plugins, chunkNames, splitting: true });
  // What stood for modules of the core is empty, and yet imported for the order of evaluation.
  const empty = new Set(outputFiles.filter(({ text }) => text === "").map(({ path }) => basename(path)));
  return outputFiles
    .filter(({ text }) => text !== "")
    .map(({ path, text }) => ({
      path,
      text: text.replace(/^import "[^"]*\/([^"/]+)";\n/gm, (line, file) => (empty.has(file) ? "" : line)),
    }));
}

/** Every file that each entry imports statically. What is imported dynamically is an entry too. */
async function staticImports() {
  const { metafile } = await build({ ...common, entryPoints: entries, metafile: true, splitting: true });
  const importsOf = (file, wanted) =>
    metafile.inputs[file].imports
      .filter(({ kind, external }) => kind === wanted && external !== true)
      .map(({ path }) => path);
  const dynamic = Object.keys(metafile.inputs).flatMap((file) => importsOf(file, "dynamic-import"));
  const roots = [...entries.map((entry) => relative(root, entry).split(sep).join("/")), ...dynamic];
  return new Map(
    [...new Set(roots)].map((entry) => {
      const reached = new Set([entry]);
      for (const file of reached) for (const path of importsOf(file, "import-statement")) reached.add(path);
      return [entry, reached];
    }),
  );
}

/** A plugin that puts one module in the place of all those that belong to the core. */
async function createCore() {
  const reached = await staticImports();
  const users = (file) => [...reached.values()].filter((files) => files.has(file)).length;
  const files = [...reached.get(start)].filter((file) => users(file) > 1);
  const modules = await Promise.all(
    files.map(async (file, index) => {
      const path = join(root, file);
      const names = Object.keys(await import(pathToFileURL(path)));
      return { path, names: names.map((name) => ({ name, inCore: `${name}_${index}` })) };
    }),
  );
  const clause = (names, write) => `{ ${names.map(write).join(", ")} }`;
  const exported = modules.map(
    ({ path, names }) =>
      `export ${clause(names, ({ name, inCore }) => `${name} as ${inCore}`)} from ${JSON.stringify(path)};`,
  );
  const dynamicApart = {
    name: "dynamic-apart",
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) =>
        kind === "dynamic-import" ? { path: join(resolveDir, path), external: true } : undefined,
      );
    },
  };
  const stdin = { contents: exported.join("\n"), resolveDir: root, loader: "js" };
  const { outputFiles } = await build({ ...common, stdin, plugins: [dynamicApart] });
  const shims = new Map(
    modules.map(({ path, names }) => [
      path,
      `export ${clause(names, ({ name, inCore }) => `${inCore} as ${name}`)} from "${CORE}";`,
    ]),
  );
  return {
    name: CORE,
    setup({ onLoad, onResolve }) {
      onResolve({ filter: new RegExp(`^${CORE}$`) }, () => ({ path: CORE, namespace: CORE, sideEffects: false }));
      onLoad({ filter: /.*/, namespace: CORE }, () => ({ contents: outputFiles[0].text, resolveDir: root }));
      onLoad({ filter: /\.js$/, namespace: "file" }, ({ path }) =>
        shims.has(path) ? { contents: shims.get(path), resolveDir: root } : undefined,
      );
    },
  };
}

/**
 * Leaves the generator outside: it is a program of its own, and knows where its files are. Whatever of a command imports it lies in
 * a folder right below `dist/runtime`.
 */
function generatorApart() {
  return {
    name: "generator-apart",
    setup({ onResolve }) {
      onResolve({ filter: /\/codegen\// }, ({ path }) => ({
        path: path.replace(/^.*\/codegen\//, "../../codegen/"),
        external: true,
      }));
    },
  };
}

/** Removes the single modules, and the folders that hold nothing then; declarations stay. */
function removeModules(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeModules(path);
    else if (entry.name.endsWith(".js")) rmSync(path);
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

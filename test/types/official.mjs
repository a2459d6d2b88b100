/**
 * Writes `official-<package>-<revision>.ts`: one line for each definition that mcpwire and the package publish under the same
 * name, in both directions, with the exceptions of `exceptions.mjs`. Run with `--write` after a change of either side; without,
 * it checks that the files are up to date. The compiler then checks the lines.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Project, ts } from "ts-morph";
import { exceptions, reasons } from "./exceptions.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const packages = {
  sdk: "@modelcontextprotocol/sdk/types.js",
  client: "@modelcontextprotocol/client",
  server: "@modelcontextprotocol/server",
};
const revisions = ["2025-11-25", "2026-07-28"];
const project = new Project({
  skipAddingFilesFromTsConfig: true,
  compilerOptions: { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
});

/** Names of the types that a module exports. */
function typesOf(specifier) {
  const probe = project.createSourceFile(join(here, "probe.ts"), `export * from "${specifier}";`, { overwrite: true });
  const module = probe.getExportDeclarations()[0].getModuleSpecifierSourceFileOrThrow();
  const types = module.getExportSymbols().filter((symbol) => {
    const declarations = (symbol.getAliasedSymbol() ?? symbol).getDeclarations();
    return declarations.some(
      (node) => ts.isInterfaceDeclaration(node.compilerNode) || ts.isTypeAliasDeclaration(node.compilerNode),
    );
  });
  return types.map((symbol) => symbol.getName()).sort();
}

function rows(label, revision, direction, names) {
  const [from, to] = direction === "to" ? ["ours", "theirs"] : ["theirs", "ours"];
  return names.flatMap((name) => {
    const line = `  Passes<${from}.${name}, ${to}.${name}>,`;
    const row = exceptions.find(
      (row) =>
        row.packages.includes(label) &&
        row.revision === revision &&
        row.direction === direction &&
        row.names.includes(name),
    );
    if (row === undefined) return [line];
    const { why, mend } = reasons[row.reason];
    return [
      `  // @ts-expect-error ${row.reason}: ${why}`,
      line,
      ...(mend === undefined ? [] : [`  Passes<Inhabited<mends.${mend}<${from}.${name}>>, ${to}.${name}>,`]),
      ...(row.as === undefined ? [] : [`  Passes<${from}.${name}, ${to}.${row.as}>,`]),
    ];
  });
}

function textOf(label, revision, names) {
  const to = rows(label, revision, "to", names);
  const from = rows(label, revision, "from", names);
  const uses = to.concat(from).some((line) => line.includes("mends."));
  return [
    `/** Values of MCP revision ${revision} to and from \`${packages[label]}\`. Written by \`official.mjs\`. */`,
    "",
    `import type * as theirs from "${packages[label]}";`,
    `import type * as ours from "mcpwire/${revision}";`,
    ...(uses ? ['import type * as mends from "./mends.js";'] : []),
    `import type { ${uses ? "Inhabited, " : ""}Passes } from "./mends.js";`,
    "",
    "export type ToOfficial = [",
    ...to,
    "];",
    "",
    "export type FromOfficial = [",
    ...from,
    "];",
    "",
  ].join("\n");
}

/** An exception for a name that is not published by both would never be checked. */
function strangers(label, revision, names) {
  const own = exceptions.filter((row) => row.packages.includes(label) && row.revision === revision);
  return own.flatMap((row) =>
    row.names.filter((name) => !names.includes(name)).map((name) => `${row.reason}: ${name}`),
  );
}

let stale = 0;
for (const [label, specifier] of Object.entries(packages)) {
  const theirs = typesOf(specifier);
  for (const revision of revisions) {
    const ours = new Set(typesOf(`../../generated/${revision}/types.js`));
    const names = theirs.filter((name) => ours.has(name));
    const file = join(here, `official-${label}-${revision}.ts`);
    const text = textOf(label, revision, names);
    for (const stranger of strangers(label, revision, names)) {
      console.error(`exceptions.mjs, ${label} ${revision}: ${stranger} is not published by both`);
      stale++;
    }
    if (process.argv.includes("--write")) writeFileSync(file, text);
    else if (readFileSync(file, "utf8") !== text) {
      console.error(`${file} is not up to date; run: node test/types/official.mjs --write`);
      stale++;
    }
    console.log(`${label} ${revision}: ${names.length} definitions under the same name`);
  }
}
process.exitCode = stale === 0 ? 0 : 1;

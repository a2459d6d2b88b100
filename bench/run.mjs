/**
 * `npm run bench [-- --json [FILE]] [--only valid,invalid,sizes,imports,generate]`: measures the built package, prints a table
 * of the figures that have a bar, and with `--json` writes every figure. Exit 1 where a bar is missed.
 */

import { writeFile } from "node:fs/promises";
import { rowsOf } from "./bars.mjs";
import { measureGenerate, measureImports } from "./processes.mjs";
import { measureSizes } from "./sizes.mjs";
import { measureInvalid, measureValid } from "./validity.mjs";

const SECTIONS = {
  valid: measureValid,
  invalid: measureInvalid,
  sizes: measureSizes,
  imports: measureImports,
  generate: measureGenerate,
};

/** The value after an option, unless the next word is an option too. */
function wordAfter(option) {
  const next = process.argv[process.argv.indexOf(option) + 1];
  return next === undefined || next.startsWith("--") ? undefined : next;
}

async function measure(wanted, definitions) {
  const figures = { node: process.version, architecture: process.arch };
  for (const name of wanted) {
    process.stderr.write(`${name} …\n`);
    figures[name] = await SECTIONS[name]({ definitions });
  }
  return figures;
}

function table(rows) {
  const head = ["measure", "figure", "median", "bar", ""];
  const lines = rows.map((row) => [row.measure, row.shown, row.median, row.bar, row.met ? "met" : "MISSED"]);
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column].length)));
  const write = (line) => line.map((cell, column) => cell.padEnd(widths[column])).join("  ");
  return [head, ...lines].map((line) => write(line).trimEnd()).join("\n");
}

const json = process.argv.includes("--json");
const file = json ? wordAfter("--json") : undefined;
const wanted = process.argv.includes("--only") ? (wordAfter("--only") ?? "").split(",") : Object.keys(SECTIONS);
const unknown = wanted.filter((name) => !Object.hasOwn(SECTIONS, name));
if (unknown.length > 0) {
  console.error(`--only knows ${Object.keys(SECTIONS).join(", ")}, not "${unknown.join(", ")}"`);
  process.exit(2);
}
const figures = await measure(wanted, json);
const rows = rowsOf(figures);
const text = `${JSON.stringify({ ...figures, bars: rows }, undefined, 2)}\n`;
if (json && file === undefined) process.stdout.write(text);
else console.log(table(rows));
if (file !== undefined) await writeFile(file, text);
process.exitCode = rows.every((row) => row.met) ? 0 : 1;

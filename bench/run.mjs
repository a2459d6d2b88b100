/**
 * `npm run bench [-- SECTION … --json [FILE]]`: measures the built package, prints a table of the figures that have a bar with those of
 * the peers beside them, and with `--json` writes every figure. Without a section it measures all, which takes many minutes; `--own`
 * leaves the peers out. Exit 1 where a bar is missed.
 */

import { writeFile } from "node:fs/promises";
import { rowsOf } from "./bars.mjs";
import { runtimeRowsOf } from "./runtime-bars.mjs";

/** Files are loaded when they are wanted: most need the peers, whose packages may not be there. */
const SECTIONS = {
  valid: ["./validity.mjs", "measureValid"],
  invalid: ["./validity.mjs", "measureInvalid"],
  sizes: ["./sizes.mjs", "measureSizes"],
  imports: ["./processes.mjs", "measureImports"],
  generate: ["./processes.mjs", "measureGenerate"],
  stdio: ["./stdio.mjs", "measureStdio"],
  http: ["./http.mjs", "measureHttp"],
  auth: ["./auth.mjs", "measureAuth"],
  memory: ["./pairs.mjs", "measureMemory"],
  lists: ["./pairs.mjs", "measureLists"],
  large: ["./large.mjs", "measureLarge"],
  startup: ["./startup.mjs", "measureStartup"],
  sessions: ["./heap.mjs", "measureSessions"],
  flight: ["./heap.mjs", "measureFlight"],
  retained: ["./heap.mjs", "measureRetained"],
  tasks: ["./tasks.mjs", "measureTasks"],
  scaling: ["./scaling.mjs", "measureScaling"],
};

/** The value after an option, unless the next word is an option too. */
function wordAfter(option) {
  const next = process.argv[process.argv.indexOf(option) + 1];
  return next === undefined || next.startsWith("--") ? undefined : next;
}

async function measure(wanted, options) {
  const figures = { node: process.version, architecture: process.arch };
  for (const name of wanted) {
    process.stderr.write(`${name} …\n`);
    const [file, measureSection] = SECTIONS[name];
    figures[name] = await (await import(file))[measureSection](options);
  }
  return figures;
}

function table(rows) {
  const head = ["measure", "figure", "median", "bar", "", "peers"];
  const verdictOf = (row) => (row.met === undefined ? "" : row.met ? "met" : "MISSED");
  const lines = rows.map((row) => [row.measure, row.shown, row.median, row.bar, verdictOf(row), row.peers ?? ""]);
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column].length)));
  const write = (line) => line.map((cell, column) => cell.padEnd(widths[column])).join("  ");
  return [head, ...lines].map((line) => write(line).trimEnd()).join("\n");
}

const json = process.argv.includes("--json");
const file = json ? wordAfter("--json") : undefined;
const named = process.argv.slice(2).filter((word) => !word.startsWith("--") && word !== file);
const wanted = named.length === 0 ? Object.keys(SECTIONS) : named.flatMap((word) => word.split(","));
const unknown = wanted.filter((name) => !Object.hasOwn(SECTIONS, name));
if (unknown.length > 0) {
  console.error(`The sections are ${Object.keys(SECTIONS).join(", ")}, not "${unknown.join(", ")}"`);
  process.exit(2);
}
const figures = await measure(wanted, { definitions: json, peers: !process.argv.includes("--own") });
const rows = [...rowsOf(figures), ...runtimeRowsOf(figures)];
const text = `${JSON.stringify({ ...figures, bars: rows }, undefined, 2)}\n`;
if (json && file === undefined) process.stdout.write(text);
else console.log(table(rows));
if (file !== undefined) await writeFile(file, text);
process.exit(rows.every((row) => row.met) ? 0 : 1);

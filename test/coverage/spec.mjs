/**
 * Prints which requirements have a test and which have none: `npm run coverage:spec -- [--all] [--strict] [file …]`.
 * MUSTs of the files below, or of the files named by number. `--all` takes every level; `--strict` fails where one has no test.
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { later, outside } from "./exempt.mjs";
import { readRequirements, readUses } from "./read.mjs";

/** What the runtime answers for. */
const FILES = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: "boolean" }, strict: { type: "boolean" }, tests: { type: "string" } },
});
const requirements = readRequirements(fileURLToPath(new URL("requirements", import.meta.url)));
const uses = readUses(values.tests ?? fileURLToPath(new URL("..", import.meta.url)));
const waiting = Object.fromEntries(Object.entries(later).filter(([id]) => !uses.has(id)));
const exempt = { ...outside, ...waiting };
const files = positionals.length > 0 ? positionals : FILES;
const titles = new Map([...requirements.values()].map(({ file, title }) => [file, title]));
const word = values.all === true ? "requirements" : "MUSTs";

const faults = findFaults();
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}
const chosen = [...requirements.values()].filter(
  ({ file, level }) => files.includes(file) && (values.all === true || level.startsWith("MUST")),
);
const lacking = files.reduce((sum, file) => sum + printFile(file), 0);
printReasons("Nothing that a toolkit could meet", outside);
printReasons("Nothing yet, for want of", waiting);
const applying = chosen.filter(({ id }) => !Object.hasOwn(exempt, id)).length;
console.log(`\n${applying - lacking} of ${applying} ${word} have a test.`);
if (values.strict === true && lacking > 0) process.exitCode = 1;

/** What makes the count worthless: IDs that are none, and reasons that no longer hold. */
function findFaults() {
  const named = Object.keys({ ...outside, ...later });
  return [
    ...[...uses].filter(([id]) => !requirements.has(id)).map(([id, [place]]) => `${place}: ${id} is no requirement.`),
    ...named.filter((id) => !requirements.has(id)).map((id) => `exempt.mjs: ${id} is no requirement.`),
    ...Object.keys(outside)
      .filter((id) => uses.has(id))
      .map((id) => `exempt.mjs: ${id} has a test: ${uses.get(id)[0]}.`),
    ...files.filter((file) => !titles.has(file)).map((file) => `There is no file ${file} of requirements.`),
  ];
}

/** Prints the count of a file and what has no test; gives how many these are. */
function printFile(file) {
  const ofFile = chosen.filter((one) => one.file === file);
  const apply = ofFile.filter(({ id }) => !Object.hasOwn(exempt, id));
  const without = apply.filter(({ id }) => !uses.has(id));
  const rest = ofFile.length - apply.length;
  const aside = rest === 0 ? "" : `, ${rest} left aside`;
  console.log(`${titles.get(file)}: ${apply.length - without.length} of ${apply.length} ${word} have a test${aside}`);
  for (const { id, revisions, level, role, text } of without)
    console.log(`  no test: ${id} · ${revisions} · ${level} · ${role} · ${text}`);
  return without.length;
}

function printReasons(heading, reasons) {
  const shown = chosen.filter(({ id }) => Object.hasOwn(reasons, id));
  if (shown.length === 0) return;
  console.log(`\n${heading}:`);
  for (const { id } of shown) console.log(`  ${id}: ${reasons[id]}`);
}

/** Reads the two sides of the coverage of the specification: the requirements, and the tests that name them. */

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const LINE = /^- ([A-Z]+-\d+) · ([^·]+) · (MUST|MUST NOT|SHOULD|SHOULD NOT|MAY|FACT) · (\w+) · (\S.*)$/;

/** Every requirement by ID, in the order of the files. Throws for a line that is none, and for an ID that comes twice. */
export function readRequirements(folder) {
  const requirements = new Map();
  for (const name of readdirSync(folder).sort()) {
    if (!/^\d\d-.*\.md$/.test(name)) continue;
    const [title = "", ...lines] = readFileSync(join(folder, name), "utf8").split("\n");
    for (const line of lines) {
      if (line === "" || /^#{2,3} /.test(line)) continue;
      const [, id, revisions, level, role, text] = LINE.exec(line) ?? [];
      if (id === undefined) throw new Error(`${name}: no requirement is written like this: ${line}`);
      if (requirements.has(id)) throw new Error(`${name}: ${id} is there twice.`);
      requirements.set(id, { id, revisions, level, role, text, file: name.slice(0, 2), title: title.slice(2) });
    }
  }
  return requirements;
}

/** A call of `verifies`, or the IDs of a row in a table of tests, which a call then spreads. */
const NAMING = /\bverifies\(([^()]*)\)|\bids: \[([^[\]]*)\]/g;

/** Where each ID is named in a file of tests: ID → places. Throws where something else than IDs is named. */
export function readUses(folder) {
  const uses = new Map();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !/\.m?[jt]s$/.test(entry.name) || file.includes("node_modules")) continue;
    if (basename(file) === "verifies.ts" || /\.d\.m?ts$/.test(file)) continue;
    const text = readFileSync(file, "utf8");
    for (const { 1: given, 2: listed, index } of text.matchAll(NAMING)) {
      const place = `${file}:${text.slice(0, index).split("\n").length}`;
      for (const id of idsIn(given ?? listed, place)) uses.set(id, [...(uses.get(id) ?? []), place]);
    }
  }
  return uses;
}

function idsIn(text, place) {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.at(-1) === "") parts.pop();
  return parts.flatMap((part) => {
    if (/^\.\.\.[\w.]+\.ids$/.test(part)) return [];
    const [, id] = /^"([A-Z]+-\d+)"$/.exec(part) ?? [];
    if (id === undefined) throw new Error(`${place}: requirements are named by IDs in double quotes, not by ${part}.`);
    return [id];
  });
}

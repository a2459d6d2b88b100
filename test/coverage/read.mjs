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

/** Where each ID is named by a call of `verifies` in a file of tests: ID → places. Throws where something else than IDs stands in the brackets. */
export function readUses(folder) {
  const uses = new Map();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !/\.m?[jt]s$/.test(entry.name) || file.includes("node_modules")) continue;
    if (basename(file) === "verifies.ts" || /\.d\.m?ts$/.test(file)) continue;
    const text = readFileSync(file, "utf8");
    for (const { 1: inside, index } of text.matchAll(/\bverifies\(([^()]*)\)/g)) {
      const place = `${file}:${text.slice(0, index).split("\n").length}`;
      const ids = inside.split(",").map((part) => part.trim());
      if (ids.at(-1) === "") ids.pop();
      for (const quoted of ids) {
        const [, id] = /^"([A-Z]+-\d+)"$/.exec(quoted) ?? [];
        if (id === undefined) throw new Error(`${place}: verifies() takes IDs in double quotes, not ${quoted}.`);
        uses.set(id, [...(uses.get(id) ?? []), place]);
      }
    }
  }
  return uses;
}

/** What takes whole processes: the cold import of an entry over bare Node, and the generator over every revision. */

import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { summary } from "./stats.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const SPAWNS = 30;

const PROGRAMS = {
  bare: "",
  "mcpwire/2025-11-25": 'import "mcpwire/2025-11-25";',
  mcpwire: 'import "mcpwire";',
  "mcpwire/server": 'import "mcpwire/server";',
};

/** Milliseconds that a process with the program takes from start to end. */
function timeOf(program) {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { cwd: root });
  const time = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`the import failed: ${stderr}`);
  return time;
}

/** Milliseconds of whole processes, turn by turn, and what each import adds to the bare one. */
export function measureImports() {
  const names = Object.keys(PROGRAMS);
  const times = new Map(names.map((name) => [name, []]));
  for (let round = -2; round < SPAWNS; round++) {
    for (const name of names) {
      const time = timeOf(PROGRAMS[name]);
      if (round >= 0) times.get(name).push(time);
    }
  }
  const processes = Object.fromEntries([...times].map(([name, sample]) => [name, summary(sample)]));
  const added = (name) => ({
    low: processes[name].low - processes.bare.low,
    median: processes[name].median - processes.bare.median,
  });
  return { processes, added: Object.fromEntries(names.slice(1).map((name) => [name, added(name)])) };
}

/** Seconds that a new process needs to generate all revisions into an empty folder, the start of Node included. */
export async function measureGenerate() {
  const out = await mkdtemp(join(tmpdir(), "mcpwire-bench-"));
  const program = `import { generateProject } from "./dist/codegen/main.js";
    await generateProject({ schemas: "schema", out: ${JSON.stringify(out)} });`;
  try {
    const runs = Array.from({ length: 3 }, () => timeOf(program) / 1000);
    return { seconds: summary(runs) };
  } finally {
    await rm(out, { recursive: true });
  }
}

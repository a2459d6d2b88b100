/**
 * `npm start`: the main job on real input. Generates every revision anew and compares, shows what changed from revision to
 * revision, records a conversation with a server that is not ours and checks every message of it, then asks a server at each revision.
 */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { countDiff, diffModels } from "../../dist/codegen/diff.js";
import { generateProject } from "../../dist/codegen/main.js";
import { readProject } from "../../dist/codegen/read.js";
import { createConversationChecker, revisions } from "../../dist/runtime/index.js";
import { roundTrip } from "../round-trip.mjs";
import { record } from "./record.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const SERVER = join(HERE, "node_modules/@modelcontextprotocol/server-everything/dist/index.js");

/** Generates into an empty folder and compares that with `generated/`, file by file. */
async function regenerate() {
  const out = await mkdtemp(join(tmpdir(), "mcpwire-"));
  const began = performance.now();
  try {
    const { files } = await generateProject({ schemas: "schema", out });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    for (const file of await readdir(out, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) await compareFiles(join(file.parentPath, file.name), out);
    }
    console.log(`1. Generated ${files} files from the schemas in ${seconds} s; generated/ holds the same.\n`);
  } finally {
    await rm(out, { recursive: true });
  }
}

async function compareFiles(fresh, out) {
  const committed = join("generated", relative(out, fresh));
  const [left, right] = await Promise.all([readFile(fresh), readFile(committed)]);
  if (!left.equals(right)) throw new Error(`${committed} is not what the schemas give; run: npm run generate`);
}

async function showRevisions() {
  const { models } = await readProject("schema");
  console.log("2. The revisions, and what each changed:\n");
  console.log("   revision    era        definitions  methods  added  removed  changed  breaking for client/server");
  for (const [index, model] of models.entries()) {
    const before = models[index - 1];
    const own = Object.values(model.definitions).filter(
      (definition) => definition.extension === undefined && !definition.synthesized,
    );
    const methods = model.methods.filter((method) => method.extension === undefined);
    const row = [
      model.revision,
      model.era.padEnd(9),
      String(own.length).padStart(12),
      String(methods.length).padStart(8),
    ];
    console.log(`   ${row.join("  ")}${before === undefined ? "" : sizeOf(diffModels(before, model))}`);
  }
  console.log();
}

function sizeOf(diff) {
  const { definitions, methods, breaking } = countDiff(diff);
  const sum = (key) => String(definitions[key] + methods[key]);
  const broken = (side) => breaking[side].sender + breaking[side].receiver;
  return `  ${sum("added").padStart(5)}  ${sum("removed").padStart(7)}  ${sum("changed").padStart(7)}  ${broken("client")}/${broken("server")}`;
}

function installServer() {
  if (existsSync(SERVER)) return;
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  execFileSync(npm, ["ci", "--silent", "--ignore-scripts", "--prefix", HERE], {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
}

async function checkConversation() {
  installServer();
  console.log("3. A conversation with @modelcontextprotocol/server-everything over stdio:\n");
  const messages = await record(process.execPath, [SERVER, "stdio"]);
  const { reports, revision } = checkAll(messages);
  const kinds = [...countBy(reports)];
  console.log(
    `   ${messages.length} messages at revision ${revision}: ${kinds.map(([kind, count]) => `${count} × ${kind}`).join(", ")}`,
  );
  const misfits = reports.filter((report) => !report.ok);
  for (const misfit of misfits) printMisfit(misfit);
  console.log(
    `   Verdict: ${misfits.length === 0 ? "every message fits." : `${misfits.length} messages do not fit.`}\n`,
  );
  showThatItCanFail(messages);
  return misfits.length === 0;
}

function countBy(reports) {
  const counts = new Map();
  for (const { kind = "unreadable" } of reports) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function checkAll(messages) {
  const checker = createConversationChecker();
  const reports = messages.map((recorded) => checker.feed(recorded));
  return { reports, revision: checker.revision };
}

/** The same record with one member of one message spoilt: the check must name the place. */
function showThatItCanFail(messages) {
  const spoilt = structuredClone(messages);
  const answer = spoilt.find(({ message }) => message.result?.tools?.length > 1);
  answer.message.result.tools[1].inputSchema.type = "text";
  console.log("   The same record with one member spoilt:");
  for (const report of checkAll(spoilt).reports) if (!report.ok) printMisfit(report);
}

function printMisfit({ from, kind, method, failures }) {
  for (const { pointer, expected, actual } of failures) {
    console.log(`   ${from} ${kind} ${method ?? ""}: ${pointer}: expected ${expected}, found ${actual}`);
  }
}

await regenerate();
await showRevisions();
if (!(await checkConversation())) process.exitCode = 1;
console.log("\n4. The same server answers at every revision, over stdio and over HTTP:\n");
await roundTrip(revisions);

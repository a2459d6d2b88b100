/**
 * Stands between a client and the server that it starts: `node stdio-tap.mjs <folder> <command> <args…>`. What passes is written to a
 * file of the folder before it is handed on, so a client that has an answer can read the record of it.
 */

import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";

const [folder, command, ...args] = process.argv.slice(2);
const record = join(folder, `${process.hrtime.bigint()}.jsonl`);
const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });

/** Hands chunks on from one end to the other, once their whole lines were written down. */
function pass(from, source, target) {
  let rest = Buffer.alloc(0);
  source.on("data", (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const end = rest.lastIndexOf(10) + 1;
    const lines = rest.subarray(0, end).toString("utf8").split("\n");
    rest = rest.subarray(end);
    const entries = lines.filter((line) => line.trim() !== "").map((text) => `${JSON.stringify({ from, text })}\n`);
    if (entries.length > 0) appendFileSync(record, entries.join(""));
    target.write(chunk);
  });
  source.on("end", () => target.end());
}

pass("client", process.stdin, child.stdin);
pass("server", child.stdout, process.stdout);
// The server may be gone before its client noticed.
child.stdin.on("error", (error) => process.stderr.write(`stdio-tap: ${error.message}\n`));
child.on("error", (error) => {
  process.stderr.write(`stdio-tap: ${error.message}\n`);
  process.exitCode = 127;
});
child.on("exit", (code, signal) => {
  process.exitCode = code ?? (signal === null ? 1 : 128);
  process.stdin.destroy();
});
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => child.kill(signal));

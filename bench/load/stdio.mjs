/** A load generator for servers over stdio that is cheaper than any of them: it writes ready texts and counts the ends of lines. */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ERAS } from "./messages.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const NEWLINE = 10;
const PATIENCE_MS = 60_000;

/** Starts a server; `file` is named from the root of the project. */
export function startServer(file, ...args) {
  const child = spawn(process.execPath, [file, ...args], { cwd: root, stdio: ["pipe", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr = (stderr + text).slice(-2_000);
  });
  const gone = new Promise((_, reject) => {
    child.once("exit", (code, signal) => reject(new Error(`${file} ended with ${code ?? signal}: ${stderr}`)));
  });
  // Whoever waits for an answer hears of it; between the blocks nobody does.
  gone.catch(() => undefined);
  return { child, file, gone };
}

export function stopServer({ child }) {
  child.removeAllListeners("exit");
  child.kill("SIGKILL");
}

/** Sends texts and gives the answers to them, as text. */
export async function exchange({ child, file, gone }, texts, answers) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${file} did not answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  const answered = new Promise((resolve) => {
    let received = "";
    const take = (chunk) => {
      received += chunk;
      const lines = received.split("\n");
      if (lines.length <= answers) return;
      child.stdout.off("data", take);
      resolve(lines.slice(0, answers));
    };
    child.stdout.on("data", take);
  });
  child.stdin.write(texts.map((text) => `${text}\n`).join(""));
  try {
    return await Promise.race([answered, gone, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Opens a session where the era has one, and makes sure that the server does what is asked of it. */
export async function openSession(server, era, request, expected) {
  const { initialize, initialized } = ERAS[era];
  if (initialize !== undefined) {
    await exchange(server, [initialize], 1);
    server.child.stdin.write(`${initialized}\n`);
  }
  const [answer] = await exchange(server, [request(1)], 1);
  if (!answer.includes(expected) || answer.includes('"error"')) throw new Error(`${server.file} answered ${answer}`);
}

function countLines(chunk) {
  let count = 0;
  for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** Requests a second, with so many in flight all the time. */
export async function throughput(server, request, { flight, requests }) {
  const { child, gone } = server;
  let sent = 0;
  let received = 0;
  const send = (count) => {
    let text = "";
    for (const last = Math.min(sent + count, requests); sent < last; sent++) text += `${request(sent)}\n`;
    if (text !== "") child.stdin.write(text);
  };
  const start = process.hrtime.bigint();
  const done = new Promise((resolve) => {
    const take = (chunk) => {
      const count = countLines(chunk);
      received += count;
      if (received < requests) return send(count);
      child.stdout.off("data", take);
      resolve(undefined);
    };
    child.stdout.on("data", take);
    send(flight);
  });
  await Promise.race([done, gone]);
  if (received !== requests) throw new Error(`${server.file} gave ${received} answers to ${requests} requests`);
  return requests / (Number(process.hrtime.bigint() - start) / 1e9);
}

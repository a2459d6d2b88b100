/** A server over HTTP in a process of its own, from the built package: what brings it down is seen from outside. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";

const entry = new URL("../../../dist/runtime/server/index.js", import.meta.url).href;

/** Serves until a line comes on stdin, and must then end by itself. */
const script = `
import { createServer } from ${JSON.stringify(entry)};
const server = createServer({ name: "child", version: "1", onerror: () => undefined });
server.tool("echo", { input: { type: "object", properties: { text: { type: "string" } } } }, ({ text }) => text ?? "");
server.tool("say", {}, async (_args, ctx) => {
  for (let step = 0; step < 5; step++) {
    ctx.log("error", "step");
    ctx.progress({ progress: step });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return "said";
});
server.tool("ask", {}, async (_args, ctx) => String((await ctx.roots()).length));
server.tool("wait", {}, (_args, ctx) => new Promise((resolve) => ctx.signal.addEventListener("abort", () => resolve("late"))));
server.resource("memo://a", { name: "a" }, () => "text");
const { url } = await server.serveHttp({ maxBodyBytes: 100_000, requestTimeoutMs: 5_000, ...JSON.parse(process.argv[1] ?? "{}") });
process.stdout.write(url + "\\n");
process.stdin.once("data", () => {
  process.stdin.destroy();
  void server.close();
});
`;

export interface Child {
  readonly url: string;
  readonly process: ChildProcess;
  /** What it wrote to stderr. */
  errors(): string;
  /** Asks it to close, and gives the code with which it ends. */
  close(): Promise<number | null>;
}

export async function startChild(options: object = {}): Promise<Child> {
  const args = ["--unhandled-rejections=strict", "--input-type=module", "-e", script, JSON.stringify(options)];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "exit");
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [line] = (await Promise.race([once(child.stdout, "data"), ended])) as [Buffer | number];
  if (typeof line === "number") throw new Error(`The child ended at once: ${errors}`);
  return {
    url: line.toString().trim(),
    process: child,
    errors: () => errors,
    async close() {
      child.stdin.write("close\n");
      const [code] = await ended;
      return code as number | null;
    },
  };
}

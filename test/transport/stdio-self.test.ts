import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createPeer } from "../../runtime/jsonrpc/peer.js";
import { createChildChannel } from "../../runtime/transport/stdio-child.js";
import { verifies } from "../verifies.js";
import { type Compiled, compileRuntime } from "./compiled.js";
import { isGone } from "./processes.js";

const fixture = fileURLToPath(new URL("fixtures/self.mjs", import.meta.url));
let compiled: Compiled;
const children: ChildProcessWithoutNullStreams[] = [];

beforeAll(() => {
  compiled = compileRuntime();
});
afterAll(() => compiled.remove());
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

interface Raw {
  readonly child: ChildProcessWithoutNullStreams;
  readonly exited: Promise<unknown>;
  stdout: string;
  stderr: string;
}

/** The server under test, spoken to by bare pipes. */
function start(mode = "", reads = true): Raw {
  const child = spawn(process.execPath, [fixture, compiled.runtime, mode]);
  children.push(child);
  const raw: Raw = { child, exited: once(child, "close"), stdout: "", stderr: "" };
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    raw.stderr += text;
  });
  child.stdout.setEncoding("utf8");
  if (reads) child.stdout.on("data", (text: string) => (raw.stdout += text));
  child.stdin.on("error", () => child.stdin.destroy());
  return raw;
}

const request = (id: number, method: string, params: unknown = {}): string =>
  `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;

const linesOf = (raw: Raw): unknown[] =>
  raw.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);

/** How many requests the server has handled once that number no longer grows. */
async function handledWhenStalled(raw: Raw): Promise<number> {
  await vi.waitFor(() => expect(raw.stderr).toContain("[open]"), { timeout: 20_000 });
  let seen = -1;
  for (;;) {
    raw.stderr = "";
    raw.child.kill("SIGUSR2");
    await vi.waitFor(() => expect(raw.stderr).toContain("\n"), { timeout: 20_000 });
    const handled = Number(/\[handled\] (\d+)/.exec(raw.stderr)?.[1]);
    if (handled > 0 && handled === seen) return handled;
    seen = handled;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe("the server end", () => {
  it(`answers, one line each, and ends with its stdin${verifies("STDIO-01", "STDIO-03", "STDIO-04", "STDIO-07", "STDIO-29")}`, async () => {
    const raw = start();
    raw.child.stdin.end(request(1, "echo", { text: "é\n\u2028" }) + request(2, "async", { a: 1 }));
    await raw.exited;
    expect(linesOf(raw)).toEqual([
      { jsonrpc: "2.0", id: 1, result: { text: "é\n\u2028" } },
      { jsonrpc: "2.0", id: 2, result: { a: 1 } },
    ]);
    expect(raw.stderr).toBe("[open]\n[closed] in order after 2\n");
    expect(raw.child.exitCode).toBe(0);
  });

  it(`keeps stray output off stdout, and says so once${verifies("STDIO-07", "STDIO-10")}`, async () => {
    const raw = start("after");
    raw.child.stdin.end(request(1, "stray", { text: "one" }) + request(2, "stray", { text: "two" }));
    await raw.exited;
    const lines = raw.stdout.split("\n");
    expect(lines.slice(0, 2).map((line) => JSON.parse(line) as unknown)).toMatchObject([{ id: 1 }, { id: 2 }]);
    expect(raw.stderr).toContain("stray one\nstray too\nstray two\nstray too\n");
    expect(raw.stderr.match(/STRAY_OUTPUT/g)).toHaveLength(1);
    expect(raw.stderr).toContain("console.error");
  });

  it(`answers garbage without an id, and goes on${verifies("STDIO-14")}`, async () => {
    const raw = start();
    raw.child.stdin.write("not json\n");
    raw.child.stdin.write(Buffer.from([0xff, 0xfe, 0x0a]));
    raw.child.stdin.end(`5\n${request(1, "echo")}`);
    await raw.exited;
    expect(linesOf(raw)).toMatchObject([
      { error: { code: -32700 } },
      { error: { code: -32700 } },
      { error: { code: -32600 } },
      { id: 1, result: {} },
    ]);
    for (const line of linesOf(raw).slice(0, 3)) expect(line).not.toHaveProperty("id");
  });

  it(`finishes what it was asked before the end of stdin, for a while${verifies("STDIO-29")}`, async () => {
    const raw = start();
    raw.child.stdin.end(request(1, "slow", { ms: 50 }));
    await raw.exited;
    expect(linesOf(raw)).toMatchObject([{ id: 1, result: { ms: 50 } }]);
    const patient = start();
    patient.child.stdin.end(request(1, "slow", { ms: 5_000 }));
    await vi.waitFor(() => expect(patient.stderr).toContain("[closed] in order"), { timeout: 20_000 });
    expect(patient.stdout).toBe("");
  });

  it("lets the process end when it closes by itself, with stdin still open", async () => {
    const raw = start();
    raw.child.stdin.write(request(1, "close"));
    await raw.exited;
    expect(raw.child.exitCode).toBe(0);
    expect(linesOf(raw)).toMatchObject([{ id: 1, result: "closing" }]);
  });

  it("survives a client that closes its end of stdout", async () => {
    const raw = start("", false);
    raw.child.stdout.destroy();
    raw.child.stdin.write(request(1, "fill", { size: 1_000_000 }));
    await raw.exited;
    expect(raw.stderr).toMatch(/\[closed\] WRITE_FAILED/);
    expect(raw.stderr).not.toMatch(/Uncaught|Unhandled|throw/i);
    expect(raw.child.exitCode).toBe(0);
  });

  it(`stops reading while nobody reads its answers, and then answers everything${verifies("SEC-42")}`, async () => {
    const raw = start("", false);
    const count = 2_000;
    for (let id = 1; id <= count; id++) raw.child.stdin.write(request(id, "fill", { size: 50_000 }));
    const stalled = await handledWhenStalled(raw);
    expect(stalled).toBeGreaterThan(0);
    // Without back-pressure it would be all of them: 100 MB of answers.
    expect(stalled).toBeLessThan(200);
    let answers = 0;
    let rest = "";
    raw.child.stdout.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      answers += lines.length;
    });
    raw.child.stdin.end();
    await raw.exited;
    expect(answers).toBe(count);
    expect(raw.stderr).toContain(`[closed] in order after ${count}\n`);
  });

  it("takes 100 000 small requests at once, and one byte at a time", async () => {
    const raw = start();
    const count = 100_000;
    raw.child.stdin.write(Array.from({ length: count }, (_, id) => request(id, "echo")).join(""));
    await vi.waitFor(() => expect(raw.stdout.length).toBeGreaterThan(count * 36), { timeout: 30_000, interval: 50 });
    for (const byte of request(count, "echo", { slowly: "é" })) {
      raw.child.stdin.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    raw.child.stdin.end();
    await raw.exited;
    const lines = raw.stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(count + 1);
    expect(JSON.parse(lines.at(-1) ?? "")).toEqual({ jsonrpc: "2.0", id: count, result: { slowly: "é" } });
  });
});

describe("both ends together", () => {
  it.each([1, 50])(`carry messages of %i MB there and back${verifies("STDIO-01", "STDIO-15")}`, async (megabytes) => {
    const peer = createPeer(createChildChannel({ command: process.execPath, args: [fixture, compiled.runtime] }));
    await peer.open();
    const text = "é2345678".repeat(megabytes * 125_000);
    const back = await peer.request<{ text: string }>("echo", { text });
    expect(back.text === text).toBe(true);
    await peer.close();
  });

  it("a child does not outlive a client that exits without closing it", async () => {
    const script = `
      import { createPeer } from "${compiled.runtime}/jsonrpc/peer.js";
      import { createChildChannel } from "${compiled.runtime}/transport/stdio-child.js";
      const code = "process.stdin.resume();setInterval(()=>{},1000);console.log(JSON.stringify({jsonrpc:'2.0',method:'up'}))";
      const channel = createChildChannel({ command: process.execPath, args: ["-e", code] });
      const peer = createPeer(channel, { onnotification: () => { console.log(channel.pid); process.exit(0); } });
      await peer.open();`;
    const client = spawn(process.execPath, ["--input-type=module", "-e", script]);
    children.push(client);
    let out = "";
    client.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    await once(client, "close");
    const pid = Number(out);
    expect(pid).toBeGreaterThan(0);
    await vi.waitFor(() => expect(isGone(pid)).toBe(true), { timeout: 10_000 });
  });
});

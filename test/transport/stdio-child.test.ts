import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { McpWireError } from "../../runtime/errors.js";
import type { Peer } from "../../runtime/jsonrpc/contract.js";
import { createPeer } from "../../runtime/jsonrpc/peer.js";
import { type ChildChannel, type ChildOptions, createChildChannel } from "../../runtime/transport/stdio-child.js";
import { rejection } from "../jsonrpc/wire.js";
import { verifies } from "../verifies.js";
import { isGone } from "./processes.js";

const fixture = fileURLToPath(new URL("fixtures/child.mjs", import.meta.url));

interface Session {
  readonly peer: Peer;
  readonly channel: ChildChannel;
  readonly errors: McpWireError[];
  readonly closed: Promise<McpWireError | undefined>;
  /** The params of the first notification with this method. */
  note<T>(method: string): Promise<T>;
}

const sessions: Session[] = [];

/** A peer on a child in this mode; closed after the test at the latest. */
function start(mode: string, options: Partial<ChildOptions> = {}): Session {
  const channel = createChildChannel({
    command: process.execPath,
    args: [fixture, mode],
    endMs: 500,
    termMs: 500,
    ...options,
  });
  const errors: McpWireError[] = [];
  const notes = new Map<string, unknown>();
  let tell = (_reason: McpWireError | undefined): void => undefined;
  const closed = new Promise<McpWireError | undefined>((resolve) => {
    tell = resolve;
  });
  const peer = createPeer(channel, {
    onnotification: (method, params) => notes.set(method, params ?? {}),
    onerror: (error) => errors.push(error),
    onclose: (reason) => tell(reason),
  });
  const note = async <T>(method: string): Promise<T> => {
    await vi.waitFor(() => expect(notes.has(method)).toBe(true), { timeout: 20_000 });
    return notes.get(method) as T;
  };
  const session = { peer, channel, errors, closed, note };
  sessions.push(session);
  return session;
}

afterEach(async () => {
  await Promise.all(sessions.splice(0).map(({ peer }) => peer.close()));
});

describe("a child", () => {
  it(`answers over its stdin and stdout, many requests at once${verifies("STDIO-01", "STDIO-02", "STDIO-03", "STDIO-04", "STDIO-15")}`, async () => {
    const { peer, errors, channel } = start("echo");
    await peer.open();
    expect(channel.pid).toBeGreaterThan(0);
    const texts = Array.from({ length: 2_000 }, (_, at) => ({ text: `line\n${at} é😀` }));
    expect(await Promise.all(texts.map((text) => peer.request("echo", text)))).toEqual(texts);
    expect(errors).toEqual([]);
    await peer.close();
    expect(channel.exit).toEqual({ code: 0, signal: null });
  });

  it("can be spoken to before it is known to run", async () => {
    const { peer } = start("echo");
    const opening = peer.open();
    expect(await peer.request("echo", { early: true })).toEqual({ early: true });
    await opening;
  });

  it(`may write noise between its messages${verifies("STDIO-05", "STDIO-11", "STDIO-12", "STDIO-13", "STDIO-14")}`, async () => {
    const stderr: string[] = [];
    const { peer, errors, channel } = start("noise", { stderr: (text) => stderr.push(text) });
    await peer.open();
    expect(await peer.request("echo", { a: 1 })).toEqual({ a: 1 });
    expect(errors.map(({ code }) => code)).toEqual(["NOT_JSON", "NOT_JSON", "NOT_JSON", "NOT_UTF8"]);
    expect(errors[0]).toMatchObject({ place: { line: 1, byte: 0 }, head: "Welcome to the server!" });
    expect(stderr.join("")).toBe("starting up\n");
    expect(channel.stderr).toBe("starting up\n");
  });

  it.each([1, 10, 50])("sends and gets messages of %i MB", async (megabytes) => {
    const text = "0123456789".repeat(megabytes * 100_000);
    const { peer, errors } = start("echo");
    await peer.open();
    const { echo } = await peer.request<{ echo: string }>("echo", { echo: text });
    expect(echo === text).toBe(true);
    expect(errors).toEqual([]);
  });

  it(`that sends more than the limit fails that request at once, and is heard further${verifies("STDIO-05", "SEC-42")}`, async () => {
    const { peer } = start("big", { maxLineBytes: 100_000 });
    await peer.open();
    const error = await rejection(peer.request("big", { size: 1_000_000 }));
    expect(error).toMatchObject({ code: "TOO_LARGE", message: expect.stringContaining("maxLineBytes") });
    expect(await peer.request("big", { size: 3 })).toBe("xxx");
  });
});

describe("what a child gets to see", () => {
  it(`is an allow-list of variables, and what it is given${verifies("STDIO-41")}`, async () => {
    process.env.MCPWIRE_TEST_SECRET = "secret";
    const cwd = realpathSync(mkdtempSync(join(tmpdir(), "mcpwire-cwd-")));
    const args = [fixture, "env", "a b", "$HOME", '"quoted"'];
    const { peer, note } = start("env", { args, cwd, env: { GIVEN: "yes" } });
    await peer.open();
    const seen = await note<{ env: Record<string, string>; cwd: string; args: string[] }>("env");
    expect(seen.env.MCPWIRE_TEST_SECRET).toBeUndefined();
    expect(seen.env.PATH).toBe(process.env.PATH);
    expect(seen.env.GIVEN).toBe("yes");
    expect(seen.cwd).toBe(cwd);
    expect(seen.args).toEqual(["a b", "$HOME", '"quoted"']);
    rmSync(cwd, { recursive: true });
    const all = start("env", { inheritEnv: "all" });
    await all.peer.open();
    expect(await all.note("env")).toMatchObject({ env: { MCPWIRE_TEST_SECRET: "secret" } });
    const some = start("env", { inheritEnv: ["MCPWIRE_TEST_SECRET", "MCPWIRE_TEST_UNSET"] });
    await some.peer.open();
    const { env } = await some.note<{ env: Record<string, string> }>("env");
    expect([env.MCPWIRE_TEST_SECRET, env.PATH, "MCPWIRE_TEST_UNSET" in env]).toEqual(["secret", undefined, false]);
    delete process.env.MCPWIRE_TEST_SECRET;
  });
});

describe("a child that cannot be started", () => {
  it.each([
    ["does-not-exist-anywhere", undefined, /command not found.*full path/],
    [process.execPath, "/does/not/exist", /working directory.*does not exist/],
    [fixture, undefined, /executable/],
    ["with\0zero", undefined, /could not be started/],
  ])("is an error with a way out: %j in %s", async (command, cwd, message) => {
    const { peer, closed } = start("", { command, args: [], ...(cwd === undefined ? {} : { cwd }) });
    const error = await rejection(Promise.resolve(peer.open()));
    expect(error).toMatchObject({
      name: "ConnectionError",
      code: "SPAWN_FAILED",
      message: expect.stringMatching(message),
    });
    await expect(peer.request("x")).rejects.toMatchObject({ name: "ConnectionError" });
    expect(await closed).toBe(error);
  });
});

describe("a child that dies", () => {
  it(`in the middle of a message fails what is in flight, with its code and last words${verifies("STDIO-28", "STDIO-31")}`, async () => {
    const { peer, errors, closed, channel } = start("dies");
    await peer.open();
    const failing = rejection(peer.request("x"));
    const error = await failing;
    expect(error).toMatchObject({ code: "CLOSED", cause: { code: "PEER_EXITED" } });
    expect(error.message).toMatch(/exited with code 3.*out of cheese/s);
    expect(await closed).toMatchObject({ code: "PEER_EXITED" });
    expect(errors).toMatchObject([{ code: "CUT_OFF" }]);
    expect(channel.exit).toEqual({ code: 3, signal: null });
    expect(await rejection(peer.request("late"))).toMatchObject({ code: "CLOSED" });
  });

  it("is noticed even if something it started holds its stdout, and that is ended too", async () => {
    const { peer, closed, note } = start("crash");
    await peer.open();
    const { grandchild } = await note<{ grandchild: number }>("pids");
    const failing = rejection(peer.request("x"));
    expect(await failing).toMatchObject({ code: "CLOSED", message: expect.stringContaining("code 5") });
    expect(await closed).toMatchObject({ code: "PEER_EXITED" });
    await vi.waitFor(() => expect(isGone(grandchild)).toBe(true), { timeout: 10_000 });
  });

  it("by a signal says which", async () => {
    const { peer, closed, channel } = start("deaf");
    await peer.open();
    process.kill(channel.pid ?? 0, "SIGKILL");
    expect((await closed)?.message).toMatch(/killed by SIGKILL/);
  });

  it("closing only its stdout ends the connection in order", async () => {
    const { peer, closed, channel } = start("mute");
    await peer.open();
    expect(await closed).toMatchObject({ code: "PEER_EXITED", cause: { code: "CLOSED" } });
    expect(channel.exit).toEqual({ code: 0, signal: null });
  });
});

describe("ending a child", () => {
  it(`begins with closing stdin, which is enough for most${verifies("STDIO-26", "STDIO-27")}`, async () => {
    const { peer, channel, closed } = start("echo", { endMs: 30_000 });
    await peer.open();
    const failing = rejection(peer.request("echo", { a: 1 }).then(() => peer.request("echo", "x".repeat(1_000_000))));
    await peer.close();
    await failing;
    expect(channel.exit).toEqual({ code: 0, signal: null });
    expect(await closed).toBeUndefined();
    await peer.close();
  });

  it(`goes on with SIGTERM${verifies("STDIO-26", "STDIO-27")}`, async () => {
    const { peer, channel, note } = start("polite", { endMs: 50, termMs: 30_000 });
    await peer.open();
    await note("ready");
    await peer.close();
    expect(channel.exit).toEqual({ code: 0, signal: null });
  });

  it(`ends with SIGKILL for the whole group${verifies("STDIO-26", "STDIO-27")}`, async () => {
    const { peer, channel, note } = start("stubborn", { endMs: 50, termMs: 100 });
    await peer.open();
    const { child, grandchild } = await note<{ child: number; grandchild: number }>("pids");
    await peer.close();
    expect(channel.exit).toEqual({ code: null, signal: "SIGKILL" });
    await vi.waitFor(() => expect([isGone(child), isGone(grandchild)]).toEqual([true, true]), {
      timeout: 10_000,
    });
  });

  it("does not leave behind what a child that ended had started", async () => {
    const { peer, channel, note } = start("orphan", { endMs: 30_000, termMs: 100 });
    await peer.open();
    const { grandchild } = await note<{ grandchild: number }>("pids");
    await peer.close();
    expect(channel.exit).toEqual({ code: 0, signal: null });
    await vi.waitFor(() => expect(isGone(grandchild)).toBe(true), { timeout: 10_000 });
  });

  it("before it was opened is nothing", async () => {
    const channel = createChildChannel({ command: "never" });
    await channel.close();
    expect(() => channel.send({ jsonrpc: "2.0", method: "x" })).toThrow("not open");
  });
});

describe("a child that never reads", () => {
  it(`meets a bounded queue, and can still be ended${verifies("SEC-42")}`, async () => {
    const { peer, channel, note } = start("deaf", { highWater: 100_000, maxQueued: 3_000_000, endMs: 50 });
    await peer.open();
    await note("ready");
    const params = { text: "x".repeat(90_000) };
    let room: Promise<void> | undefined;
    let failure: unknown;
    for (let at = 0; at < 1_000 && failure === undefined; at++) {
      try {
        room = peer.notify("x", params) ?? room;
      } catch (error) {
        failure = error;
      }
    }
    expect(failure).toMatchObject({
      name: "ConnectionError",
      code: "QUEUE_FULL",
      message: expect.stringContaining("maxQueued"),
    });
    expect(room).toBeInstanceOf(Promise);
    expect(await rejection(peer.request("x"))).toMatchObject({ code: "QUEUE_FULL" });
    await peer.close();
    await room;
    expect(channel.exit?.signal).toBe("SIGTERM");
  });
});

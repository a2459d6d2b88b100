/** `mcpwire validate` as a process: verdicts, places, exit codes, and input that cannot be read. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { mcpwire, type Run } from "./run.js";

const FOLDER = mkdtempSync(join(tmpdir(), "mcpwire-validate-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const client = (message: object): string => JSON.stringify({ from: "client", message: { jsonrpc: "2.0", ...message } });
const server = (message: object): string => JSON.stringify({ from: "server", message: { jsonrpc: "2.0", ...message } });

const HANDSHAKE = [
  client({
    id: 0,
    method: "initialize",
    params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "c", version: "1" } },
  }),
  server({
    id: 0,
    result: { protocolVersion: "2025-06-18", capabilities: {}, serverInfo: { name: "s", version: "1" } },
  }),
  client({ method: "notifications/initialized" }),
];

function validate(content: string | Buffer, ...args: string[]): Run {
  const file = join(FOLDER, "recording.jsonl");
  writeFileSync(file, content);
  return mcpwire(["validate", file, ...args]);
}

describe("mcpwire validate", () => {
  it("says that all fit, and the revision that it learnt", () => {
    const { code, stdout } = validate(HANDSHAKE.join("\n"));
    expect(stdout).toBe("3 messages, revision 2025-06-18: all fit\n");
    expect(code).toBe(0);
  });

  it("names line, message, pointer and code of what does not fit", () => {
    const { code, stdout } = validate(
      [...HANDSHAKE, client({ id: 1, method: "tools/call", params: { name: 5 } })].join("\n"),
    );
    expect(stdout.split("\n")).toEqual([
      "line 4: client request tools/call: /params/name: expected string, found number 5 (-32602)",
      "4 messages, revision 2025-06-18: 1 does not fit; without an answer: tools/call (1)",
      "",
    ]);
    expect(code).toBe(1);
  });

  it("takes bare messages, blank lines, carriage returns and a byte order mark", () => {
    const bare = HANDSHAKE.map((line) => JSON.stringify(JSON.parse(line).message));
    const { code, stdout } = validate(`\uFEFF${bare.join("\r\n\r\n")}\r\n`);
    expect(stdout).toBe("3 messages, revision 2025-06-18: all fit\n");
    expect(code).toBe(0);
  });

  it("takes one JSON document over several lines", () => {
    const list = HANDSHAKE.map((line) => JSON.parse(line) as unknown);
    expect(validate(JSON.stringify(list, null, 2)).stdout).toBe("3 messages, revision 2025-06-18: all fit\n");
    const ping = validate(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }, null, 2));
    expect(ping).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("1 message, the revision was never said: all fit"),
    });
  });

  it("reads on after each line that cannot be used, and says why", () => {
    const lines = [
      ...HANDSHAKE,
      "Server listening",
      '{"from":"proxy","message":{}}',
      Buffer.from([0x22, 0xff, 0x22]),
      client({ id: 1, method: "ping" }),
      '{"jsonrpc":"2.0",',
    ];
    const bytes = Buffer.concat(
      lines.flatMap((line, index) => [Buffer.from(line), Buffer.from(index === lines.length - 1 ? "" : "\n")]),
    );
    const { code, stdout } = validate(bytes);
    const [first, second, third, fourth, summary] = stdout.split("\n");
    expect(first).toMatch(/^line 4: not JSON: Unexpected token/);
    expect(second).toBe('line 5: "from" must be "client" or "server", not "proxy"');
    expect(third).toMatch(/^line 6: not UTF-8, from byte \d+ of the file; convert it/);
    expect(fourth).toMatch(/^line 8: the last line is cut off/);
    expect(summary).toBe(
      "4 messages, revision 2025-06-18: all fit; 4 lines could not be used; without an answer: ping (1)",
    );
    expect(code).toBe(1);
  });

  it("skips a line of 50 MB and reads the rest", () => {
    const long = client({ id: 1, method: "ping", params: { pad: "x".repeat(50_000_000) } });
    const { code, stdout } = validate([...HANDSHAKE, long, client({ id: 2, method: "ping" })].join("\n"));
    expect(stdout).toMatch(/^line 4: too long; raise --max-line to read it\n4 messages/);
    expect(code).toBe(1);
    expect(validate([...HANDSHAKE, long].join("\n"), "--max-line", "60000000")).toMatchObject({ code: 0 });
  });

  it("reads what is nested 100,000 deep", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"a":${deep}}}}`;
    expect(validate([...HANDSHAKE, call].join("\n"))).toMatchObject({ code: 0 });
  });

  it("prints JSON Lines with a summary", () => {
    const { code, stdout } = validate([...HANDSHAKE, "oops", ""].join("\n"), "--json");
    const entries = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries[0]).toEqual({
      line: 1,
      ok: true,
      kind: "request",
      method: "initialize",
      from: "client",
      revision: "2025-06-18",
    });
    expect(entries[3]).toMatchObject({ line: 4, problem: expect.stringContaining("not JSON") });
    expect(entries[4]).toEqual({
      summary: { messages: 3, misfits: 0, unusable: 1, revision: "2025-06-18", unanswered: [] },
    });
    expect(code).toBe(1);
  });

  it("checks against the revision that it is given", () => {
    const list = client({ id: 1, method: "tasks/list" });
    expect(validate(list, "--revision", "2025-11-25")).toMatchObject({ code: 0 });
    expect(validate(list, "--revision", "2025-06-18")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("/method"),
    });
  });

  it.each([
    ["nothing", "", "no messages"],
    ["no line of JSON", "a\nb\n", "no line is a message"],
    ["UTF-16", Buffer.from("\uFEFF{}", "utf16le"), "not UTF-8 (it looks like UTF-16 or UTF-32)"],
  ])("ends with 2 and one line for %s", (_, content, message) => {
    const { code, stderr } = validate(content);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(code).toBe(2);
  });

  it("ends with 2 for a missing file, an unknown revision and a limit that is none", () => {
    expect(mcpwire(["validate", join(FOLDER, "none.jsonl")])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no such file"),
    });
    const revision = validate("{}", "--revision", "2025-11-26");
    expect(revision).toMatchObject({ code: 2, stderr: expect.stringContaining("did you mean 2025-11-25?") });
    expect(validate("{}", "--max-line", "many")).toMatchObject({ code: 2 });
  });

  it("reads standard input", () => {
    const { status, stdout } = spawnSync(process.execPath, ["dist/runtime/cli/main.js", "validate"], {
      input: HANDSHAKE.join("\n"),
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "3 messages, revision 2025-06-18: all fit\n" });
  });
});

describe("mcpwire generate", () => {
  it("says that generated/ is what the schemas give, and names what is not", () => {
    expect(mcpwire(["generate", "--check"])).toMatchObject({ code: 0 });
    expect(mcpwire(["generate", "--check", "--out", join(FOLDER, "empty")])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("npm run generate"),
    });
  }, 120_000);

  it("generates a schema file into a folder of its own", () => {
    const out = join(FOLDER, "own");
    expect(
      mcpwire(["generate", "--schema", "schema/2025-06-18.json", "--revision", "draft", "--out", out]),
    ).toMatchObject({ code: 0 });
    expect(
      mcpwire(["generate", "--schema", "schema/2025-06-18.json", "--revision", "draft", "--out", out, "--check"]),
    ).toMatchObject({ code: 0 });
  }, 60_000);

  it.each([
    [["--revision", "draft"], "give --schema too"],
    [["--schema", "schema/2025-06-18.json"], "name the revision"],
    [["--schema", "schema/2025-06-18.json", "--revision", "draft"], "name the folder"],
    [["--schema", "none.json", "--revision", "draft", "--out", "x"], "no such file"],
  ])("ends with 2 for %j", (args, message) => {
    expect(mcpwire(["generate", ...args])).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});

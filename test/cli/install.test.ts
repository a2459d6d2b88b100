// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what configurations have
/** `mcpwire install` as a person meets it, at a terminal that a test types at, and without one. */

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { verifies } from "../verifies.js";
import { mcpwire, ROOT, type Run } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "mcpwire-install-"));
afterAll(() => rmSync(folder, { recursive: true }));
const env = { XDG_CONFIG_HOME: join(folder, "config"), APPDATA: join(folder, "config") };
const server = fileURLToPath(new URL("../install/fixtures/env-server.mjs", import.meta.url));

/** A configuration that leaves a mark where its server runs unasked. */
function configuration(name: string, args: readonly string[] = [server], more: object = {}): string {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ mcpServers: { [name]: { command: process.execPath, args, ...more } } }));
  return file;
}

/** Runs it at a terminal of its own, with these keys typed. */
function atTerminal(args: readonly string[], typed: string): Promise<Run> {
  const main = join(ROOT, "dist/runtime/cli/main.js");
  const command = [process.execPath, main, ...args].map((part) => `'${part.replaceAll("'", "'\\''")}'`).join(" ");
  const child = spawn("script", ["-qec", command, "/dev/null"], { env: { ...process.env, ...env, NO_COLOR: "1" } });
  let stdout = "";
  let typing = true;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    if (!typing || !stdout.includes('Type "yes"')) return;
    typing = false;
    child.stdin.write(typed);
  });
  const deadline = setTimeout(() => child.kill("SIGKILL"), 50_000);
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => {
      clearTimeout(deadline);
      done({ code, stdout: stdout.replaceAll("\r", ""), stderr: "" });
    });
  });
}

describe("at a terminal", () => {
  test(`a yes starts the server, is remembered, and can be taken back${verifies("SEC-01", "SEC-04")}`, async () => {
    const file = configuration("weather");
    const first = await atTerminal(["install", file], "yes\n");
    expect(first.stdout).toContain('Start the server "weather"?');
    expect(first.stdout).toContain("environment 1.0.0");
    expect(first.stdout).toContain("1 tool\n  env");
    expect(first.code).toBe(0);
    const again = mcpwire(["install", file], { env });
    expect([again.code, again.stderr]).toEqual([0, ""]);
    expect(again.stdout).toContain("environment 1.0.0");
    const listed = mcpwire(["install", "--list"], { env });
    expect(listed.stdout).toContain(`weather: ${process.execPath} ${server}`);
    const [entry] = JSON.parse(mcpwire(["install", "--list", "--json"], { env }).stdout) as { id: string }[];
    expect(entry).not.toHaveProperty("digest");
    expect(mcpwire(["install", "--revoke", String(entry?.id)], { env }).stdout).toContain("revoked");
    expect(mcpwire(["install", file], { env }).code).toBe(1);
    expect(mcpwire(["install", "--revoke", "weather"], { env }).code).toBe(2);
  });

  test.each(["\n", "y\n", "no\n", "\u0003", "\u0004"])(`%j starts nothing${verifies("SEC-04")}`, async (typed) => {
    const mark = join(folder, "mark");
    const file = configuration("marks", ["-e", `require("fs").writeFileSync(${JSON.stringify(mark)}, "")`]);
    const { code } = await atTerminal(["install", file], typed);
    expect(code).not.toBe(0);
    expect(existsSync(mark)).toBe(false);
  });

  test("--no-start only remembers", async () => {
    const file = configuration("kept");
    const { stdout, code } = await atTerminal(["install", "--no-start", file], "yes\n");
    expect([code, stdout.includes("Nothing was started")]).toEqual([0, true]);
    expect(mcpwire(["install", "--no-start", file], { env }).code).toBe(0);
  });
});

describe("without a terminal", () => {
  test(`nothing is started, and everything is shown${verifies("SEC-02", "SEC-03", "SEC-04")}`, () => {
    const mark = join(folder, "unasked");
    const script = `require("fs").writeFileSync(${JSON.stringify(mark)}, "")`;
    const run = mcpwire(["install", "--", process.execPath, "-e", script, "a\u202eb", "x".repeat(5000)], { env });
    expect(run.code).toBe(1);
    for (const shown of ["a\\u{202e}b", "x".repeat(5000), "writeFileSync", "DANGER", "no terminal", "Nobody agreed"])
      expect(run.stderr).toContain(shown);
    expect(run.stderr).not.toContain("\u202e");
    expect(existsSync(mark)).toBe(false);
  });

  test("--show asks nothing, also about what is missing", () => {
    const file = join(folder, "vscode.json");
    const servers = { a: { command: process.execPath, args: ["${input:pin}"] }, b: { url: "https://example.com" } };
    writeFileSync(
      file,
      JSON.stringify({ servers, inputs: [{ id: "pin", password: true, description: "Your\u001b[2J pin" }] }),
    );
    const shown = mcpwire(["install", "--show", "--server", "a", file], { env });
    expect([shown.code, shown.stderr]).toEqual([0, ""]);
    expect(shown.stdout).toContain("It also needs pin, a secret: Your\\u{1b}[2J pin");
    const json = mcpwire(["install", "--show", "--json", "--server", "a", "--input-env", "pin=PIN", file], {
      env: { ...env, PIN: "hunter2" },
    });
    expect(JSON.parse(json.stdout)).toMatchObject({ view: { args: ["${input:pin}"], cwd: homedir() }, missing: [] });
    expect(json.stdout).not.toContain("hunter2");
  });

  test.each<[string[], string]>([
    [[], "nothing to install"],
    [["a.json", "b.json"], "more than one"],
    [["no-such-file.json"], "no such file"],
    [["javascript:alert(1)"], "no link of a known kind"],
    [["package.json"], "neither"],
    [["--input", "x", "--", "node"], "id=value"],
    [["--input", "x=y", "--", "node"], "no input"],
    [["--input-env", "x=NOT_SET_HERE", "--", "node"], "is not set"],
    [["--", "no-such-program-here"], "not on this machine"],
    [["--server", "x\u202e", "--", "node"], "x\\u{202e}"],
    [["package.json", "--", "node"], "both package.json and a command"],
    [["runtime"], "runtime is no file"],
    [["--revoke", "nothing"], "nothing was agreed to"],
  ])("%j ends with exit code 2 and a line that says %j", (args, line) => {
    const { code, stderr } = mcpwire(["install", ...args], { env });
    expect([code, stderr]).toEqual([2, expect.stringContaining(line)]);
    expect(stderr.trim().split("\n").length).toBe(1);
  });
});

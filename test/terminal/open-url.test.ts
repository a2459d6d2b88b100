/** Only web addresses are opened, as one argument of a program, whatever is written in them. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openableUrl, openUrl } from "../../runtime/terminal/index.js";
import { verifies } from "../verifies.js";

const folder = mkdtempSync(join(tmpdir(), "mcpwire-open-"));
afterAll(() => rmSync(folder, { recursive: true }));
const program = join(folder, "opener.mjs");
const seen = join(folder, "seen.json");
writeFileSync(
  program,
  `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(seen)}, JSON.stringify(process.argv.slice(2)));`,
);
const command = [process.execPath, program, "--first"] as const;

test.each([
  "file:///etc/passwd",
  "javascript:alert(1)",
  "JavaScript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:x",
  "ms-msdt:/id",
  "ftp://example.com/",
  "blob:https://example.com/x",
  "view-source:https://example.com/",
  "http://example.com/",
  "http://127.0.0.1.evil.example/",
  "http://localhost.evil.example/",
  "http://0.0.0.0/",
  "https://bank.com@evil.example/",
  "https://bank.com:443@evil.example/",
  "https://user:secret@example.com/",
  "https://good.example\\@evil.example/",
  "https:\\\\example.com\\",
  "https://example.com/ --new-window",
  " https://example.com/",
  "https://example.com/\n",
  "https://exa\u200bmple.com/",
  "https://example.com/\u202egpj.exe",
  "/usr/bin/env",
  "--help",
  "example.com",
  "https://",
  "https:evil.example",
  "https:/evil.example/",
  "https:///evil.example/",
  "http:127.0.0.1/",
  "",
])(`does not open %j${verifies("SEC-27", "SEC-30", "ELIC-58")}`, async (address) => {
  expect(() => openableUrl(address)).toThrow(expect.objectContaining({ code: "URL_REFUSED" }));
  await expect(openUrl(address, { command })).rejects.toMatchObject({ code: "URL_REFUSED" });
  expect(existsSync(seen)).toBe(false);
});

test("what is refused is shown as it is", () => {
  expect(() => openableUrl("javascript:\u202e1")).toThrow('"javascript:\\u{202e}1"');
  expect(() => openableUrl("https://bank.com@evil.example/")).toThrow("its host, evil.example, is easily misread");
});

test.each([
  ["https://example.com", "https://example.com/"],
  ["http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"],
  ["http://127.1/", "http://127.0.0.1/"],
  ["http://localhost/", "http://localhost/"],
  ["http://[::1]:1/", "http://[::1]:1/"],
  ["HTTPS://EXAMPLE.COM/A?b=c#d", "https://example.com/A?b=c#d"],
])(`opens %s${verifies("SEC-27")}`, (address, href) => {
  expect(openableUrl(address).href).toBe(href);
  expect(openableUrl(new URL(address)).href).toBe(href);
});

test(`a look-alike of a name shows its ASCII form${verifies("ELIC-55")}`, () => {
  expect(openableUrl("https://аpple.com/").host).toBe("xn--pple-43d.com");
  expect(openableUrl("https://example。com/").host).toBe("example.com");
});

test.each([
  "https://x/$(touch$IFS/tmp/mcpwire-pwned)",
  "https://x/`touch`;id|cat&calc",
  "https://x/?a='%0a'&b=\"c\"&d=%USERNAME%^&e=*",
  "https://x/#$(id)",
])(`no shell reads %s${verifies("SEC-28", "SEC-29", "ELIC-58")}`, async (address) => {
  await openUrl(address, { command, waitMs: 60_000 });
  const args = JSON.parse(readFileSync(seen, "utf8")) as string[];
  rmSync(seen);
  expect(args).toEqual(["--first", new URL(address).href]);
  expect(existsSync("/tmp/mcpwire-pwned")).toBe(false);
});

test("an opener that runs on has opened the page", async () => {
  const slow = [process.execPath, "-e", "setTimeout(() => {}, 5000)"] as const;
  await openUrl("https://example.com/", { command: slow, waitMs: 50 });
});

test("an opener that fails says so", async () => {
  const failing = [process.execPath, "-e", "process.exit(4)"] as const;
  await expect(openUrl("https://example.com/", { command: failing, waitMs: 60_000 })).rejects.toMatchObject({
    code: "OPEN_FAILED",
    message: `${process.execPath} ended with exit code 4. Open the address by hand.`,
  });
});

test("an address that is longer than programs take is one that no browser opens", async () => {
  const address = `https://example.com/${"x".repeat(4_000_000)}`;
  await expect(openUrl(address, { command, waitMs: 60_000 })).rejects.toMatchObject({
    code: "OPEN_FAILED",
    message: `${process.execPath} could not be started. Open the address by hand.`,
  });
});

test.each(["linux", "freebsd", "win32"] as const)("%s without its opener says so", async (platform) => {
  const path = process.env.PATH;
  process.env.PATH = folder;
  try {
    await expect(openUrl("https://example.com/", { platform, waitMs: 60_000 })).rejects.toMatchObject({
      code: "OPEN_FAILED",
      message: expect.stringMatching(/^(xdg-open|.*rundll32\.exe) is not there to open pages with\./),
    });
  } finally {
    process.env.PATH = path;
  }
});

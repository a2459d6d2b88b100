/** The person sees who asks, the host and the whole address, and nothing is opened without an explicit yes. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, afterEach, expect, test } from "vitest";
import { createUrlConsent, type UrlConsent } from "../../runtime/terminal/index.js";
import { verifies } from "../verifies.js";

const folder = mkdtempSync(join(tmpdir(), "mcpwire-consent-"));
afterAll(() => rmSync(folder, { recursive: true }));
const [program, seen] = [join(folder, "opener.mjs"), join(folder, "seen")];
writeFileSync(
  program,
  `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(seen)}, process.argv[2]);`,
);
afterEach(() => rmSync(seen, { force: true }));

interface Outcome {
  readonly action: UrlConsent["action"];
  readonly shown: string;
  readonly opened: string | undefined;
}

async function consent(
  url: string,
  said: string,
  more: object = {},
  message = "Connect your calendar",
): Promise<Outcome> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const answers = said.split("|");
  let shown = "";
  output.on("data", (piece: Buffer) => {
    shown += piece.toString();
    // What is typed before a question is no answer to it.
    if (shown.endsWith('Type "yes" to agree: ')) input.write(answers.shift() ?? "");
  });
  const command = [process.execPath, program] as const;
  const ask = createUrlConsent({ input, output, terminal: true, command, waitMs: 60_000, ...more });
  const { action } = await ask({ message, url }, { server: { name: "desk\u202e" } });
  return { action, shown, opened: existsSync(seen) ? readFileSync(seen, "utf8") : undefined };
}

test(`shows who asks, why, the host and the whole address, and opens after a yes${verifies("ELIC-47", "ELIC-50", "ELIC-53", "ELIC-54")}`, async () => {
  const url = `https://accounts.example.com/connect?e=${"x".repeat(5_000)}#end`;
  const { action, shown, opened } = await consent(url, "yes\n");
  expect(action).toBe("accept");
  expect(opened).toBe(url);
  expect(shown).toContain('A server that calls itself "desk\\u{202e}" wants to send you to a page');
  expect(shown).toContain("It says: Connect your calendar\n");
  expect(shown).toContain("Host:    accounts.example.com\n");
  expect(shown).toContain(`Address: ${url}\n`);
  expect(shown).not.toContain("Beware");
});

test.each([
  ["no\n", "decline"],
  ["\n", "decline"],
  ["sure\n", "decline"],
])(`%j opens nothing${verifies("ELIC-48", "ELIC-52", "ELIC-57")}`, async (said, action) => {
  expect(await consent("https://example.com/", said)).toMatchObject({ action, opened: undefined });
});

test(`nobody at the terminal, or nobody any more, cancels${verifies("ELIC-48", "ELIC-52")}`, async () => {
  const without = await consent("https://example.com/", "yes\n", { terminal: false });
  expect(without).toEqual({ action: "cancel", shown: "", opened: undefined });
  const ask = createUrlConsent({ input: new PassThrough(), output: new PassThrough(), terminal: true });
  const page = { message: "", url: "https://example.com/" };
  expect(await ask(page, { signal: AbortSignal.abort() })).toEqual({ action: "cancel" });
});

test.each(["javascript:alert(1)", "http://example.com/", "file:///etc/passwd", "https://bank.com@evil.example/"])(
  `%s is declined without a question${verifies("ELIC-58", "SEC-27")}`,
  async (url) => {
    const { action, shown, opened } = await consent(url, "yes\n");
    expect({ action, opened }).toEqual({ action: "decline", opened: undefined });
    expect(shown).toContain("is not opened");
    expect(shown).not.toContain("Type");
  },
);

test(`a look-alike of a name is pointed out${verifies("ELIC-55")}`, async () => {
  const { shown } = await consent("https://login.аpple.com/", "no\n");
  expect(shown).toContain("Host:    login.xn--pple-43d.com\n");
  expect(shown).toContain("Opened:  https://login.xn--pple-43d.com/\n");
  expect(shown).toContain("Beware:");
});

test("a message cannot write lines of its own", async () => {
  const { shown } = await consent("https://evil.example/", "no\n", {}, "Hi\n  Host:    good.example\u001b[1A");
  expect(shown).toContain("It says: Hi\\u{a}  Host:    good.example\\u{1b}[1A\n");
});

test("the host is the last that is seen before the question, however long the rest is", async () => {
  const { shown } = await consent(`https://evil.example/${"x".repeat(50_000)}`, "no\n", {}, "m".repeat(50_000));
  const [, end = ""] = shown.split(`${"x".repeat(50_000)}\n`);
  expect(end).toMatch(/^ {2}Host: {4}evil\.example\nType "yes"/);
});

test(`no address but the one of the page can be clicked on${verifies("ELIC-56")}`, async () => {
  const link = "\u001b]8;;https://evil.example/\u0007here\u001b]8;;\u0007";
  const message = `Look at https://evil.example/a, www.evil.example, mailto:a@evil.example and ${link}.`;
  const { shown } = await consent("https://example.com/b", "no\n", {}, message);
  const links = shown.match(/\b(?:\w+:\/\/|www\.|mailto:)\S+/g);
  expect(shown).not.toContain("\u001b");
  expect(links).toEqual(["https://example.com/b"]);
  // All of it can be read all the same.
  expect(shown).toContain(
    "Look at https\\u{3a}//evil.example/a, www\\u{2e}evil.example, mailto\\u{3a}a@evil.example and",
  );
  const refused = await consent("javascript://evil.example/", "no\n", {}, message);
  expect(refused.shown.match(/\b(?:\w+:\/\/|www\.)\S+/g)).toBeNull();
});

test(`where no browser opens, the person may open it, and says so${verifies("ELIC-17")}`, async () => {
  const command = [process.execPath, "-e", "process.exit(3)"] as const;
  const byHand = await consent("https://example.com/", "yes\n|yes\n", { command });
  expect(byHand.shown).toContain("ended with exit code 3");
  expect(byHand.action).toBe("accept");
  expect((await consent("https://example.com/", "yes\n|no\n", { command })).action).toBe("cancel");
});

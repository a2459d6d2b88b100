/** Nothing but an explicit yes is one. */

import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { askConsent, askYesNo } from "../../runtime/terminal/index.js";
import { verifies } from "../verifies.js";

interface Scene {
  readonly input: PassThrough;
  readonly output: PassThrough;
  readonly terminal: true;
  readonly shown: () => string;
}

function createScene(): Scene {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let text = "";
  output.on("data", (piece: Buffer) => {
    text += piece.toString();
  });
  return { input, output, terminal: true, shown: () => text };
}

test.each([
  ["yes", "yes"],
  ["  YES ", "yes"],
  ["", "no"],
  ["y", "no"],
  ["no", "no"],
  ["yes please", "no"],
  ["yes\u200b", "no"],
  ["\u001b[Ayes", "no"],
])(`the answer %j is %s${verifies("ELIC-52")}`, async (line, consent) => {
  const scene = createScene();
  scene.input.write(`${line}\n`);
  expect(await askConsent("Go on?", scene)).toBe(consent);
  expect(scene.shown()).toContain("Go on?\n");
  scene.input.write(`${line}\n`);
  expect(await askYesNo("Again?", scene)).toBe(consent === "yes");
});

test("what was typed comes back as it is", async () => {
  const scene = createScene();
  scene.input.write("\u001b[2Jsure\n");
  expect(await askYesNo("Go on?", scene)).toBe(false);
  expect(scene.shown()).toContain('"\\u{1b}[2Jsure" is taken as a no.');
  expect(scene.shown()).not.toContain("\u001b");
});

test("without a terminal nobody is asked", async () => {
  const { input, output, shown } = createScene();
  input.write("yes\n");
  expect(await askConsent("Go on?", { input, output })).toBe("no-terminal");
  expect(await askConsent("Go on?", { input, output: Object.assign(output, { isTTY: true }) })).toBe("no-terminal");
  expect(shown()).toBe("");
  const answer = askYesNo("Go on?", { input: Object.assign(input, { isTTY: true }), output });
  await expect.poll(shown, { timeout: 60_000 }).toContain("Type");
  input.write("yes\n");
  expect(await answer).toBe(true);
});

test(`what was typed at a terminal before the question was there is no answer${verifies("SEC-04", "ELIC-52")}`, async () => {
  const { input, output, shown } = createScene();
  const terminal = { input: Object.assign(input, { isTTY: true }), output: Object.assign(output, { isTTY: true }) };
  input.write("yes\nyes\n");
  const answer = askConsent("Go on?", terminal);
  input.write("yes\n");
  await expect.poll(shown, { timeout: 60_000 }).toContain("Type");
  input.write("no\n");
  expect(await answer).toBe("no");
  const other = askConsent("And now?", { ...terminal, signal: AbortSignal.timeout(1) });
  expect(await other).toBe("dismissed");
  input.end();
  expect(await askConsent("Nobody left?", terminal)).toBe("dismissed");
});

test("the end of input ends a line, and is no answer by itself", async () => {
  const scene = createScene();
  scene.input.end("yes");
  expect(await askConsent("An unfinished line?", scene)).toBe("yes");
  expect(await askConsent("Nobody left?", scene)).toBe("dismissed");
  const other = createScene();
  const answer = askConsent("Go on?", other);
  other.input.end();
  expect(await answer).toBe("dismissed");
});

test("a question can be taken back", async () => {
  const scene = createScene();
  expect(await askConsent("Never shown", { ...scene, signal: AbortSignal.abort() })).toBe("dismissed");
  expect(scene.shown()).toBe("");
  const controller = new AbortController();
  const answer = askConsent("Go on?", { ...scene, signal: controller.signal });
  controller.abort();
  expect(await answer).toBe("dismissed");
  scene.input.write("yes\n");
  expect(await askYesNo("The next one?", scene)).toBe(true);
});

test("questions wait for each other", async () => {
  const scene = createScene();
  const answers = [askYesNo("First?", scene), askYesNo("Second?", scene)];
  await new Promise((resolve) => setImmediate(resolve));
  expect(scene.shown()).not.toContain("Second?");
  scene.input.write("yes\n");
  expect(await answers[0]).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(scene.shown()).toContain("Second?");
  scene.input.write("no\n");
  expect(await answers[1]).toBe(false);
});

test("a broken input is an error, not an answer", async () => {
  const scene = createScene();
  const answer = askConsent("Go on?", scene);
  await new Promise((resolve) => setImmediate(resolve));
  scene.input.destroy(new Error("unplugged"));
  await expect(answer).rejects.toThrow("unplugged");
  expect(await askConsent("And now?", scene)).toBe("dismissed");
});

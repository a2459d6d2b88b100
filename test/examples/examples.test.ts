/** The larger examples, run as they are against the built package, and what they print. */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

let served: ChildProcess | undefined;
afterEach(() => void served?.kill("SIGKILL"));

async function linesOf(script: string, ...args: string[]): Promise<string[]> {
  const options = { cwd: root, timeout: 50_000 };
  const { stdout, stderr } = await run(process.execPath, [`examples/${script}`, ...args], options);
  expect(stderr).toBe("");
  return stdout.trimEnd().split("\n");
}

test("the inspector shows what the notes server has, and calls its tools", async () => {
  const notes = [process.execPath, "examples/notes-server.mjs"];
  const lines = await linesOf("inspect.mjs", "--call", "add_note", '{"name":"trip","text":"pack a map"}', ...notes);
  expect(lines).toEqual([
    "Notes 1.0.0, revision 2026-07-28",
    "Look at the list of resources before adding a note: names are taken once.",
    "",
    "Tools",
    "  add_note(name, text) Keeps a text under a name.",
    "  remove_note(name)",
    "",
    "Resources",
    "  note:// Names of all notes",
    "",
    "Templates",
    "  note://{name} One note",
    "",
    "Prompts",
    "  tidy(name, style?)",
    "",
    "add_note",
    '  {"uri":"note://trip","notes":3}',
    "  structured: { uri: 'note://trip', notes: 3 }",
  ]);
  const failed = await linesOf("inspect.mjs", "--call", "add_note", '{"name":"ships","text":""}', ...notes);
  expect(failed.slice(-2)).toEqual([
    "add_note failed",
    "  There is a note ships already. Choose another name, or remove that one first.",
  ]);
});

test("the inspector says in one line why there is no server", async () => {
  const failing = run(process.execPath, ["examples/inspect.mjs", "no-such-program"], { cwd: root });
  await expect(failing).rejects.toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/^SPAWN_FAILED: .+\n$/),
  });
});

test("the handler that asks is answered in both eras", async () => {
  const asked = [
    "  person is asked: How many nights in the Blue room?",
    "  model is asked: Welcome a guest of the Blue room in one line.",
  ];
  expect(await linesOf("asking.mjs")).toEqual([
    "2025-11-25",
    ...asked,
    "  Booking 1: Blue room, 2 nights. Welcome! (the handler ran once)",
    "2026-07-28",
    ...asked,
    "  Booking 2: Blue room, 2 nights. Welcome! (the handler ran 3 times)",
    "a client without answers",
    '  true: -32021 {"requiredCapabilities":{"elicitation":{"form":{}}}}',
  ]);
});

test("who watches hears of changes in both eras", async () => {
  expect(await linesOf("watching.mjs")).toEqual([
    "2025-11-25 listens for tools,uris",
    "  resourceUpdated: 21 °C",
    "  toolsChanged: warm,calibrate",
    "2026-07-28 listens for tools,uris",
    "  resourceUpdated: 22 °C",
    "  toolsChanged: warm,calibrate",
  ]);
});

test("the audit sees what was done, what failed and what was refused", async () => {
  expect(await linesOf("audit.mjs")).toEqual([
    "What is in a.txt.",
    "b.dat is of no known format.",
    "-32602 Deleting is not allowed on weekdays",
    "desk read done",
    "desk convert failed",
    "desk delete refused",
  ]);
});

test("users of the HTTP server have lists of their own, over each kind of HTTP", async () => {
  const server = spawn(process.execPath, ["examples/http-server.mjs"], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  served = server;
  const [url] = (await once(createInterface(server.stdout), "line")) as [string];
  let before = { ada: "", bob: "" };
  for (const revision of ["2024-11-05", "2025-11-25", "2026-07-28"]) {
    const ada = `${before.ada}tea`;
    const bob = `${before.bob}nails`;
    expect(await linesOf("http-client.mjs", url, revision)).toEqual([
      `ada: ${ada} (${revision})`,
      `bob: ${bob} (${revision})`,
      `ada: ${ada}, lemons (${revision})`,
      "without a token: 401 Bearer",
    ]);
    before = { ada: `${ada}, lemons, `, bob: `${bob}, ` };
  }
  server.kill("SIGTERM");
  expect(await once(server, "exit")).toEqual([0, null]);
});

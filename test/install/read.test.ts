// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what configurations have
/** Installations as they are written down in the field, and texts that try to be read in two ways. */

import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandOf, fillInputs, missingInputs, readInstallations } from "../../runtime/install/index.js";
import { verifies } from "../verifies.js";

const entry = { command: "npx", args: ["-y", "weather@1.2.3"], env: { LOG: "debug" } };
const json = JSON.stringify(entry);
const query = encodeURIComponent;
const base64 = (text: string): string => query(Buffer.from(text).toString("base64"));

const bad = expect.objectContaining({ name: "McpWireError", code: "BAD_INSTALLATION" });

describe("links", () => {
  test.each([
    ["VS Code", `vscode:mcp/install?${query(JSON.stringify({ name: "weather", ...entry }))}`],
    ["VS Code Insiders", `vscode-insiders:mcp/install?${query(JSON.stringify({ name: "weather", ...entry }))}`],
    ["a page of VS Code", `https://insiders.vscode.dev/redirect/mcp/install?name=weather&config=${query(json)}`],
    [
      "a redirect of VS Code",
      `https://vscode.dev/redirect?url=${query(`vscode:mcp/install?${query(JSON.stringify({ name: "weather", ...entry }))}`)}`,
    ],
    ["Cursor", `cursor://anysphere.cursor-deeplink/mcp/install?name=weather&config=${base64(json)}`],
    [
      "Cursor, below its name",
      `cursor://anysphere.cursor-deeplink/mcp/install?name=x&config=${base64(JSON.stringify({ weather: entry }))}`,
    ],
    [
      "Cursor, a whole configuration",
      `cursor://anysphere.cursor-deeplink/mcp/install?name=x&config=${base64(JSON.stringify({ mcpServers: { weather: entry } }))}`,
    ],
    ["a page of Cursor", `https://cursor.com/en/install-mcp?name=weather&config=${base64(json)}`],
    ["LM Studio", `lmstudio://add_mcp?name=weather&config=${base64(json)}`],
    ["LM Studio, base64 for URLs", `lmstudio://add_mcp?name=weather&config=${Buffer.from(json).toString("base64url")}`],
    ["Kiro", `https://kiro.dev/launch/mcp/add?name=weather&config=${query(json)}`],
    ["Kiro itself", `kiro://kiro.mcp/add?name=weather&config=${query(json)}`],
    ["Raycast", `raycast://mcp/install?${query(JSON.stringify({ name: "weather", type: "stdio", ...entry }))}`],
  ])("of %s", (_what, link) => {
    const [found, ...others] = readInstallations(link);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ name: "weather", source: "link", ...entry, url: undefined, inputs: [] });
  });

  test("of Goose, whose variables are for the person to give", () => {
    const link =
      "goose://extension?cmd=uvx&arg=w%40thing&arg=mcp&id=w&name=W%20x&env=API_KEY%3DFrom%20your%20account&timeout=300";
    const [found] = readInstallations(link);
    expect(found).toMatchObject({ name: "W x", command: "uvx", args: ["w@thing", "mcp"], secretEnv: ["API_KEY"] });
    expect(found?.inputs).toMatchObject([{ id: "API_KEY", description: "From your account", secret: true }]);
  });

  test("with inputs", () => {
    const config = { ...entry, env: { WEATHER: "${input:place}", TOP: "${input:pin}" } };
    const inputs = [
      { type: "promptString", id: "place", description: "Where" },
      { id: "pin", password: true },
      { id: "unused" },
    ];
    const link = `https://vscode.dev/redirect/mcp/install?name=w&config=${query(JSON.stringify(config))}&inputs=${query(JSON.stringify(inputs))}`;
    const [found] = readInstallations(link);
    expect(found?.inputs.map(({ id, secret }) => [id, secret])).toEqual([
      ["place", false],
      ["pin", true],
    ]);
    expect(found?.secretEnv).toEqual(["TOP"]);
  });

  test("of a server that runs elsewhere lead to nothing that could be started", () => {
    const [found] = readInstallations(
      `lmstudio://add_mcp?name=w&config=${base64('{"url":"https://example.com/mcp"}')}`,
    );
    expect(found).toMatchObject({ url: "https://example.com/mcp", command: "" });
    expect(() => found && commandOf(found)).toThrow(expect.objectContaining({ code: "INVALID_USE" }));
  });

  test.each([
    ["javascript:alert(1)"],
    ["https://example.com/mcp/install?name=w&config=e30="],
    ["https://vscode.dev.evil.example/redirect/mcp/install?name=w&config=%7B%7D"],
    ["https://vscode.dev@evil.example/redirect/mcp/install?name=w&config=%7B%7D"],
    ["https://сursor.com/install-mcp?name=w&config=e30="],
    [`https://vscode.dev/redirect?url=${query("https://evil.example/")}`],
    [`https://vscode.dev/redirect?url=${query("javascript:alert(1)")}`],
    ["vscode:mcp/install?"],
    ["vscode:mcp/install?%7B"],
    ["vscode:mcp/install?%E0%A4%A"],
    ["vscode:mcp/install?%5B%5D"],
    ["vscode:mcp/install?%7B%7D\n"],
    ["vscode:mcp/in\tstall?%7B%7D"],
    ["cursor://anysphere.cursor-deeplink/mcp/install?name=w"],
    [`cursor://anysphere.cursor-deeplink/mcp/install?name=a&name=b&config=${base64(json)}`],
    [`cursor://anysphere.cursor-deeplink/mcp/install?name=a&config=${base64(json)}&config=${base64(json)}`],
    ["cursor://anysphere.cursor-deeplink/mcp/install?name=a&config=no*base64"],
    [`cursor://anysphere.cursor-deeplink/mcp/install?name=a&config=${base64(json).slice(0, -5)}!!`],
    [
      `cursor://anysphere.cursor-deeplink/mcp/install?name=a&config=${query(Buffer.of(0xff, 0xfe, 0x7b).toString("base64"))}`,
    ],
    ["goose://extension?id=w&name=w"],
    ["goose://extension?id=w&cmd=x&env=A%3Db&env=A%3Dc"],
    ["goose://extension?id=w&cmd=x&env=__proto__%3Db"],
    ["mailto:a@example.com"],
    [`vscode:mcp/install?${query(JSON.stringify({ command: "x", pad: "y".repeat(1_000_000) }))}`],
  ])("that are none, or say two things: %s", (link) => {
    expect(() => readInstallations(link === "vscode:mcp/install?%7B%7D\n" ? `${link}x` : link)).toThrow(bad);
  });
});

describe("configurations", () => {
  test.each([
    ["mcpServers", JSON.stringify({ mcpServers: { weather: entry } })],
    ["servers", JSON.stringify({ servers: { weather: { type: "stdio", ...entry } } })],
    ["settings of VS Code", JSON.stringify({ "editor.x": 1, mcp: { servers: { weather: entry } } })],
    ["one entry", JSON.stringify({ name: "weather", ...entry })],
    [
      "comments and trailing commas",
      `\uFEFF// mine\n{ /* of "all" */ "mcpServers": { "weather": { "command": "npx", "args": ["-y", "weather@1.2.3",], "env": { "LOG": "debug" }, }, }, } // end`,
    ],
  ])("with %s", (_what, text) => {
    expect(readInstallations(text)).toMatchObject([{ name: "weather", source: "configuration", ...entry }]);
  });

  test("with several servers, of which some run elsewhere", () => {
    const text = JSON.stringify({
      mcpServers: { a: entry, b: { serverUrl: "https://example.com/" }, c: { ...entry, cwd: "/x", envFile: ".env" } },
    });
    const found = readInstallations(text);
    expect(found.map(({ name, url, cwd, ignored }) => [name, url, cwd, ignored])).toEqual([
      ["a", undefined, undefined, []],
      ["b", "https://example.com/", undefined, []],
      ["c", undefined, "/x", ["envFile"]],
    ]);
  });

  test(`which values are secrets is told by names and inputs${verifies("SEC-02")}`, () => {
    const env = { GITHUB_TOKEN: "x", DB_PASSWORD: "x", API_KEY: "x", PLACE: "x", port: 8080, off: null };
    const [found] = readInstallations(JSON.stringify({ mcpServers: { a: { command: "x", env } } }));
    expect(found?.secretEnv).toEqual(["GITHUB_TOKEN", "DB_PASSWORD", "API_KEY"]);
    expect(found?.env).toMatchObject({ PLACE: "x", port: "8080" });
    expect(Object.keys(found?.env ?? {})).not.toContain("off");
  });

  test.each([
    ["a key twice", '{"mcpServers":{"a":{"command":"good","command":"evil"}}}'],
    ["a key twice, escaped", '{"mcpServers":{"a":{"command":"good","\\u0063ommand":"evil"}}}'],
    ["a server twice", '{"mcpServers":{"a":{"command":"good"},"a":{"command":"evil"}}}'],
    ["__proto__", '{"mcpServers":{"__proto__":{"command":"evil"}}}'],
    ["__proto__ deeper", '{"mcpServers":{"a":{"command":"x","env":{"__proto__":"y"}}}}'],
    ["both a command and a URL", '{"mcpServers":{"a":{"command":"x","url":"https://example.com"}}}'],
    ["neither", '{"mcpServers":{"a":{}}}'],
    ["no servers", '{"mcpServers":{}}'],
    ["something else", '{"a":1}'],
    ["arguments that are no texts", '{"command":"x","args":["a",1]}'],
    ["arguments in one text", '{"command":"x","args":"a b"}'],
    ["a command in a list", '{"mcpServers":{"a":{"command":["x","y"]}}}'],
    ["an empty command", '{"mcpServers":{"a":{"command":""}}}'],
    ["a variable that is an object", '{"command":"x","env":{"A":{}}}'],
    ["a variable with = in its name", '{"command":"x","env":{"A=B":"c"}}'],
    ["a variable without a name", '{"command":"x","env":{"":"c"}}'],
    ["zero characters", '{"command":"x","args":["a\\u0000b"]}'],
    ["a zero character in a variable", '{"command":"x","env":{"A":"a\\u0000b"}}'],
    ["a line break in a text", '{"command":"x\n"}'],
    ["something after its end", `${JSON.stringify(entry)} {}`],
    ["a comment without an end", `/* ${JSON.stringify(entry)}`],
    ["no end", '{"command":"x"'],
    ["words", "npx -y weather"],
    ["nothing", ""],
    ["single quotes", "{'command':'x'}"],
    ["numbers of another kind", '{"command":"x","a":0x10}'],
    ["half a pair in an escape", '{"command":"x\\u12"}'],
    ["depth", `${'{"a":'.repeat(40)}1${"}".repeat(40)}`],
    ["depth without end", "[".repeat(100_000)],
    ["length", JSON.stringify({ command: "x", args: ["a".repeat(1_000_001)] })],
    ["a name without end", JSON.stringify({ mcpServers: { ["n".repeat(201)]: entry } })],
    ["an input twice", '{"servers":{"a":{"command":"${input:x}"}},"inputs":[{"id":"x"},{"id":"x","default":"evil"}]}'],
    ["an input without an id", '{"servers":{"a":{"command":"x"}},"inputs":[{}]}'],
  ])(`that hold %s are refused${verifies("SEC-45")}`, (_what, text) => {
    expect(() => readInstallations(text)).toThrow(bad);
  });

  test(`keys that every object has mean only themselves${verifies("SEC-45")}`, () => {
    const text = '{"mcpServers":{"constructor":{"command":"x","env":{"toString":"y","hasOwnProperty":"z"}}}}';
    const [found] = readInstallations(text);
    expect(found).toMatchObject({ name: "constructor", command: "x" });
    expect(Object.keys(found?.env ?? {})).toEqual(["toString", "hasOwnProperty"]);
    expect(({} as Record<string, unknown>).command).toBeUndefined();
  });

  test("messages write out what is hidden in them", () => {
    const text = '{"mcpServers":{"good\\u202e\\u001b[2J":{}}}';
    expect(() => readInstallations(text)).toThrow('"good\\u{202e}\\u{1b}[2J"');
  });
});

describe("documents of the registry", () => {
  const stdio = { type: "stdio" };
  const read = (...packages: object[]): [string, ...string[]][] =>
    readInstallations(JSON.stringify({ name: "io.example/weather", version: "1.2.3", packages })).map((found) => {
      const { command, args } = commandOf(found);
      return [command, ...args];
    });

  test.each([
    [{ registryType: "npm", identifier: "@a/b", version: "1.0.0" }, ["npx", "-y", "@a/b@1.0.0"]],
    [{ registryType: "pypi", identifier: "b", version: "1.0.0", runtimeHint: "uvx" }, ["uvx", "b@1.0.0"]],
    [
      { registryType: "oci", identifier: "docker.example/a/b:1.0.0" },
      ["docker", "run", "-i", "--rm", "docker.example/a/b:1.0.0"],
    ],
    [
      { registryType: "oci", identifier: "host.example:5000/b", version: "2" },
      ["docker", "run", "-i", "--rm", "host.example:5000/b:2"],
    ],
    [{ registryType: "nuget", identifier: "B", version: "1.0.0" }, ["dnx", "B@1.0.0", "--yes"]],
    [{ registry_type: "npm", identifier: "b" }, ["npx", "-y", "b"]],
  ])("%j", (one, command) => {
    expect(read({ transport: stdio, ...one })).toEqual([command]);
  });

  test("arguments, flags and variables", () => {
    const one = {
      registryType: "oci",
      identifier: "a/b",
      version: "1.0.0",
      runtimeArguments: [
        { type: "named", name: "--mount", value: "type=bind,src={src},dst=/d", variables: { src: { value: "/data" } } },
      ],
      packageArguments: [
        { type: "positional", value: "serve" },
        { type: "named", name: "--quiet" },
        { type: "named", name: "--port", default: "80", description: "Where" },
        { type: "named", name: "--extra", description: "Optional" },
        { type: "positional", valueHint: "folder", isRequired: true },
      ],
      environmentVariables: [
        { name: "KEY", isRequired: true, isSecret: true, description: "A key" },
        { name: "MODE", value: "fast" },
        { name: "MORE", description: "Optional" },
      ],
      registryBaseUrl: "https://packages.example",
    };
    const [found] = readInstallations(JSON.stringify({ server: { name: "w", packages: [one] } }));
    if (found === undefined) throw new Error("nothing was read");
    expect(missingInputs(found).map(({ id }) => id)).toEqual(["KEY", "folder"]);
    expect(() => commandOf(found)).toThrow("KEY, folder");
    const filled = fillInputs(found, { folder: "/x y", KEY: "k$&" });
    const { args, env } = commandOf(filled);
    const image = ["-e", "KEY", "-e", "MODE", "-e", "MORE", "a/b:1.0.0"];
    expect(args).toEqual([
      "run",
      "-i",
      "--rm",
      "--mount=type=bind,src=/data,dst=/d",
      ...image,
      "serve",
      "--quiet",
      "--port=80",
      "/x y",
    ]);
    expect(env).toEqual({ KEY: "k$&", MODE: "fast" });
    expect(found.secretEnv).toEqual(["KEY"]);
    expect(found.ignored).toEqual(["registryBaseUrl https://packages.example"]);
  });

  test.each(["constructor", "__proto__", "toString"])(
    "of a kind that only objects have, %s, are of none that is known",
    (kind) => {
      const packages = [{ registryType: kind, identifier: "b", version: "1.0.0", transport: stdio }];
      expect(() => readInstallations(JSON.stringify({ name: "w", packages }))).toThrow(bad);
    },
  );

  test("positional arguments without a hint are inputs of their own", () => {
    const packageArguments = [1, 2].map(() => ({ type: "positional", isRequired: true }));
    const one = { registryType: "npm", identifier: "b", version: "1.0.0", transport: stdio, packageArguments };
    const [found] = readInstallations(JSON.stringify({ name: "w", packages: [one] }));
    expect(found?.inputs.map(({ id }) => id)).toEqual(["argument", "argument 2"]);
  });

  test("several packages are several ways, and those that cannot be run are left out", () => {
    const packages = [
      { registryType: "npm", identifier: "b", version: "1.0.0", transport: stdio },
      { registryType: "pypi", identifier: "b", version: "1.0.0", transport: stdio },
      { registryType: "mcpb", identifier: "https://example.com/b.mcpb", transport: stdio },
      { registryType: "npm", identifier: "b", version: "1.0.0", transport: { type: "streamable-http" } },
    ];
    const remotes = [{ type: "streamable-http", url: "https://example.com/mcp" }];
    const found = readInstallations(JSON.stringify({ name: "w", packages, remotes }));
    expect(found.map(({ name, url }) => [name, url])).toEqual([
      ["w (npm)", undefined],
      ["w (pypi)", undefined],
      ["w", "https://example.com/mcp"],
    ]);
    for (const left of [[], packages.slice(2, 3), packages.slice(3)])
      expect(() => readInstallations(JSON.stringify({ name: "w", packages: left }))).toThrow(bad);
  });
});

describe("inputs", () => {
  const text = JSON.stringify({
    servers: { w: { command: "x", args: ["${input:a}${input:a}", "${input:b}", "${env:HOME}", "${input:other}"] } },
    inputs: [{ id: "a" }, { id: "b", options: ["one", { label: "Two", value: "two" }], default: "one" }],
  });

  test("fill what names them, and nothing else is looked up", () => {
    const [found] = readInstallations(text);
    if (found === undefined) throw new Error("nothing was read");
    const { args } = commandOf(fillInputs(found, { a: "${input:b} $1" }));
    expect(args).toEqual(["${input:b} $1${input:b} $1", "one", "${env:HOME}", "${input:other}"]);
  });

  test.each([[{ c: "x" }], [{ b: "three" }], [{ a: "\0" }], [{ constructor: "x" }]])(
    "that do not fit: %j",
    (values) => {
      const [found] = readInstallations(text);
      expect(() => found && fillInputs(found, values as unknown as Record<string, string>)).toThrow(
        expect.objectContaining({ code: "INVALID_USE" }),
      );
    },
  );
});

test.each([
  [undefined, homedir()],
  ["~", homedir()],
  ["~/x", join(homedir(), "x")],
  ["x", join(homedir(), "x")],
  ["~x", join(homedir(), "~x")],
  ["/x", "/x"],
])("the folder %j is %s", (cwd, expected) => {
  const [found] = readInstallations({ command: "x", ...(cwd === undefined ? {} : { cwd }) });
  expect(found && commandOf(found).cwd).toBe(expected);
});

test("a command is taken as it is", () => {
  const [found] = readInstallations({ command: "a b", args: ["", "x\ny", "$(z)"], cwd: "/x" });
  expect(found).toMatchObject({
    name: "a b",
    source: "command",
    command: "a b",
    args: ["", "x\ny", "$(z)"],
    cwd: "/x",
  });
  expect(() => readInstallations({ command: "" })).toThrow(expect.objectContaining({ code: "INVALID_USE" }));
});

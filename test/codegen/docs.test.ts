/** Documentation of the emitted types: facts computed from all revisions, and the project's own sentences from a folder. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Docs, readDocs } from "../../codegen/docs.js";
import { tagsOf } from "../../codegen/emit/revision.js";
import { emitTypes } from "../../codegen/emit/types.js";
import { historyOf } from "../../codegen/history.js";
import type { Model } from "../../codegen/model.js";
import { readProject } from "../../codegen/read.js";
import { object, tiny } from "./tiny.js";

const folder = mkdtempSync(join(tmpdir(), "mcpwire-docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const string = { type: "string" };
const old = tiny({ Note: object({ text: string, "author?": string }) }, "2024-11-05");
const between = tiny(
  { Note: object({ text: string, "author?": string, "tone?": string }), Extra: object({}) },
  "2025-06-18",
);
const newest = tiny({ Note: object({ text: string, "tone?": string, "a b?": string }) }, "2025-11-25");
const history = historyOf([old, between, newest]);

async function typesOf(model: Model, docs: Docs = new Map()): Promise<string> {
  const { revision } = model;
  return await emitTypes({
    definitions: Object.values(model.definitions),
    docs,
    revision,
    tags: tagsOf(model, history),
  });
}

describe("facts", () => {
  test("say when a definition came and went, and where to read on", async () => {
    const text = await typesOf(between);
    expect(text).toContain(
      "/**\n * @since 2025-06-18\n * @removed 2025-11-25\n * @see {@link https://modelcontextprotocol.io/specification/2025-06-18/schema#extra}\n */\nexport interface Extra",
    );
    expect(text).toContain(
      "/**\n * @since 2024-11-05\n * @see {@link https://modelcontextprotocol.io/specification/2025-06-18/schema#note}\n */\nexport interface Note",
    );
  });

  test("say of a property only what its definition does not say", async () => {
    const text = await typesOf(between);
    expect(text).toContain("  /** @removed 2025-11-25 */\n  author?: string");
    expect(text).toContain("  /** @since 2025-06-18 */\n  tone?: string");
    expect(text).toContain(";\n  text: string;");
  });

  test("lead to the page of the revision where there is no schema page", async () => {
    expect(await typesOf(old)).toContain("@see {@link https://modelcontextprotocol.io/specification/2024-11-05}");
  });
});

describe("own sentences", () => {
  test("stand before the facts, on definitions and properties", async () => {
    const file = join(folder, "notes.json");
    const docs = {
      Note: "What someone wrote down.",
      "Note.text": { text: "The words, with */ in them." },
      "Note.tone": { text: "How it was said.", deprecated: "Say it in `text`." },
      "Note.a b": { deprecated: "Has a space." },
    };
    writeFileSync(file, JSON.stringify(docs));
    const text = await typesOf(newest, await readDocs(folder));
    rmSync(file);
    expect(text).toContain("/**\n * What someone wrote down.\n * @since 2024-11-05\n");
    expect(text).toContain("  /** The words, with *\\/ in them. */\n  text: string;");
    expect(text).toContain(
      "  /**\n   * How it was said.\n   * @since 2025-06-18\n   * @deprecated Say it in `text`.\n   */\n  tone?: string",
    );
    expect(text).toContain('  /**\n   * @since 2025-11-25\n   * @deprecated Has a space.\n   */\n  "a b"?: string');
  });

  test("call deprecated only what a revision has deprecated", async () => {
    const entry = { text: "How it was said.", deprecated: "Say it in `text`.", deprecatedSince: "2025-11-25" };
    const docs = new Map([["Note.tone", entry]]);
    expect(await typesOf(between, docs)).not.toContain("@deprecated");
    expect(await typesOf(newest, docs)).toContain("@deprecated Say it in `text`.");
  });

  test("of the project are about what some revision has", async () => {
    const docs = await readDocs("schema/docs");
    const { models } = await readProject("schema");
    const { lives } = historyOf(models);
    const extensions = models.flatMap((model) =>
      Object.values(model.definitions).flatMap((own) => own.extension ?? []),
    );
    const known = (key: string) =>
      [key, ...extensions.map((extension) => `${extension}#${key}`)].some((own) => lives.has(own));
    expect(docs.size).toBeGreaterThan(200);
    expect([...docs.keys()].filter((key) => !known(key))).toEqual([]);
  });

  test("of the project stand in the types that are generated", () => {
    const types = readFileSync("generated/2025-11-25/types.ts", "utf8");
    expect(types).toContain(
      "/**\n * A function of the server that a model may call, with the JSON Schema of what it takes.\n * @since",
    );
    expect(types).toContain("@deprecated No keyword of JSON Schema.");
    expect(readFileSync("generated/neutral/types.ts", "utf8")).toContain(
      "/** Milliseconds that the asker should let pass",
    );
  });

  test("are none where the folder is not there", async () => {
    expect(await readDocs(join(folder, "nowhere"))).toEqual(new Map());
  });

  test.each([
    ["[]", "must be an object"],
    ['{"Note": 1}', "must be a sentence or { text, deprecated, deprecatedSince }"],
    ['{"Note": {"txt": "a"}}', "must be a sentence or { text, deprecated, deprecatedSince }"],
    ["{", "not JSON"],
  ])("that read %s are refused", async (content, reason) => {
    const file = join(folder, "bad.json");
    writeFileSync(file, content);
    await expect(readDocs(folder)).rejects.toThrow(reason);
    rmSync(file);
  });

  test("about one thing in two files are refused", async () => {
    const files = ["a.json", "b.json"].map((name) => join(folder, name));
    for (const file of files) writeFileSync(file, '{"Note": "A note."}');
    await expect(readDocs(folder)).rejects.toThrow("Note is documented twice");
    for (const file of files) rmSync(file);
  });
});

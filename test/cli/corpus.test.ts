/** `mcpwire corpus`: JSON Lines that another implementation can be tested with. */

import { describe, expect, test } from "vitest";
import { type CorpusCommandOptions, corpusLines } from "../../runtime/cli/corpus.js";
import { mcpwire } from "./run.js";

interface Line {
  readonly definition: string;
  readonly valid: boolean;
  readonly value: unknown;
}

async function linesOf(options: CorpusCommandOptions): Promise<Line[]> {
  return [...(await corpusLines(options))].map((line) => {
    expect(line.indexOf("\n")).toBe(line.length - 1);
    return JSON.parse(line) as Line;
  });
}

describe("lines", () => {
  test("cover every definition of the newest revision where none is named", async () => {
    const lines = await linesOf({ count: 1 });
    const valid = lines.filter((line) => line.valid).map((line) => line.definition);
    expect(valid).toContain("DiscoverRequest");
    expect(new Set(valid).size).toBe(new Set(lines.map((line) => line.definition)).size);
    expect(lines.length).toBeLessThanOrEqual(2 * valid.length);
  });

  test("hold one definition of one revision where that is named", async () => {
    const lines = await linesOf({ revision: "2024-11-05", definition: "Role" });
    expect(lines.filter((line) => line.valid)).toEqual([
      { definition: "Role", valid: true, value: "assistant" },
      { definition: "Role", valid: true, value: "user" },
    ]);
    expect(lines.filter((line) => !line.valid).length).toBeGreaterThan(10);
  });

  test("have three members and nothing that JSON would change", async () => {
    for (const line of await linesOf({ revision: "2025-06-18", count: 5, mutations: true })) {
      expect(Object.keys(line)).toEqual(["definition", "valid", "value"]);
      expect(line.valid).toBeTypeOf("boolean");
    }
  });

  test("are the same for the same seed, and more with mutations", async () => {
    const options = { revision: "2025-03-26", definition: "Tool", mutations: true, count: 20 };
    expect(await linesOf({ ...options, seed: 3 })).toEqual(await linesOf({ ...options, seed: 3 }));
    expect(await linesOf({ ...options, seed: 3 })).not.toEqual(await linesOf({ ...options, seed: 4 }));
    expect(await linesOf({ ...options, seed: 3 })).toHaveLength(60);
    expect(await linesOf({ ...options, mutations: false })).toHaveLength(40);
  });
});

describe("what does not exist", () => {
  test("is refused at once, with the name that was meant", async () => {
    await expect(corpusLines({ revision: "2020-01-01" })).rejects.toThrow('unknown revision "2020-01-01"');
    await expect(corpusLines({ definition: "Tol" })).rejects.toMatchObject({
      parts: { what: '2026-07-28 has no definition "Tol"', wayOut: "did you mean Tool?" },
    });
    await expect(corpusLines({ definition: "constructor" })).rejects.toThrow('no definition "constructor"');
  });

  test("ends the command with status 2 and one line", () => {
    for (const args of [
      ["--count", "many"],
      ["--definition", "Tol"],
      ["--revision", "2020-01-01"],
    ]) {
      const { code, stdout, stderr } = mcpwire(["corpus", ...args]);
      expect({ code, stdout, lines: stderr.trimEnd().split("\n").length }).toEqual({ code: 2, stdout: "", lines: 1 });
    }
  });
});

test("the command prints the lines", async () => {
  const { code, stdout, stderr } = mcpwire(["corpus", "--revision", "2024-11-05", "--definition", "Role"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toBe([...(await corpusLines({ revision: "2024-11-05", definition: "Role" }))].join(""));
});

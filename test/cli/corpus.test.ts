/** `mcpwire corpus`: JSON Lines that another implementation can be tested with. */

import { Command, CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { addCorpus, type CorpusCommandOptions, corpusLines } from "../../runtime/cli/corpus.js";

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

/** Runs the command, without letting it end the process. */
async function run(...args: string[]): Promise<{ status: number; errors: string }> {
  let errors = "";
  const program = new Command().exitOverride().configureOutput({ writeErr: (text) => (errors += text) });
  addCorpus(program);
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync(["corpus", ...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { status: error.exitCode, errors };
  }
  return { status: 0, errors };
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

describe("the command", () => {
  test("ends with status 2 and one clear line for what does not exist", async () => {
    expect(await run("--revision", "2020-01-01")).toEqual({
      status: 2,
      errors: expect.stringMatching(/^mcpwire corpus: no revision 2020-01-01; there are 2024-11-05, .*2026-07-28\n$/),
    });
    expect(await run("--definition", "Nothing")).toEqual({
      status: 2,
      errors: "mcpwire corpus: revision 2026-07-28 has no definition Nothing\n",
    });
  });

  test("refuses a count that is no number", async () => {
    expect(await run("--count", "many")).toMatchObject({
      status: 1,
      errors: expect.stringContaining("Give a whole number."),
    });
  });
});

/** The research server, as it is and as a task in both forms, with a model that follows a script: all give the same. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { verifies } from "../verifies.js";

test(`agents of the research server work side by side, in both eras${verifies("SAMP-19", "SAMP-25", "SAMP-26", "TASK-12", "TASK-30", "TASK-50", "XTASK-06", "XTASK-14", "XTASK-25")}`, async () => {
  const script = fileURLToPath(new URL("../../examples/research-client.mjs", import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script], { timeout: 100_000 });
  const rest = [
    "  benefit: 3 tools",
    "  effort: 2 tools",
    '  Edited: benefit: 2 notes, the first says "Sedum roofs keep back ab..." effort: 1 notes, the first says "A sedum roof costs about..."',
  ];
  expect(stdout.trimEnd().split("\n")).toEqual(
    ["2025-11-25", "2026-07-28"].flatMap((revision) => [
      `${revision}, completed as a task: 2 of 2 agents are done, 7 questions`,
      ...rest,
    ]),
  );
  expect(stderr).toBe("");
});

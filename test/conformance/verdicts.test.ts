/** The verdicts on the referee's checks can fail. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { judge, leftOut, readChecks, tell } from "./verdicts.js";

const right = { id: "a", status: "SUCCESS" };

test("a scenario passes where something was right, and nothing wrong or doubtful", () => {
  const checks = [right, { id: "b", status: "SKIPPED" }, { id: "c", status: "INFO" }];
  expect(judge("s", checks)).toEqual({
    scenario: "s",
    counts: { SUCCESS: 1, FAILURE: 0, WARNING: 0, SKIPPED: 1 },
    notes: [],
    passed: true,
  });
});

test.each([
  ["a failure", [right, { id: "b", status: "FAILURE", errorMessage: "it is broken" }], undefined, /b: it is broken/],
  ["a warning", [right, { id: "b", status: "WARNING", description: "be nice" }], undefined, /WARNING b: be nice/],
  ["no success", [{ id: "b", status: "INFO" }], undefined, /nothing was proved/],
  ["no checks at all", undefined, undefined, /left no checks/],
  ["a run that failed", [right], "the run ended with code 1", /code 1/],
])("a scenario does not pass with %s", (_what, checks, problem, note) => {
  const verdict = judge("s", checks, problem);
  expect(verdict.passed).toBe(false);
  expect(tell(verdict, " (not scored)")).toMatch(note);
});

test("checks are found by scenario, whatever the folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "mcpwire-"));
  try {
    const names = ["server-tools-list-2026-07-29T10-00-00-000Z", "auth/dpop-2026-07-29T10-00-00-000Z"];
    for (const name of names) {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, "checks.json"), JSON.stringify([{ ...right, id: name }]));
    }
    const found = readChecks(folder);
    expect([...found.keys()].sort()).toEqual(["auth/dpop", "server-tools-list"]);
    expect(found.get("auth/dpop")).toEqual([{ ...right, id: names[1] }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what is left out is named with its reason", () => {
  const left = leftOut(["tools-list", "tasks-lifecycle", "tasks-status-notifications", "auth/dpop"]);
  expect([...left]).toEqual([["is always skipped by the referee", ["tasks-status-notifications"]]]);
});

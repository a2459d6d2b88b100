/**
 * Reads what vitest's JSON reporter wrote, prints `<passed> <failed>`, and adds each failure to a file.
 * A suite that did not come to its tests, or ended with an error outside of them, has at least one failure.
 *
 *   node .ci/results.mjs <suite> <results.json> <failures.txt>
 */

import { appendFileSync, readFileSync } from "node:fs";
import { relative } from "node:path";

/** Characters of a failure that are told: its message, and where in its stack it happened. */
const SHOWN = 2_000;

const [suite, resultsPath, failuresPath] = process.argv.slice(2);

function tell(title, message) {
  appendFileSync(failuresPath, `${suite}: ${title}\n${message.slice(0, SHOWN)}\n`);
}

function read() {
  try {
    return JSON.parse(readFileSync(resultsPath, "utf8"));
  } catch (error) {
    tell("no results", error.message);
    return { success: false };
  }
}

const { numPassedTests = 0, success, testResults = [] } = read();
let failed = 0;
for (const file of testResults) {
  const tests = file.assertionResults.filter((test) => test.status === "failed");
  for (const test of tests) tell(`${relative(".", file.name)} > ${test.fullName}`, test.failureMessages.join("\n"));
  if (tests.length === 0 && file.status === "failed") tell(relative(".", file.name), file.message);
  failed += file.status === "failed" ? Math.max(1, tests.length) : 0;
}
if (failed === 0 && !success) {
  tell("an error outside of the tests", "see its output");
  failed = 1;
}
console.log(numPassedTests, failed);

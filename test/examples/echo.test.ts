/** The examples run as they are, against the built package. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { revisions } from "../../generated/revisions.js";

test("the echo client calls the echo server at every revision", async () => {
  const script = fileURLToPath(new URL("../../examples/echo-client.mjs", import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script]);
  expect(stdout.trim().split("\n")).toEqual(revisions.map(({ revision }) => `hello from ${revision}`));
  expect(stderr).toBe("");
});

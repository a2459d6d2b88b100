/** Files of `mcpwire validate`: each line is an entry or a reason, and whoever recorded it can have recorded anything. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Failure } from "../../../runtime/cli/failure.js";
import { readRecording } from "../../../runtime/cli/recording.js";
import { createConversationChecker } from "../../../runtime/index.js";
import { bytesOf, json, odd, utf8 } from "../bytes.js";
import { isUnpolluted, message, openings } from "../messages.js";
import { defineTarget, holds, type Target } from "../target.js";

interface Input {
  readonly bytes: string;
  readonly max: number;
}

const from = fc.oneof(fc.constantFrom("client", "server"), odd, json);
const row = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ from, message }, { requiredKeys: ["message"] }).map((one) => utf8(JSON.stringify(one))),
  },
  { weight: 4, arbitrary: message.map((one) => utf8(JSON.stringify(one) ?? "")) },
  {
    weight: 1,
    arbitrary: fc.oneof(
      odd.map(utf8),
      json.map((one) => utf8(JSON.stringify(one) ?? "")),
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom("", "\xff", "[", "]", "{", "}", ",") },
);
const bytes = fc
  .tuple(
    openings,
    fc.array(row, { maxLength: 12 }),
    fc.constantFrom("\n", "\r\n", "\n\n", "\n ,"),
    fc.constantFrom("", "\n", "[\n", "\xef\xbb\xbf"),
  )
  .map(
    ([opening, rows, between, before]) =>
      before + [...opening.map((one) => utf8(JSON.stringify(one))), ...rows].join(between),
  );

let folder: string | undefined;

export const traces: Target = defineTarget<Input>({
  name: "traces",
  inputs: fc.record({ bytes, max: fc.oneof(fc.constant(1_000_000), fc.integer({ min: 1, max: 200 })) }),
  corpus: [
    { bytes: `${"[".repeat(200_000)}\n`, max: 1_000_000 },
    { bytes: `${'{"jsonrpc":"2.0","id":1,"method":"ping"}\n'.repeat(3_000)}`, max: 1_000 },
    { bytes: `{"message":${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}}\n`, max: 1_000_000 },
    {
      bytes:
        '{"from":"client","message":{"jsonrpc":"2.0","id":"__proto__","method":"constructor","params":{"__proto__":{"a":1}}}}\n',
      max: 1_000,
    },
  ],
  async run({ bytes: text, max }) {
    folder ??= mkdtempSync(join(tmpdir(), "mcpwire-fuzz-"));
    const file = join(folder, "trace.jsonl");
    writeFileSync(file, bytesOf(text));
    const lines = text.split("\n").length;
    const checker = createConversationChecker();
    let entries = 0;
    try {
      for await (const entry of readRecording({ source: file, maxLineBytes: max })) {
        entries++;
        holds(entry.line >= 0 && entry.line <= lines + 1, `Line ${entry.line} of ${lines}`);
        if (!("recorded" in entry)) {
          holds(entry.problem !== "", "A problem without a word");
          continue;
        }
        const report = checker.feed(entry.recorded);
        holds(report.ok || report.failures.length > 0, "A message that does not fit, for no reason");
        JSON.stringify(report);
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
    // A document over several lines has as many entries as it likes, and no more than it has commas.
    holds(entries <= lines + text.split(",").length, `${entries} entries of ${lines} lines`);
    checker.pending();
    holds(isUnpolluted(), "A recording changed what all objects have");
  },
  async end() {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  },
});

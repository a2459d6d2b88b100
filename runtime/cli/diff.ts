/** `mcpwire diff`: what changed between two revisions, and who breaks by it. */

import { type Command, Option } from "commander";
import { EXIT_FINDINGS } from "./failure.js";
import { colorsFor, print, printJson } from "./output.js";
import { loadModels } from "./schemas.js";

interface DiffFlags {
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly exitCode?: boolean;
}

export function addDiff(program: Command): void {
  program
    .command("diff")
    .description("compare two revisions, or two schema files")
    .argument("<before>", "a revision, or the path of a schema.json")
    .argument("<after>", "a revision, or the path of a schema.json")
    .addOption(new Option("--json", "print the whole diff as JSON").conflicts("markdown"))
    .option("--markdown", "print the whole diff as a changelog")
    .option("--exit-code", "exit 1 where there are differences")
    .action(runDiff);
}

async function runDiff(before: string, after: string, flags: DiffFlags): Promise<void> {
  const [older, newer] = await loadModels([before, after]);
  if (older === undefined || newer === undefined) return;
  const { diffModels, isEmpty, renderMarkdown } = await import("../../codegen/diff.js");
  const diff = diffModels(older, newer);
  if (flags.json === true) printJson(diff);
  else if (flags.markdown === true) print(renderMarkdown(diff));
  else {
    const { summarize } = await import("./diff-summary.js");
    print(await summarize(diff, colorsFor()));
  }
  if (flags.exitCode === true && !isEmpty(diff)) process.exitCode = EXIT_FINDINGS;
}

/** A diff for the terminal: the size of it, all that breaks, and where the rest is. */

import type { Diff, Line } from "../../codegen/diff.js";
import type { Colors } from "./output.js";

/** Names of more definitions or methods than this are counted. */
const NAMES = 4;

export async function summarize(diff: Diff, colors: Colors): Promise<string> {
  const { breaksWords, countDiff, isEmpty, linesOf, splitLines } = await import("../../codegen/diff.js");
  const title = colors.bold(`${diff.before} → ${diff.after}`);
  if (isEmpty(diff)) return `${title}: no differences`;
  const { breaking, others } = splitLines(linesOf(diff, colors.cyan));
  const { definitions, methods } = countDiff(diff);
  const sizes = (counts: { added: number; removed: number; changed: number }): string =>
    [
      colors.green(`${counts.added} added`),
      colors.red(`${counts.removed} removed`),
      colors.yellow(`${counts.changed} changed`),
    ].join(", ");
  const bullet = (line: Line): string =>
    `  ${namesOf(line, colors)}: ${line.text}  ${colors.red(`breaks ${breaksWords(line.breaks)}`)}`;
  const extensions = diff.extensions.map(
    (part) => `extension ${colors.cyan(part.extension)} (${part.status}): ${sizesOf(part)}`,
  );
  return [
    title,
    `definitions: ${sizes(definitions)}, ${definitions.renamed} renamed`,
    `methods:     ${sizes(methods)}`,
    ...extensions,
    "",
    breaking.length === 0 ? "nothing breaks" : colors.bold("breaking"),
    ...breaking.map(bullet),
    "",
    colors.dim(`${others.length} other changes; --markdown and --json show everything`),
  ].join("\n");
}

function namesOf({ subjects }: Line, colors: Colors): string {
  const shown = subjects.slice(0, NAMES).map(colors.cyan).join(", ");
  return subjects.length > NAMES ? `${shown} and ${subjects.length - NAMES} more` : shown;
}

function sizesOf({ definitions, methods }: Diff["core"]): string {
  const counts = [definitions.added, definitions.removed, definitions.changed].map((list) => list.length);
  return `definitions ${counts.join("/")}, methods ${methods.added.length}/${methods.removed.length}/${methods.changed.length} added/removed/changed`;
}

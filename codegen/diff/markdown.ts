/** A diff as a changelog: what breaks first, with who breaks, then the rest, then the definitions by name. */

import { countDiff } from "./count.js";
import { breaksWords, extensionLines, type Line, linesOf, type Section, splitLines } from "./lines.js";
import type { DefinitionsDiff, Diff, ExtensionDiff, MovedFrom, MovedTo } from "./types.js";

export interface MarkdownOptions {
  /** Level of the outermost heading; 1 unless given, more where the text goes into another document. */
  readonly level?: number;
}

const TITLES: Readonly<Record<Section, string>> = {
  protocol: "Protocol",
  methods: "Methods",
  errors: "Errors",
  payloads: "Payloads",
  respelled: "Written differently, the same on the wire",
};

/** The diff as a Markdown document that ends with a line break. */
export function renderMarkdown(diff: Diff, options: MarkdownOptions = {}): string {
  const level = options.level ?? 1;
  const { breaking, others } = splitLines(linesOf(diff, code));
  const blocks = [
    heading(level, `${diff.before} → ${diff.after}`),
    summaryOf(diff),
    ...chapter(level + 1, "Breaking changes", breaking),
    ...chapter(level + 1, "Other changes", others),
    ...definitionsChapter(level + 1, diff.core.definitions),
    ...diff.extensions.flatMap((extension) => extensionChapter(level + 1, extension)),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function code(name: string): string {
  return name.includes("`") ? `\`\` ${name} \`\`` : `\`${name}\``;
}

function heading(level: number, title: string): string {
  return `${"#".repeat(Math.min(level, 6))} ${title}`;
}

function summaryOf(diff: Diff): string {
  const { definitions, methods, breaking } = countDiff(diff);
  const rows = (["client", "server"] as const).map(
    (side) => `| ${side} | ${breaking[side].sender} | ${breaking[side].receiver} |`,
  );
  return [
    `Definitions: ${definitions.added} added, ${definitions.removed} removed, ${definitions.renamed} renamed, ${definitions.changed} changed. ` +
      `Methods: ${methods.added} added, ${methods.removed} removed, ${methods.changed} changed.`,
    "",
    "| changes that break | as sender | as receiver |",
    "|---|---|---|",
    ...rows,
  ].join("\n");
}

function chapter(level: number, title: string, lines: readonly Line[]): string[] {
  const sections = (Object.keys(TITLES) as Section[]).flatMap((section) => {
    const own = lines.filter((line) => line.section === section);
    return own.length === 0 ? [] : [heading(level + 1, TITLES[section]), own.map(bullet).join("\n")];
  });
  return sections.length === 0 ? [] : [heading(level, title), ...sections];
}

function bullet({ subjects, text, breaks }: Line): string {
  const who = breaksWords(breaks);
  return `- ${subjects.map(code).join(", ")}: ${text}${who === "" ? "" : `. **Breaks ${who}**`}`;
}

function definitionsChapter(level: number, definitions: DefinitionsDiff): string[] {
  const renamed = definitions.renamed.map(({ before, after }) => `${code(before)} → ${code(after)}`);
  const lists = [
    listing("Added", definitions.added.map(addedWords)),
    listing("Removed", definitions.removed.map(removedWords)),
    listing("Renamed", renamed),
    listing("Inlined before, named now", definitions.named.map(code)),
    listing("Named before, inlined now", definitions.inlined.map(code)),
  ].filter((text) => text !== undefined);
  return lists.length === 0 ? [] : [heading(level, "Definitions"), lists.join("\n")];
}

function listing(title: string, names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : `- ${title} (${names.length}): ${names.join(", ")}`;
}

function addedWords({ name, movedFrom }: MovedFrom): string {
  return movedFrom === undefined ? code(name) : `${code(name)} (from ${movedFrom})`;
}

function removedWords({ name, movedTo }: MovedTo): string {
  return movedTo === undefined ? code(name) : `${code(name)} (now in ${movedTo})`;
}

const STATUS: Readonly<Record<ExtensionDiff["status"], string>> = { added: "new", removed: "gone", kept: "changed" };

function extensionChapter(level: number, extension: ExtensionDiff): string[] {
  const { breaking, others } = splitLines(extensionLines(extension, code));
  const blocks = [
    ...chapter(level + 1, "Breaking changes", breaking),
    ...chapter(level + 1, "Other changes", others),
    ...definitionsChapter(level + 1, extension.definitions),
  ];
  if (blocks.length === 0) return [];
  const moved = [...extension.definitions.added, ...extension.methods.added].some(
    (entry) => entry.movedFrom !== undefined,
  );
  const note = moved ? ["What moved here is compared with what it was before."] : [];
  return [heading(level, `Extension ${code(extension.extension)} (${STATUS[extension.status]})`), ...note, ...blocks];
}

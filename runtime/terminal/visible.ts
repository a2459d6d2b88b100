/**
 * Text of strangers as it is. A terminal obeys control characters, turns text around at bidirectional marks and shows nothing for many
 * others, so what a person reads there need not be what a program gets.
 */

/**
 * Controls, formats (bidirectional marks, joiners, tags), what is shown as nothing (fillers, variation selectors), every separator but the
 * space, the blank of Braille, halves of surrogate pairs, private and unassigned characters.
 */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/** What a reader would take for one of the escapes below. */
const LOOKS_ESCAPED = /\\(?=u\{)/g;

/**
 * Writes characters that are invisible, that act on a terminal, or that look like a space without being one as `\u{…}` with their number
 * in hexadecimal digits; line ends and tabs are among them. Nothing is left out or cut off, and different texts stay different: the
 * backslash of a written-out `\u{` is escaped too.
 */
export function visibleText(text: string): string {
  return text.replaceAll(LOOKS_ESCAPED, "\\u{5c}").replaceAll(HIDDEN, escapeOf);
}

function escapeOf(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

/** What makes a link of an address, for terminals that make links by themselves. */
const LINKS = /:(?=\/\/)|(?<=\bmailto):|(?<=\bwww)\./gi;

/**
 * As {@link visibleText}, and without anything to click on: `https://…` is written as `https\u{3a}//…`. For text of strangers that may hold
 * addresses nobody agreed to open (ELIC-56).
 */
export function unlinkedText(text: string): string {
  return withoutLinks(visibleText(text));
}

/** The same for text that is visible already. */
export function withoutLinks(text: string): string {
  return text.replaceAll(LINKS, escapeOf);
}

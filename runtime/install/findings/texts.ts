/** Texts that look like something else: invisible characters, letters that resemble others, addresses that mislead. */

import { visibleText } from "../../terminal/index.js";
import { caution, danger, distinct, type Finding } from "./contract.js";

const LONG = 1000;

/** Blocks of scripts that run from right to left; a screen turns what stands between around, without any mark. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

export function inspectText(text: string, part: string): Finding[] {
  const found: Finding[] = [];
  if (visibleText(text) !== text)
    found.push(
      danger(
        "hidden-text",
        part,
        "It holds characters that are invisible or turn text around; they are written out here.",
      ),
    );
  if (mixesScripts(text))
    found.push(danger("look-alike", part, "It holds letters of another script that look like Latin ones."));
  if (RIGHT_TO_LEFT.test(text))
    found.push(
      caution(
        "right-to-left",
        part,
        "It holds letters that are written from right to left: its parts may seem swapped.",
      ),
    );
  if (text.length > LONG) found.push(caution("long", part, `It has ${text.length} characters: read to its end.`));
  if (/\$\{[^{}]*\}/.test(text))
    found.push(caution("placeholder", part, "The placeholder in it is not filled in here; it is passed as it stands."));
  return distinct([...found, ...inspectAddresses(text, part)]);
}

/** Arguments that were written for a shell; none reads them. */
export function inspectForShell(arg: string, part: string): Finding[] {
  if (/^(?:\||\|\||&&?|;|\d?>{1,2}(?:&\d)?|<)$/.test(arg) || /\$\(|`|&&|\|\||;\s|\s\|\s/.test(arg))
    return [
      caution(
        "for-a-shell",
        part,
        "It looks as if written for a shell. No shell is used; the program gets it as it stands.",
      ),
    ];
  return [];
}

/** Arguments that hold a secret: every program of this machine can read them. */
export function inspectSecret(arg: string, part: string): Finding[] {
  const name = arg.startsWith("-") ? arg.slice(0, Math.max(0, arg.indexOf("="))) : "";
  const known = /^(?:sk-|ghp_|gho_|github_pat_|xox[abp]-|AKIA)\w{10}/.test(arg);
  if (!known && !/key|token|secret|passw|credential/i.test(name)) return [];
  return [caution("secret-argument", part, "A secret in an argument can be read by every program on this machine.")];
}

/** Whether one word mixes Latin letters with those of a script that has look-alikes. */
function mixesScripts(text: string): boolean {
  const words = text.match(/[\p{L}\p{N}._@-]+/gu) ?? [];
  return words.some(
    (word) =>
      /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]|[\uff01-\uff5e]|[\u{1d400}-\u{1d7ff}]/u.test(
        word,
      ) &&
      (/[a-z]/i.test(word) || isLatinLike(word)),
  );
}

/** Whether all letters of a word have Latin twins, as in a whole name written in Cyrillic. */
function isLatinLike(word: string): boolean {
  return /^[асеорхуіјѕһԁӏҮВЕКМНОРСТХαοινρτυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ\d._@-]+$/u.test(word);
}

function inspectAddresses(text: string, part: string): Finding[] {
  return (text.match(/\b[a-z][a-z\d+.-]{0,30}:\/\/[^\s"'<>]+/gi) ?? []).flatMap((address) => {
    if (!URL.canParse(address)) return [];
    const { protocol, hostname, username } = new URL(address);
    const found: Finding[] = [];
    const local = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
    if (username !== "")
      found.push(caution("address-user", part, `What stands before @ is no host: the host is ${hostname}.`));
    if (hostname.split(".").some((label) => label.startsWith("xn--")))
      found.push(danger("look-alike", part, `The host has other letters than Latin ones; it is ${hostname}.`));
    if (protocol === "http:" && !local) found.push(caution("unencrypted", part, "This address is not encrypted."));
    if (/^(?:[\d.]+|\[[\da-f:]+\])$/.test(hostname) && !local)
      found.push(caution("address-number", part, "This address has a number for a host, not a name."));
    return found;
  });
}

/** One change in one sentence, for readers; the caller says how names are set apart. */

import type { ErrorChange, MethodChange, MethodEntry, PayloadChange, TraitChange } from "./types.js";

/** How a name is written: in backticks, in colour, as it is. */
export type Code = (name: string) => string;

/** Unions of more members are told by what came and went. */
const WHOLE_UNION = 3;

export function payloadWords(change: PayloadChange, code: Code): string {
  const place = change.path === "" ? "as a whole" : code(change.path);
  const [before, after] = [code(change.before ?? ""), code(change.after ?? "")];
  switch (change.change) {
    case "property-added":
      return `${place} is a new ${requiredness(change)} property, ${after}`;
    case "property-removed":
      return `${place} is gone (${requiredness(change)}, ${before})`;
    case "now-required":
      return `${place} is required now`;
    case "now-optional":
      return `${place} may be left out now`;
    case "respelled":
      return `${place}: ${before} is written ${after}`;
    case "constraint":
      return `${place}: ${constraintWords(change, code)}`;
    case "enum":
      return `${place} ${memberWords(change, code)}`;
    case "type":
      return isLong(change) ? `${place} ${memberWords(change, code)}` : `${place}: ${before} → ${after}`;
  }
}

function requiredness(change: PayloadChange): string {
  return change.required === true ? "required" : "optional";
}

function isLong({ added = [], removed = [], before = "", after = "" }: PayloadChange): boolean {
  const members = Math.max(before.split(" | ").length, after.split(" | ").length);
  return members > WHOLE_UNION && added.length + removed.length > 0;
}

function memberWords({ added = [], removed = [] }: PayloadChange, code: Code): string {
  const gains = added.length === 0 ? [] : [`takes ${added.map(code).join(", ")} as well`];
  const losses = removed.length === 0 ? [] : [`no longer takes ${removed.map(code).join(", ")}`];
  return [...gains, ...losses].join(" and ");
}

function constraintWords({ constraint = "", before, after }: PayloadChange, code: Code): string {
  if (before === undefined) return `${code(constraint)} is ${after ?? ""} now, there was none`;
  return after === undefined ? `${code(constraint)} ${before} is gone` : `${code(constraint)} ${before} → ${after}`;
}

/** `request, client → server`, or `notification, either way`. */
export function wayWords({ kind, from }: Pick<MethodEntry, "kind" | "from">): string {
  const way = from.length > 1 ? "either way" : from[0] === "client" ? "client → server" : "server → client";
  return `${kind === "input" ? "input request" : kind}, ${way}`;
}

export function methodWords(change: MethodChange, code: Code): string {
  const { before, after, subject = "" } = change;
  switch (change.change) {
    case "kind":
      return `${kindWords(after)} now, was ${kindWords(before)}`;
    case "from":
      return `sent by ${after ?? ""} now, was ${before ?? ""}`;
    case "params":
    case "result":
      return `${change.change} ${code(before ?? "none")} → ${code(after ?? "none")}`;
    case "params-required":
      return after === "true" ? `${code("params")} is required now` : `${code("params")} may be left out now`;
    case "alternative":
      return after === undefined ? `no longer answered with ${before ?? ""}` : `may be answered with ${after}`;
    case "capability":
      return gateWords(`behind the ${subject}'s capability`, change, code);
    case "header":
      return gateWords(`mirrored by the header ${code(subject)}:`, change, code);
    case "task-augmentable":
      return after === "true" ? "may run as a task" : "may no longer run as a task";
    case "cacheable":
      return after === "true" ? "cache hints in the result" : "no longer cache hints in the result";
  }
}

function kindWords(kind: string | undefined): string {
  return kind === "input" ? "an input request" : `a ${kind ?? ""} of its own`;
}

function gateWords(noun: string, { before, after }: MethodChange, code: Code): string {
  if (after === undefined) return `no longer ${noun} ${code(before ?? "")}`;
  return `${noun} ${code(after)}${before === undefined ? "" : `, was ${code(before)}`}`;
}

export function errorWords(change: ErrorChange): string {
  if (change.change === "code") return `code ${change.codeBefore ?? ""} → ${change.code}`;
  return `${change.change}, code ${change.code}`;
}

export function traitWords({ change }: TraitChange): string {
  return change === "gained" ? "trait gained" : "trait lost";
}

/**
 * URI templates (RFC 6570) as they are read backwards: what a URI has to have, step by step. All operators are understood; a value is what
 * stands between the literals. Resource templates; requirements RES-02, RES-16.
 */

import { McpWireError } from "../errors.js";

export type Variables = { readonly [name: string]: string };

export interface UriTemplate {
  readonly names: readonly string[];
  readonly parts: readonly Part[];
  readonly steps: readonly Step[];
}

export interface Part {
  readonly operator: string;
  readonly names: readonly string[];
}

/** What a URI has to have next. */
export type Step =
  | { readonly kind: "text"; readonly text: string }
  /** One value: the characters up to a stop, and at least one. */
  | { readonly kind: "value"; readonly stops: string }
  /** Values with names of their own in the URI, after a sign; they may be left out together. */
  | { readonly kind: "pairs"; readonly sign: string; readonly stops: string }
  /** The steps up to this one may be left out together. */
  | { readonly kind: "option"; readonly to: number };

/** @throws McpWireError `INVALID_USE` for a template that is none. */
export function parseUriTemplate(template: string): UriTemplate {
  const parts: Part[] = [];
  const steps: Step[] = [];
  let end = 0;
  for (let open = template.indexOf("{"); open >= 0; open = template.indexOf("{", end)) {
    const close = template.indexOf("}", open);
    if (close < 0) throw malformed(template);
    addText(steps, template.slice(end, open), template);
    const part = readPart(template.slice(open + 1, close));
    if (part === undefined) throw malformed(template);
    parts.push(part);
    addPart(steps, part);
    end = close + 1;
  }
  addText(steps, template.slice(end), template);
  return { names: parts.flatMap(({ names }) => names), parts, steps };
}

function malformed(template: string): McpWireError {
  return new McpWireError(
    "INVALID_USE",
    `${template} is no URI template.`,
    "See RFC 6570: `{name}` stands for a value.",
  );
}

function readPart(expression: string): Part | undefined {
  const operator = "+#./;?&".includes(expression[0] ?? " ") ? (expression[0] as string) : "";
  const names = expression
    .slice(operator.length)
    .split(",")
    .map((name) => name.replace(/\*$|:\d{1,4}$/, ""));
  return names.every((name) => /^[\w.%]+$/.test(name)) ? { operator, names } : undefined;
}

function addText(steps: Step[], text: string, template: string): void {
  if (text.includes("}")) throw malformed(template);
  if (text !== "") steps.push({ kind: "text", text });
}

/** Line ends, of which URIs have none. */
const LINES = "\n\r\u2028\u2029";

/** Where values end, by operator, and what stands between several of them. */
const VALUES: Readonly<Record<string, readonly [stops: string, between: string]>> = {
  "": ["/?#,", ","],
  "+": [LINES, ","],
  "#": [LINES, ","],
  ".": ["/?#.", "."],
  "/": ["/?#", "/"],
};

function addPart(steps: Step[], { operator, names }: Part): void {
  if (operator === ";" || operator === "?" || operator === "&") {
    steps.push({ kind: "pairs", sign: operator, stops: operator === ";" ? "/?#" : "#" });
    return;
  }
  const [stops, between] = VALUES[operator] as readonly [string, string];
  const own: Step[] = names.flatMap((_, index) => [
    ...(index === 0 ? [] : [{ kind: "text" as const, text: between }]),
    { kind: "value" as const, stops },
  ]);
  if (operator === "" || operator === "+") steps.push(...own);
  else steps.push({ kind: "option", to: steps.length + own.length + 2 }, { kind: "text", text: operator }, ...own);
}

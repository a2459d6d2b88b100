/**
 * URI templates (RFC 6570) read backwards: does a URI come from a template, and with which values. All operators are understood; a value
 * is what stands between the literals, decoded. Resource templates; requirements RES-02, RES-16.
 */

import { McpWireError } from "../errors.js";

export type Variables = { readonly [name: string]: string };

export interface UriTemplate {
  readonly names: readonly string[];
  /** The values by which the template gives the URI; `undefined` where it cannot. */
  match(uri: string): Variables | undefined;
}

/** Longer URIs match no template: matching several open-ended values is quadratic (SEC-42). */
const MAX_URI = 8_192;

interface Part {
  readonly operator: string;
  readonly names: readonly string[];
}

/** @throws McpWireError `INVALID_USE` for a template that is none. */
export function parseUriTemplate(template: string): UriTemplate {
  const parts: Part[] = [];
  let pattern = "";
  let end = 0;
  for (const found of template.matchAll(/\{([+#./;?&]?)([^{}]*)\}/g)) {
    const [expression, operator = "", list = ""] = found;
    const names = list.split(",").map((name) => name.replace(/\*$|:\d+$/, ""));
    if (!names.every((name) => /^[\w.%]+$/.test(name))) throw malformed(template);
    pattern += literal(template.slice(end, found.index), template) + patternOf(operator, names.length);
    parts.push({ operator, names });
    end = found.index + expression.length;
  }
  const whole = new RegExp(`^${pattern}${literal(template.slice(end), template)}$`);
  return {
    names: parts.flatMap(({ names }) => names),
    match(uri) {
      const found = uri.length > MAX_URI ? null : whole.exec(uri);
      return found === null ? undefined : valuesOf(parts, found.slice(1));
    },
  };
}

function malformed(template: string): McpWireError {
  return new McpWireError(
    "INVALID_USE",
    `${template} is no URI template.`,
    "See RFC 6570: `{name}` stands for a value.",
  );
}

function literal(text: string, template: string): string {
  if (/[{}]/.test(text)) throw malformed(template);
  return text.replace(/[.*+?^$()|[\]\\/-]/g, "\\$&");
}

/** One group for each value; those with names of their own in the URI are one group together. */
function patternOf(operator: string, count: number): string {
  const several = (one: string, separator: string): string => new Array<string>(count).fill(one).join(separator);
  switch (operator) {
    case "+":
      return several("(.+)", ",");
    case "#":
      return `(?:#${several("(.+)", ",")})?`;
    case ".":
      return `(?:\\.${several("([^/?#.]+)", "\\.")})?`;
    case "/":
      return `(?:/${several("([^/?#]+)", "/")})?`;
    case ";":
      return "((?:;[^/?#;]*)*)";
    case "?":
      return "(?:\\?([^#]*))?";
    case "&":
      return "(?:&([^#]*))?";
    default:
      return several("([^/?#,]+)", ",");
  }
}

function valuesOf(parts: readonly Part[], groups: readonly (string | undefined)[]): Variables | undefined {
  const values = new Map<string, string>();
  let next = 0;
  try {
    for (const { operator, names } of parts) {
      if (operator === ";" || operator === "?" || operator === "&") {
        const named = readPairs(groups[next++] ?? "", operator === ";" ? ";" : "&");
        for (const name of names) {
          const value = named.get(name);
          if (value !== undefined) values.set(name, value);
        }
        continue;
      }
      for (const name of names) {
        const group = groups[next++];
        if (group !== undefined) values.set(name, decodeURIComponent(group));
      }
    }
  } catch {
    // An escape that is none: no template gives such a URI.
    return undefined;
  }
  return Object.fromEntries(values);
}

function readPairs(text: string, separator: string): Map<string, string> {
  const pairs = text.split(separator).filter((pair) => pair !== "");
  return new Map(
    pairs.map((pair) => {
      const [name = "", ...value] = pair.split("=");
      return [decodeURIComponent(name), decodeURIComponent(value.join("="))];
    }),
  );
}

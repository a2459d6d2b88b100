/** Capabilities as open objects: looked up by dotted path, and cut to what a revision knows. Requirements LIFE-27 to LIFE-42. */

import type { ClientCapabilities } from "../../generated/neutral/types.js";
import { type Revision, revisions } from "../../generated/revisions.js";
import { isObject } from "./envelope.js";
import { methodsFrom } from "./revision.js";
import type { Side } from "./verdict.js";

/** Whether a capability was declared. An object counts as yes whatever it holds; a flag must be `true` (LIFE-28). */
export function declares(capabilities: object | undefined, path: string): boolean {
  let value: unknown = capabilities;
  for (const key of path.split(".")) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return false;
    value = value[key];
  }
  return isObject(value) || value === true;
}

/**
 * The capabilities as a revision has them: what only other revisions know is left out, what nobody knows is left in. `paths`
 * name capabilities and `listChanged` flags; other members, such as modes, are open in every revision.
 */
export function capabilitiesIn<T extends object>(revision: Revision, of: Side, capabilities: T): T {
  const known = knownPaths(revision, of);
  const foreign = revisions.flatMap((row) => [...knownPaths(row.revision, of)]).filter((path) => !known.has(path));
  if (!foreign.some((path) => declares(capabilities, path))) return capabilities;
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(capabilities)) {
    if (foreign.includes(key)) continue;
    kept[key] =
      foreign.includes(`${key}.listChanged`) && isObject(value)
        ? Object.fromEntries(Object.entries(value).filter(([flag]) => flag !== "listChanged"))
        : value;
  }
  return kept as T;
}

const paths = new Map<string, ReadonlySet<string>>();

/** Top-level capabilities and `listChanged` flags that the methods of a revision ask for. */
function knownPaths(revision: Revision, of: Side): ReadonlySet<string> {
  const key = `${revision} ${of}`;
  let known = paths.get(key);
  if (known === undefined) {
    const rows = (["client", "server"] as const).flatMap((from) => [...methodsFrom(revision, from).values()]);
    const asked = rows.flatMap((row) => row.capabilities?.[of] ?? []);
    known = new Set(
      asked.flatMap((path) => [path.split(".")[0] ?? path, ...(path.endsWith(".listChanged") ? [path] : [])]),
    );
    paths.set(key, known);
  }
  return known;
}

/** What a question of the server needs the client to have declared, by dotted paths (ELIC-06, SAMP-03, MRTR-08). */
export function neededFor(method: string, params: unknown): readonly string[] {
  const given = isObject(params) ? params : {};
  switch (method) {
    case "elicitation/create":
      return given.mode === "url" ? ["elicitation.url"] : ["elicitation.form"];
    case "sampling/createMessage":
      return given.tools === undefined && given.toolChoice === undefined
        ? ["sampling"]
        : ["sampling", "sampling.tools"];
    default:
      return ["roots"];
  }
}

/** Whether the client declared what a question needs. `elicitation: {}` means forms (LIFE-37). */
export function clientDeclares(capabilities: ClientCapabilities, path: string): boolean {
  if (path !== "elicitation.form") return declares(capabilities, path);
  return (
    declares(capabilities, path) ||
    (declares(capabilities, "elicitation") && !declares(capabilities, "elicitation.url"))
  );
}

/** A dotted path as the capabilities object that declares it (LIFE-60). */
export function asCapabilities(dotted: readonly string[]): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const path of dotted) {
    let place = root;
    for (const key of path.split(".")) {
      place[key] ??= {};
      place = place[key] as Record<string, unknown>;
    }
  }
  return root;
}

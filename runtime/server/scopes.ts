/**
 * Which scopes a request needs, as server, methods and definitions name them. It is asked of the parsed message before any era sees it, since
 * a refusal is an HTTP answer. Authorization, scopes (SEP-835); requirements AUTH-74 to AUTH-78.
 */

import { isObject } from "../protocol/envelope.js";
import type { ServerScopes } from "../protocol/http-access.js";
import type { Definition, Features } from "./features.js";
import type { SessionParts } from "./session.js";
import { matchUri } from "./uri-match.js";

type Definitions = Features["definitions"];
type Params = { readonly [key: string]: unknown };

const NONE: readonly string[] = [];

export function createServerScopes({ tools, options }: Pick<SessionParts, "tools" | "options">): ServerScopes {
  const { definitions } = tools;
  const base = options.scopes ?? NONE;
  const byMethod = new Map<string, readonly string[]>(Object.entries(options.methodScopes ?? {}));
  const find = (list: string, key: unknown): readonly string[] =>
    typeof key === "string" ? (definitions.get(list)?.get(key)?.options.scopes ?? NONE) : NONE;
  const byUri = (uri: unknown): readonly string[] => resourceOf(definitions, uri)?.options.scopes ?? NONE;
  /** Scopes of what the request is about; what is not there needs none, and is refused by its method. */
  const byTarget = (method: string, params: Params): readonly string[] => {
    switch (method) {
      case "tools/call":
        return find("tools", params.name);
      case "prompts/get":
        return find("prompts", params.name);
      case "resources/read":
      case "resources/subscribe":
        return byUri(params.uri);
      case "subscriptions/listen":
        return listOf(isObject(params.notifications) ? params.notifications.resourceSubscriptions : []).flatMap(byUri);
      case "completion/complete": {
        const ref = isObject(params.ref) ? params.ref : {};
        return ref.type === "ref/prompt" ? find("prompts", ref.name) : find("resourceTemplates", ref.uri);
      }
      default:
        return NONE;
    }
  };
  const neededBy = (message: unknown): readonly string[] => {
    if (!isObject(message) || typeof message.method !== "string") return NONE;
    const own = byMethod.get(message.method) ?? NONE;
    const more = isObject(message.params) ? byTarget(message.method, message.params) : NONE;
    return own.length === 0 ? more : [...own, ...more];
  };
  return {
    base,
    needed: (message) => (Array.isArray(message) ? message.flatMap(neededBy) : neededBy(message)),
    all() {
      const defined = [...definitions.values()].flatMap((list) => [...list.values()]);
      const named = [base, ...byMethod.values(), ...defined.map((one) => one.options.scopes ?? NONE)];
      return [...new Set(named.flat())];
    },
  };
}

/** The resource, or the first template, that reading the URI comes to. */
function resourceOf(definitions: Definitions, uri: unknown): Definition | undefined {
  if (typeof uri !== "string") return undefined;
  const exact = definitions.get("resources")?.get(uri);
  if (exact !== undefined) return exact;
  for (const template of definitions.get("resourceTemplates")?.values() ?? [])
    if (template.parsed !== undefined && matchUri(template.parsed, uri) !== undefined) return template;
  return undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

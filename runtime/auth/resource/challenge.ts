/** What refused requests are told: which error it is, which scopes are missing, and where the metadata lies. RFC 6750, RFC 9728; AUTH-99. */

import { type ResourceAnswer, wrongUse } from "./contract.js";

/** What of a challenge differs from one to the next. */
export interface Refusal {
  readonly status: 400 | 401 | 403;
  /** Absent where no token was sent (AUTH-99). */
  readonly error?: "invalid_request" | "invalid_token" | "insufficient_scope" | "invalid_dpop_proof" | "use_dpop_nonce";
  readonly description?: string;
  readonly scopes?: readonly string[];
  readonly nonce?: string;
}

/** What is the same in every challenge of a server. */
export interface ChallengeParts {
  readonly metadataUrl: string;
  /** Schemes that are offered, the error standing with the first; algorithms where DPoP is among them. */
  readonly schemes: readonly ("Bearer" | "DPoP")[];
  readonly algorithms: readonly string[];
}

const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

export function isScope(text: string): boolean {
  return SCOPE.test(text);
}

/** @throws McpWireError `INVALID_USE` for a scope that is none: what would not survive a header is not put into one. */
export function challenge(refusal: Refusal, parts: ChallengeParts): ResourceAnswer {
  const { status, error, description, scopes = [], nonce } = refusal;
  const wrong = scopes.find((scope) => !isScope(scope));
  if (wrong !== undefined)
    throw wrongUse(
      `${JSON.stringify(wrong)} is no scope.`,
      "Scopes are printable ASCII without spaces, quotes and backslashes.",
    );
  const said = [
    ["error", error],
    ["error_description", description],
    ["scope", scopes.length === 0 ? undefined : scopes.join(" ")],
    ["resource_metadata", parts.metadataUrl],
  ] as const;
  const common = said.flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${quoted(value)}"`]));
  const offers = parts.schemes.map((scheme, index) => {
    const own = scheme === "DPoP" ? [`algs="${parts.algorithms.join(" ")}"`] : [];
    const shown = index === 0 ? [...common, ...own] : own;
    return `${scheme} ${shown.join(", ")}`;
  });
  return {
    status,
    headers: {
      "WWW-Authenticate": offers.join(", "),
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
      ...(nonce === undefined ? {} : { "DPoP-Nonce": nonce }),
    },
    body: JSON.stringify({
      error: error ?? "unauthorized",
      ...(description === undefined ? {} : { error_description: description }),
    }),
  };
}

/** Text of a quoted string; what cannot stand in one is left out. */
function quoted(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "").replace(/["\\]/g, "\\$&");
}

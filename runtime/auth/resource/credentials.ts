/** The token of a request, as it may come: in the header `Authorization`, and nowhere else. RFC 6750, RFC 9449; requirements AUTH-83, AUTH-84, AUTH-96. */

import type { ResourceRequest } from "./contract.js";

export type Credentials =
  | { readonly kind: "none" }
  | { readonly kind: "token"; readonly scheme: "Bearer" | "DPoP"; readonly token: string }
  | { readonly kind: "malformed"; readonly why: string };

const NONE: Credentials = { kind: "none" };

const HEADER = /^(bearer|dpop) +(.*)$/i;
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

export function readCredentials(request: ResourceRequest): Credentials {
  if (hasTokenInQuery(request.target))
    return { kind: "malformed", why: "Tokens are not taken from the query. Send an Authorization header." };
  const header = request.header("authorization");
  if (header === undefined) return NONE;
  const [, scheme, token = ""] = HEADER.exec(header.trim()) ?? [];
  // Other schemes are none of ours, and may be somebody's in front.
  if (scheme === undefined) return /^(?:bearer|dpop)$/i.test(header.trim()) ? empty() : NONE;
  if (!TOKEN.test(token)) return { kind: "malformed", why: "The Authorization header holds no single token." };
  return { kind: "token", scheme: scheme.toLowerCase() === "dpop" ? "DPoP" : "Bearer", token };
}

function empty(): Credentials {
  return { kind: "malformed", why: "The Authorization header holds no token." };
}

/** Addresses are logged and handed on: a token there is known to others already. */
function hasTokenInQuery(target: string): boolean {
  const query = target.indexOf("?");
  return query >= 0 && new URLSearchParams(target.slice(query + 1)).has("access_token");
}

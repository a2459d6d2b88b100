/** The token of a request, as it may come: in the header `Authorization`, and nowhere else. RFC 6750, RFC 9449; requirements AUTH-83, AUTH-84, AUTH-96. */

import type { ResourceRequest } from "./contract.js";

/** What a token is of is not looked at yet: see `isToken`. */
export type Credentials =
  | { readonly kind: "none" }
  | { readonly kind: "token"; readonly scheme: "Bearer" | "DPoP"; readonly token: string }
  | { readonly kind: "malformed"; readonly why: string };

const NONE: Credentials = { kind: "none" };

const USUAL = "Bearer ";
const SPACE = 0x20;
const HEADER = /^(bearer|dpop) +(.*)$/i;
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

export function readCredentials(request: ResourceRequest): Credentials {
  if (hasTokenInQuery(request.target))
    return { kind: "malformed", why: "Tokens are not taken from the query. Send an Authorization header." };
  const header = request.header("authorization");
  if (header === undefined) return NONE;
  if (header.startsWith(USUAL) && header.charCodeAt(USUAL.length) > SPACE)
    return { kind: "token", scheme: "Bearer", token: header.slice(USUAL.length) };
  const [, scheme, token = ""] = HEADER.exec(header.trim()) ?? [];
  // Other schemes are none of ours, and may be somebody's in front.
  if (scheme === undefined) return /^(?:bearer|dpop)$/i.test(header.trim()) ? empty() : NONE;
  if (token === "") return empty();
  return { kind: "token", scheme: scheme.toLowerCase() === "dpop" ? "DPoP" : "Bearer", token };
}

/** Whether a text can be a token at all. What was taken as one before need not be asked again. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

function empty(): Credentials {
  return { kind: "malformed", why: "The Authorization header holds no token." };
}

/** Addresses are logged and handed on: a token there is known to others already. */
function hasTokenInQuery(target: string): boolean {
  const query = target.indexOf("?");
  return query >= 0 && new URLSearchParams(target.slice(query + 1)).has("access_token");
}

/**
 * The metadata of an authorization server, by OAuth and by OpenID discovery, and what stands for them at servers that are their own
 * authorization server. RFC 8414; OpenID Connect Discovery 1.0. Requirements AUTH-08 to AUTH-11, AUTH-15, AUTH-27 to AUTH-32.
 */

import type { AuthorizationServer } from "oauth4webapi";
import { AuthorizationError } from "../errors.js";
import { getDocument, type Outbound } from "./outbound.js";
import { readUrl, shown, shownUrl } from "./urls.js";

/** How an issuer in a document is compared with the one that was asked for. */
export type IssuerCheck = "exact" | "trailing-slash";

const OAUTH = "/.well-known/oauth-authorization-server";
const OPENID = "/.well-known/openid-configuration";

/** Where the metadata of an issuer may be, in the order of asking. */
export function serverMetadataUrls(issuer: URL): URL[] {
  const { origin, pathname } = issuer;
  const path = pathname.replace(/\/$/, "");
  const inserted = [`${OAUTH}${path}`, `${OPENID}${path}`];
  // Written out: resolved against the origin, a path that begins with two slashes would lead to another host.
  return (path === "" ? inserted : [...inserted, `${path}${OPENID}`]).map((where) => new URL(`${origin}${where}`));
}

/**
 * Finds the metadata of an issuer.
 * @throws AuthorizationError `NO_METADATA`, `ISSUER_MISMATCH`, `UNSAFE_URL`, `UNREACHABLE`.
 */
export async function findServerMetadata(
  issuer: string,
  check: IssuerCheck,
  outbound: Outbound,
): Promise<AuthorizationServer> {
  const url = readUrl(issuer, "The issuer that the MCP server names", outbound.allowLoopback);
  if (url.search !== "") {
    const problem = `The issuer ${shownUrl(url)} has a query, which issuers must not have.`;
    throw new AuthorizationError("UNSAFE_URL", problem, "Whoever runs the MCP server has to mend its metadata.");
  }
  let down: string | undefined;
  for (const candidate of serverMetadataUrls(url)) {
    const { kind, json, status } = await getDocument(candidate, outbound);
    if (kind === "json") return checkIssuer(json, [issuer], check);
    if (kind === "down") down = `${shownUrl(candidate)} failed with status ${status}`;
  }
  if (down !== undefined) throw new AuthorizationError("UNREACHABLE", `GET ${down}.`, "Try again later.");
  const problem = `The authorization server ${shownUrl(url)} has no metadata where they have to be.`;
  throw new AuthorizationError("NO_METADATA", problem, "Whoever runs it has to publish them.");
}

/**
 * What stands for metadata where the server has none for its resource: those at its root, or else endpoints at fixed places.
 * @param headers of the request that was refused, of which the version of the protocol is told.
 */
export async function findOwnMetadata(
  server: URL,
  check: IssuerCheck,
  outbound: Outbound,
  headers: Record<string, string>,
): Promise<AuthorizationServer> {
  const { origin } = server;
  // There is nobody to name another issuer: the server vouches for itself.
  readUrl(`${origin}/`, "The MCP server, which is its own authorization server,", outbound.allowLoopback);
  const { kind, json, status } = await getDocument(new URL(OAUTH, origin), outbound, headers);
  if (kind === "json") return checkIssuer(json, [origin, `${origin}/`], check);
  if (kind === "down")
    throw new AuthorizationError(
      "UNREACHABLE",
      `GET ${origin}${OAUTH} failed with status ${status}.`,
      "Try again later.",
    );
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
    code_challenge_methods_supported: ["S256"],
  };
}

/** Documents are used only where they are those of the issuer that was asked for, compared as plain text (AUTH-30). */
export function checkIssuer(
  json: Readonly<Record<string, unknown>>,
  expected: readonly string[],
  check: IssuerCheck,
): AuthorizationServer {
  const { issuer } = json;
  const near = typeof issuer === "string" && expected.some((one) => issuer === `${one}/` || `${issuer}/` === one);
  if (expected.some((one) => one === issuer) || (near && check === "trailing-slash"))
    return json as unknown as AuthorizationServer;
  const problem = `The metadata of ${shown(expected[0] ?? "")} are those of ${typeof issuer === "string" ? shown(issuer) : "no issuer"}.`;
  const wayOut = near
    ? 'They differ by a slash alone, which `issuerCheck: "trailing-slash"` accepts.'
    : "They are not used: who hands out such metadata may be after credentials that are meant for others.";
  throw new AuthorizationError("ISSUER_MISMATCH", problem, wayOut);
}

/**
 * The metadata of a protected resource: where they are, what they must say, and whether they are those of the server in use.
 * RFC 9728; requirements AUTH-18 to AUTH-26.
 */

import { AuthorizationError } from "../errors.js";
import { getDocument, type Outbound } from "./outbound.js";
import { readUrl, shown, shownUrl } from "./urls.js";

/** What is read of the metadata. */
export interface ResourceMetadata {
  /** The identifier exactly as published. */
  readonly resource: string;
  /** Issuers, in the order of the document. */
  readonly authorizationServers: readonly string[];
  readonly scopesSupported: readonly string[] | undefined;
  /** Whether tokens must be bound to a key. */
  readonly dpopRequired: boolean;
}

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** Where the metadata may be, in the order of asking: at the URL of the challenge alone where there is one. */
export function resourceMetadataUrls(server: URL): URL[] {
  const path = server.pathname.replace(/\/$/, "");
  const atRoot = new URL(WELL_KNOWN, server.origin);
  // Some leave out a slash at the end of the path as well, and some do not.
  const spellings = path === "" ? [] : [...new Set([path, server.pathname])];
  return [...spellings.map((one) => new URL(`${server.origin}${WELL_KNOWN}${one}`)), atRoot];
}

/**
 * Finds the metadata; `undefined` where the server has none.
 *
 * @param named the URL of the challenge.
 * @throws AuthorizationError `RESOURCE_MISMATCH`, `BAD_METADATA`, `NO_METADATA` where there is nothing at the URL that the server named,
 * `UNSAFE_URL`, `UNREACHABLE`.
 */
export async function findResourceMetadata(
  server: URL,
  named: string | undefined,
  outbound: Outbound,
): Promise<ResourceMetadata | undefined> {
  if (named !== undefined) {
    const url = readUrl(named, "The URL of the metadata in the server's challenge", outbound.allowLoopback);
    const { kind, json, status } = await getDocument(url, outbound);
    if (kind === "json") return readResourceMetadata(json, server);
    if (kind === "down") throw isDown(url, status);
    const problem = `There are no metadata at ${shownUrl(url)} (status ${status}), which the server names for them.`;
    throw new AuthorizationError("NO_METADATA", problem, "Whoever runs the MCP server has to mend it.");
  }
  for (const url of resourceMetadataUrls(server)) {
    const { kind, json, status } = await getDocument(url, outbound);
    if (kind === "json") return readResourceMetadata(json, server);
    if (kind === "down") throw isDown(url, status);
  }
  return undefined;
}

/** Reads a document for the server in use. @throws AuthorizationError `RESOURCE_MISMATCH` or `BAD_METADATA`. */
export function readResourceMetadata(json: Readonly<Record<string, unknown>>, server: URL): ResourceMetadata {
  const { resource, authorization_servers: servers, scopes_supported: scopes } = json;
  if (typeof resource !== "string") throw bad("they do not say of which resource they are (`resource`)");
  if (!coversResource(resource, server)) {
    const problem = `The metadata of ${shownUrl(server)} are those of another resource, ${shown(resource)}.`;
    const wayOut = "Nothing was sent to its authorization server. If you trust it, connect to the URL that it names.";
    throw new AuthorizationError("RESOURCE_MISMATCH", problem, wayOut);
  }
  const issuers = Array.isArray(servers) ? servers.filter((one) => typeof one === "string") : [];
  if (issuers.length === 0) throw bad("they name no authorization server");
  return {
    resource,
    authorizationServers: issuers,
    scopesSupported: Array.isArray(scopes) ? scopes.filter((one) => typeof one === "string") : undefined,
    dpopRequired: json.dpop_bound_access_tokens_required === true,
  };
}

/** Whether a resource is the server at a URL, or a part of it above that URL. */
export function coversResource(resource: string, server: URL): boolean {
  if (!URL.canParse(resource)) return false;
  const { origin, pathname, search, hash, username, password } = new URL(resource);
  if (origin !== server.origin || hash !== "" || username !== "" || password !== "") return false;
  if (search !== "" && (search !== server.search || pathname !== server.pathname)) return false;
  const path = pathname.replace(/\/$/, "");
  return server.pathname === path || server.pathname.startsWith(`${path}/`);
}

/** The identifier of a server without metadata: its URL without fragment, and without a slash that says nothing (AUTH-59). */
export function canonicalResource(server: URL): string {
  const { origin, pathname, search } = server;
  return `${origin}${pathname === "/" && search === "" ? "" : pathname}${search}`;
}

function isDown(url: URL, status: number): AuthorizationError {
  return new AuthorizationError(
    "UNREACHABLE",
    `GET ${shownUrl(url)} failed with status ${status}.`,
    "Try again later.",
  );
}

function bad(why: string): AuthorizationError {
  const problem = `The metadata of the protected resource are of no use: ${why}.`;
  return new AuthorizationError("BAD_METADATA", problem, "Whoever runs the MCP server has to mend them.");
}

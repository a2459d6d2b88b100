/** From the refusal of an MCP server to the authorization server that is asked, with everything that has been checked on the way. */

import type { AuthorizationServer } from "oauth4webapi";
import { AuthorizationError } from "../errors.js";
import type { Demand } from "./challenge.js";
import type { Outbound } from "./outbound.js";
import { canonicalResource, findResourceMetadata } from "./protected-resource.js";
import { findOwnMetadata, findServerMetadata, type IssuerCheck } from "./server-metadata.js";
import { shown } from "./urls.js";

/** Where tokens for a resource come from; plain JSON. */
export interface Place {
  /** The identifier of the resource as it was published. */
  readonly resource: string;
  readonly scopesSupported: readonly string[] | undefined;
  /** Whether the resource takes only tokens that are bound to a key. */
  readonly dpopRequired: boolean;
  /** Metadata whose issuer was checked. */
  readonly server: AuthorizationServer;
}

export interface DiscoverySettings {
  readonly issuerCheck: IssuerCheck;
  /** Chooses among the issuers that the server names, one or more. */
  choose(issuers: readonly string[]): string | Promise<string>;
}

/** @throws AuthorizationError as the parts say. */
export async function discover(
  server: URL,
  demand: Demand,
  refused: Headers | undefined,
  settings: DiscoverySettings,
  outbound: Outbound,
): Promise<Place> {
  const metadata = await findResourceMetadata(server, demand.resourceMetadata, outbound);
  if (metadata === undefined) {
    const version = refused?.get("mcp-protocol-version");
    const headers: Record<string, string> = {};
    if (typeof version === "string") headers["mcp-protocol-version"] = version;
    return {
      resource: canonicalResource(server),
      scopesSupported: undefined,
      dpopRequired: demand.scheme === "dpop",
      server: await findOwnMetadata(server, settings.issuerCheck, outbound, headers),
    };
  }
  const { resource, authorizationServers, scopesSupported } = metadata;
  const issuer = await settings.choose(authorizationServers);
  if (!authorizationServers.includes(issuer)) {
    const problem = `The MCP server does not name ${shown(issuer)} as an authorization server.`;
    throw new AuthorizationError(
      "OTHER_ISSUER",
      problem,
      `Choose one of ${authorizationServers.map(shown).join(", ")}.`,
    );
  }
  return {
    resource,
    scopesSupported,
    dpopRequired: metadata.dpopRequired || demand.scheme === "dpop",
    server: await findServerMetadata(issuer, settings.issuerCheck, outbound),
  };
}

/** A URL of the metadata that must be there. @throws AuthorizationError `BAD_METADATA`. */
export function endpointOf(server: AuthorizationServer, name: "authorization_endpoint" | "token_endpoint"): string {
  const endpoint = server[name];
  if (typeof endpoint === "string") return endpoint;
  const problem = `The metadata of ${shown(server.issuer)} have no \`${name}\`.`;
  throw new AuthorizationError("BAD_METADATA", problem, "Whoever runs the authorization server has to mend them.");
}

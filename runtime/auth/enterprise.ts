/**
 * Enterprise-managed authorization: whom the enterprise's identity provider has signed in gets a token of an MCP server because the
 * provider's policy says so, without being asked again. SEP-990; RFC 8693; requirements EMA-01 to EMA-11.
 */

import type { AuthorizationServer } from "oauth4webapi";
import { AuthorizationError } from "../errors.js";
import { type ClientCredentials, clientAuth } from "./client-auth.js";
import type { Grant, GrantStep } from "./grant.js";
import { withScope } from "./grant.js";
import { findServerMetadata } from "./server-metadata.js";
import { requestToken, toTokenSet } from "./token.js";
import { shown } from "./urls.js";
import { JWT_BEARER } from "./workload.js";

const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_JAG = "urn:ietf:params:oauth:token-type:id-jag";

/** The types of what the identity provider said of a person. */
const SUBJECT_TYPES = {
  id_token: "urn:ietf:params:oauth:token-type:id_token",
  saml2: "urn:ietf:params:oauth:token-type:saml2",
  refresh_token: "urn:ietf:params:oauth:token-type:refresh_token",
} as const;

/** The enterprise's identity provider, and who this client is there. */
export interface IdentityProvider extends ClientCredentials {
  readonly issuer: string;
  /** Default: what the metadata of the issuer say. */
  readonly tokenEndpoint?: string;
}

export interface EnterpriseOptions {
  readonly provider: IdentityProvider;
  /** Gives what the provider said of the person who is signed in. Asked for anew each time a token is needed. */
  subject(): string | Promise<string>;
  /** What that is. Default `id_token`. */
  readonly subjectType?: keyof typeof SUBJECT_TYPES;
}

/** Gets tokens by the policy of an enterprise. `client` says who this client is at the authorization servers of the MCP servers. */
export function enterpriseManaged(options: EnterpriseOptions): Grant {
  return {
    async obtain(step) {
      const { place, scopes, dpop, outbound } = step;
      const client = await step.requireClient();
      const assertion = await exchangeSubject(options, step);
      const given = await requestToken(
        {
          server: place.server,
          clientId: client.clientId,
          auth: await clientAuth(place.server, client),
          grantType: JWT_BEARER,
          parameters: withScope({ assertion, resource: place.resource }, scopes),
          dpop,
        },
        outbound,
      );
      return toTokenSet(given, place, client, scopes, dpop !== undefined);
    },
  };
}

/** Trades what the provider said of a person for an assertion to one authorization server. */
async function exchangeSubject(
  { provider, subject, subjectType = "id_token" }: EnterpriseOptions,
  { place, scopes, outbound }: GrantStep,
): Promise<string> {
  const server: AuthorizationServer =
    provider.tokenEndpoint === undefined
      ? await findServerMetadata(provider.issuer, "exact", outbound)
      : { issuer: provider.issuer, token_endpoint: provider.tokenEndpoint };
  const {
    access_token: assertion,
    issued_token_type: issued,
    token_type: type,
  } = await requestToken(
    {
      server,
      clientId: provider.clientId,
      auth: await clientAuth(server, provider),
      grantType: TOKEN_EXCHANGE,
      parameters: withScope(
        {
          requested_token_type: ID_JAG,
          audience: place.server.issuer,
          resource: place.resource,
          subject_token: await subject(),
          subject_token_type: SUBJECT_TYPES[subjectType],
        },
        scopes,
      ),
      otherType: "n_a",
      refusal: "POLICY_REFUSED",
    },
    outbound,
  );
  if (issued === ID_JAG && type === "n_a") return assertion;
  const problem = `${shown(provider.issuer)} gave something else than the assertion that it was asked for.`;
  throw new AuthorizationError(
    "BAD_TOKEN",
    problem,
    "Look whether the provider supports enterprise-managed authorization.",
  );
}

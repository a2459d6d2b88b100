/** The contract of grants that need nobody at a screen, and the first of them: credentials of the client itself. SEP-1046; CC-01 to CC-08. */

import { clientAuth } from "./client-auth.js";
import type { Place } from "./discovery.js";
import type { DpopKey } from "./dpop.js";
import type { Outbound } from "./outbound.js";
import type { Identity } from "./registration.js";
import { requestToken, type TokenSet, toTokenSet } from "./token.js";

/** What a grant gets a token with. */
export interface GrantStep {
  readonly place: Place;
  readonly scopes: readonly string[];
  readonly dpop: DpopKey | undefined;
  readonly outbound: Outbound;
  /** The configured client of the authorization server; `undefined` where none is configured at all. */
  client(): Promise<Identity | undefined>;
  /** As `client`, for grants that cannot do without. @throws AuthorizationError `NO_CLIENT`. */
  requireClient(): Promise<Identity>;
}

/** A way to a token without a person. */
export interface Grant {
  obtain(step: GrantStep): Promise<TokenSet>;
}

/** The client acts for itself, with what is given as `client`: a secret or a private key. Nothing is registered for it. */
export function clientCredentials(): Grant {
  return {
    async obtain({ place, scopes, dpop, outbound, requireClient }) {
      const client = await requireClient();
      const given = await requestToken(
        {
          server: place.server,
          clientId: client.clientId,
          auth: await clientAuth(place.server, client),
          grantType: "client_credentials",
          parameters: withScope({ resource: place.resource }, scopes),
          dpop,
        },
        outbound,
      );
      return toTokenSet(given, place, client, scopes, dpop !== undefined);
    },
  };
}

/** The parameters with the scopes, where there are any. */
export function withScope(
  parameters: Readonly<Record<string, string>>,
  scopes: readonly string[],
): Readonly<Record<string, string>> {
  return scopes.length === 0 ? parameters : { ...parameters, scope: scopes.join(" ") };
}

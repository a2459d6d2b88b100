/**
 * Workload identity: what the platform vouches for is traded for a token, so that a program needs no secret of its own. RFC 7523 section
 * 2.1; requirement DPOP-05.
 */

import { clientAuth } from "./client-auth.js";
import type { Grant } from "./grant.js";
import { withScope } from "./grant.js";
import { requestToken, toTokenSet } from "./token.js";

export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

export interface WorkloadOptions {
  /** Gives the assertion of the platform for an authorization server. Asked for anew each time a token is needed; a refused one is not tried again. */
  assertion(issuer: string): string | Promise<string>;
}

/** Trades an assertion of the platform for a token. Where `client` is given too, it proves itself as well. */
export function workloadIdentity({ assertion }: WorkloadOptions): Grant {
  return {
    async obtain({ place, scopes, dpop, outbound, client }) {
      const known = await client();
      const given = await requestToken(
        {
          server: place.server,
          clientId: known?.clientId,
          auth: known === undefined ? undefined : await clientAuth(place.server, known),
          grantType: JWT_BEARER,
          parameters: withScope({ assertion: await assertion(place.server.issuer), resource: place.resource }, scopes),
          dpop,
        },
        outbound,
      );
      return toTokenSet(given, place, known ?? { clientId: "" }, scopes, dpop !== undefined);
    },
  };
}

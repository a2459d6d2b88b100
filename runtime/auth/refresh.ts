/**
 * Spending refresh tokens, each once: whoever gets the turn looks first whether somebody else was faster. OAuth 2.1 section 4.3;
 * requirements AUTH-92, AUTH-94.
 */

import { AuthorizationError } from "../errors.js";
import { clientAuth } from "./client-auth.js";
import type { Place } from "./discovery.js";
import type { DpopKey } from "./dpop.js";
import type { FlowParts } from "./flow.js";
import { identify } from "./registration.js";
import { requestToken, type TokenSet, toTokenSet } from "./token.js";

/** Spends the refresh token, if there is one; `undefined` where it is of no use any more. */
export async function refresh(
  place: Place,
  tokens: TokenSet | undefined,
  parts: FlowParts,
): Promise<TokenSet | undefined> {
  if (tokens?.refreshToken === undefined) return undefined;
  const { issuer, resource } = tokens;
  return await parts.keep.exclusive("tokens", [issuer, resource], async () => {
    const stored = await parts.keep.read("tokens", issuer, resource);
    // Somebody else has spent the refresh token meanwhile, and got this.
    if (stored !== undefined && stored.accessToken !== tokens.accessToken) return stored;
    const fresh = await spend(place, tokens, tokens.refreshToken ?? "", parts);
    if (fresh !== undefined) await parts.keep.write("tokens", fresh, issuer, resource);
    return fresh;
  });
}

async function spend(
  place: Place,
  tokens: TokenSet,
  refreshToken: string,
  parts: FlowParts,
): Promise<TokenSet | undefined> {
  const { server, resource } = place;
  const client = await identify(server, parts.settings.identity, undefined, parts.keep, parts.outbound);
  if (client.clientId !== tokens.clientId) return undefined;
  const dpop = await keyFor(place, parts, tokens.tokenType === "dpop");
  try {
    const given = await requestToken(
      {
        server,
        clientId: client.clientId,
        auth: await clientAuth(server, client),
        grantType: "refresh_token",
        parameters: { refresh_token: refreshToken, resource },
        dpop,
      },
      parts.outbound,
    );
    const fresh = toTokenSet(given, place, client.clientId, tokens.requested, dpop !== undefined);
    // Servers that rotate give a new one; with others the old one stays good (AUTH-92).
    const scopes = given.scope === undefined ? tokens.scopes : fresh.scopes;
    return { refreshToken, ...fresh, scopes };
  } catch (error) {
    if (!(error instanceof AuthorizationError) || error.code !== "GRANT_REFUSED") throw error;
    if (error.oauthError === "invalid_client") await parts.keep.drop("registration", server.issuer);
    else if (error.oauthError !== "invalid_grant") throw error;
    return undefined;
  }
}

/** The key to bind tokens to, where the application or the resource wants that. */
export async function keyFor(place: Place, parts: FlowParts, bound: boolean): Promise<DpopKey | undefined> {
  const { dpop } = parts.settings;
  if (!bound && (dpop === false || (dpop === "auto" && !place.dpopRequired))) return undefined;
  return await parts.key(place.server);
}

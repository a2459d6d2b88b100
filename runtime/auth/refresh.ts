/**
 * Spending refresh tokens, each once: whoever gets the turn looks first whether somebody else was faster. OAuth 2.1 section 4.3;
 * requirements AUTH-92, AUTH-94.
 */

import { AuthorizationError } from "../errors.js";
import { clientAuth } from "./client-auth.js";
import type { Place } from "./discovery.js";
import type { DpopKey } from "./dpop.js";
import type { FlowParts } from "./flow.js";
import { dropRegistration, identifyOwner } from "./registration.js";
import { isOver, requestToken, type TokenSet, toTokenSet } from "./token.js";

/**
 * Gives tokens in place of those that are over or were refused: what somebody else has got meanwhile, or what the refresh token is spent for;
 * `undefined` where there is neither.
 */
export async function refresh(
  place: Place,
  tokens: TokenSet | undefined,
  parts: FlowParts,
): Promise<TokenSet | undefined> {
  if (tokens === undefined) return undefined;
  const { keep } = parts;
  const { issuer, resource } = tokens;
  return await keep.exclusive("tokens", [issuer, resource], async () => {
    const stored = await keep.read("tokens", issuer, resource);
    const isOther = stored !== undefined && stored.accessToken !== tokens.accessToken;
    if (isOther && !isOver(stored, Date.now())) return stored;
    const latest = stored ?? tokens;
    // Whoever asks may know that refreshing is of no use for their tokens; those of somebody else are another matter.
    const refreshToken = isOther || tokens.refreshToken !== undefined ? latest.refreshToken : undefined;
    if (refreshToken === undefined) return undefined;
    const fresh = await spend(place, latest, refreshToken, parts);
    if (fresh !== "spent") {
      if (fresh !== undefined) await keep.write("tokens", fresh, issuer, resource);
      return fresh;
    }
    const { refreshToken: _spent, ...rest } = latest;
    await keep.write("tokens", rest, issuer, resource);
    return undefined;
  });
}

/** `"spent"` where the server does not take the refresh token any more, `undefined` where this client cannot spend it. */
async function spend(
  place: Place,
  tokens: TokenSet,
  refreshToken: string,
  parts: FlowParts,
): Promise<TokenSet | "spent" | undefined> {
  const { server, resource } = place;
  const { settings, keep, outbound } = parts;
  const client = await identifyOwner(server, settings.identity, tokens, keep, outbound);
  if (client === undefined) return undefined;
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
      outbound,
    );
    const fresh = toTokenSet(given, place, client, tokens.requested, dpop !== undefined);
    // Servers that rotate give a new one; with others the old one stays good (AUTH-92).
    const scopes = given.scope === undefined ? tokens.scopes : fresh.scopes;
    return { refreshToken, ...fresh, scopes };
  } catch (error) {
    if (!(error instanceof AuthorizationError) || error.code !== "GRANT_REFUSED") throw error;
    if (error.oauthError === "invalid_grant") return "spent";
    if (error.oauthError !== "invalid_client") throw error;
    await dropRegistration(server.issuer, client, keep);
    return undefined;
  }
}

/** The key to bind tokens to, where the application or the resource wants that. */
export async function keyFor(place: Place, parts: FlowParts, bound: boolean): Promise<DpopKey | undefined> {
  const { dpop } = parts.settings;
  if (!bound && (dpop === false || (dpop === "auto" && !place.dpopRequired))) return undefined;
  return await parts.key(place.server);
}

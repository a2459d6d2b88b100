/** Gives tokens back on sign-out, so that a copy of them is of no use. RFC 7009. */

import { allowInsecureRequests, customFetch, processRevocationResponse, revocationRequest } from "oauth4webapi";
import { AuthorizationError, McpWireError } from "../errors.js";
import { clientAuth } from "./client-auth.js";
import type { Place } from "./discovery.js";
import { exchange, type Outbound } from "./outbound.js";
import type { Identity } from "./registration.js";
import type { TokenSet } from "./token.js";
import { readUrl, shown } from "./urls.js";

/**
 * Revokes the refresh token, then the access token. Gives false where the authorization server has no way to do that.
 * @throws AuthorizationError `NOT_REVOKED`
 */
export async function revokeTokens(
  { server }: Place,
  tokens: TokenSet,
  identify: () => Promise<Identity>,
  outbound: Outbound,
): Promise<boolean> {
  if (server.revocation_endpoint === undefined) return false;
  try {
    const url = readUrl(server.revocation_endpoint, "The revocation endpoint", outbound.allowLoopback);
    const client = await identify();
    const auth = await clientAuth(server, client);
    const revoke = async (token: string, hint: string): Promise<void> => {
      const response = await revocationRequest(server, { client_id: client.clientId }, auth, token, {
        additionalParameters: { token_type_hint: hint },
        [allowInsecureRequests]: true,
        [customFetch]: (_url: string, { headers, body }: { headers: Record<string, string>; body: URLSearchParams }) =>
          exchange(url, { method: "POST", headers, body: body.toString() }, outbound),
      });
      await processRevocationResponse(response);
    };
    if (tokens.refreshToken !== undefined) await revoke(tokens.refreshToken, "refresh_token");
    await revoke(tokens.accessToken, "access_token");
  } catch (cause) {
    const problem = `${shown(server.issuer)} did not revoke the tokens${cause instanceof McpWireError ? `: ${cause.message}` : "."}`;
    const wayOut = "They are forgotten here, but stay good there until they end.";
    throw new AuthorizationError("NOT_REVOKED", problem, wayOut, { cause });
  }
  return true;
}

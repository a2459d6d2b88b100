/**
 * The sign-in of a person: the URL they are sent to, and what is believed of the answer that comes back. OAuth 2.1 section 4.1; RFC 7636;
 * RFC 9207. Requirements AUTH-54 to AUTH-68.
 */

import {
  AuthorizationResponseError,
  type AuthorizationServer,
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  OperationProcessingError,
  UnsupportedOperationError,
  validateAuthResponse,
} from "oauth4webapi";
import { AuthorizationError } from "../errors.js";
import { clientAuth } from "./client-auth.js";
import { endpointOf, type Place } from "./discovery.js";
import type { DpopKey } from "./dpop.js";
import type { Outbound } from "./outbound.js";
import type { Identity } from "./registration.js";
import { withOfflineAccess } from "./scope.js";
import type { PendingSignIn } from "./store.js";
import { requestToken, type TokenSet, toTokenSet } from "./token.js";
import { readUrl, shown } from "./urls.js";

/** How long a sign-in may take, in milliseconds. */
export const SIGN_IN_MS: number = 10 * 60_000;

/** What a sign-in is begun with. */
export interface SignInWish {
  readonly url: URL;
  readonly place: Place;
  readonly client: Identity;
  readonly redirectUri: string;
  readonly state: string;
  readonly scopes: readonly string[];
  readonly offlineAccess: boolean;
}

/** Refuses servers whose codes could be stolen on their way. @throws AuthorizationError `NO_PKCE`. */
export function requirePkce(server: AuthorizationServer): void {
  const methods = server.code_challenge_methods_supported;
  if (Array.isArray(methods) && methods.includes("S256")) return;
  const problem = `${shown(server.issuer)} does not say that it protects codes by PKCE with S256.`;
  const wayOut = "Nobody is signed in there. Whoever runs it has to list it in `code_challenge_methods_supported`.";
  throw new AuthorizationError("NO_PKCE", problem, wayOut);
}

/** The URL to send a person to, and what has to be kept until the answer comes. */
export async function beginSignIn(
  wish: SignInWish,
  outbound: Outbound,
): Promise<{ readonly url: URL; readonly pending: PendingSignIn }> {
  const { place, client, redirectUri, state, scopes } = wish;
  const { server, resource } = place;
  requirePkce(server);
  const url = readUrl(endpointOf(server, "authorization_endpoint"), "The sign-in page", outbound.allowLoopback);
  const verifier = generateRandomCodeVerifier();
  const asked = withOfflineAccess(scopes, server.scopes_supported, wish.offlineAccess);
  const parameters: Record<string, string> = {
    response_type: "code",
    client_id: client.clientId,
    redirect_uri: redirectUri,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    resource,
    ...(asked.length === 0 ? {} : { scope: asked.join(" ") }),
    // OpenID providers give no refresh token without asking the person again.
    ...(asked.includes("offline_access") ? { prompt: "consent" } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const { clientId, registration } = client;
  const owner = registration === undefined ? { clientId } : { clientId, registration };
  const expiresAt = Date.now() + SIGN_IN_MS;
  return { url, pending: { url: wish.url.href, place, ...owner, verifier, redirectUri, scopes, expiresAt } };
}

/** The `state` of an answer, by which its sign-in is found. @throws AuthorizationError `BAD_REDIRECT` where there is not exactly one. */
export function stateOf(answer: URL): string {
  const states = answer.searchParams.getAll("state");
  const [state] = states;
  if (state !== undefined && states.length === 1) return state;
  throw badRedirect("it has no `state`, or more than one");
}

/**
 * Looks whether an answer is the one that was waited for, before anything in it is believed or shown.
 * @throws AuthorizationError `BAD_REDIRECT`, or `SIGN_IN_REFUSED` with the words of the authorization server.
 */
export function checkAnswer(answer: URL, state: string, { place, clientId }: PendingSignIn): URLSearchParams {
  const { server } = place;
  try {
    return validateAuthResponse(server, { client_id: clientId }, answer, state);
  } catch (error) {
    if (error instanceof AuthorizationResponseError) throw refusedSignIn(error);
    if (error instanceof OperationProcessingError || error instanceof UnsupportedOperationError)
      throw badRedirect(error.message);
    throw error;
  }
}

/** Trades the code of an answer for tokens. @throws AuthorizationError as {@link checkAnswer} and {@link requestToken}. */
export async function finishSignIn(
  answer: URL,
  state: string,
  pending: PendingSignIn,
  client: Identity,
  dpop: DpopKey | undefined,
  outbound: Outbound,
): Promise<TokenSet> {
  const { place, verifier, redirectUri, scopes } = pending;
  const codes = checkAnswer(answer, state, pending).getAll("code");
  const [code = ""] = codes;
  if (code === "" || codes.length > 1) throw badRedirect("it has no code, or more than one");
  const given = await requestToken(
    {
      server: place.server,
      clientId: client.clientId,
      auth: await clientAuth(place.server, client),
      grantType: "authorization_code",
      parameters: { code, redirect_uri: redirectUri, code_verifier: verifier, resource: place.resource },
      dpop,
    },
    outbound,
  );
  return toTokenSet(given, place, client, scopes, dpop !== undefined);
}

function refusedSignIn({ error, error_description: description }: AuthorizationResponseError): AuthorizationError {
  const oauthError = shown(error);
  const words = description === undefined ? undefined : shown(description);
  const problem = `The sign-in was refused: ${oauthError}${words === undefined ? "" : ` (${words})`}.`;
  const wayOut = oauthError === "access_denied" ? "Sign in again to allow it." : "Look at what the server says.";
  const detail = words === undefined ? { oauthError } : { oauthError, oauthDescription: words };
  return new AuthorizationError("SIGN_IN_REFUSED", problem, wayOut, detail);
}

function badRedirect(why: string): AuthorizationError {
  const problem = `The answer to the sign-in is not used: ${why}.`;
  return new AuthorizationError(
    "BAD_REDIRECT",
    problem,
    "Sign in again; if it happens again, somebody may be interfering.",
  );
}

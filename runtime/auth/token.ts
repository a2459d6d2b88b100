/**
 * The token endpoint: what is sent there by each grant, and what is believed of the answers. RFC 6749 sections 4 to 6; RFC 8707.
 * Requirements AUTH-58, AUTH-69, AUTH-90, AUTH-92, AUTH-94.
 */

import {
  type AuthorizationServer,
  allowInsecureRequests,
  type ClientAuth,
  customFetch,
  genericTokenEndpointRequest,
  OperationProcessingError,
  processGenericTokenEndpointResponse,
  ResponseBodyError,
  type TokenEndpointResponse,
  UnsupportedOperationError,
  WWWAuthenticateChallengeError,
} from "oauth4webapi";
import { AuthorizationError, type AuthorizationErrorCode, McpWireError } from "../errors.js";
import { splitScopes } from "./challenge.js";
import type { Place } from "./discovery.js";
import { endpointOf } from "./discovery.js";
import type { DpopKey } from "./dpop.js";
import { exchange, type Outbound, parseObject } from "./outbound.js";
import type { Owner, Registration } from "./registration.js";
import { readUrl, shown, shownUrl } from "./urls.js";

/** What an authorization server gave for one resource; plain JSON. */
export interface TokenSet {
  readonly issuer: string;
  readonly resource: string;
  readonly clientId: string;
  /** Of a client that registered itself. */
  readonly registration?: Registration;
  readonly accessToken: string;
  readonly tokenType: "bearer" | "dpop";
  /** In milliseconds since 1970; absent where the server does not tell. */
  readonly expiresAt?: number;
  readonly refreshToken?: string;
  /** What was granted, as far as that is known. */
  readonly scopes: readonly string[];
  /** Everything that was asked for, so that asking for more keeps it. */
  readonly requested: readonly string[];
}

/** One request to a token endpoint. */
export interface TokenRequest {
  readonly server: AuthorizationServer;
  /** Absent where the grant itself says who the client is. */
  readonly clientId: string | undefined;
  readonly auth: ClientAuth | undefined;
  readonly grantType: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Binds the token to a key. */
  readonly dpop?: DpopKey | undefined;
  /** A type beside `Bearer` and `DPoP` that the answer may have, in lower case. */
  readonly otherType?: string;
  /** The code of the error where the server refuses. Default `GRANT_REFUSED`. */
  readonly refusal?: AuthorizationErrorCode;
}

/**
 * Asks for a token.
 * @throws AuthorizationError `GRANT_REFUSED` with the words of the server, `BAD_TOKEN` where its answer is none, and as {@link exchange}.
 */
export async function requestToken(request: TokenRequest, outbound: Outbound): Promise<TokenEndpointResponse> {
  const { server, clientId = "-", auth = noAuth, grantType, parameters, dpop, otherType } = request;
  const url = readUrl(endpointOf(server, "token_endpoint"), "The token endpoint", outbound.allowLoopback);
  const post = async (headers: Record<string, string>, body: string): Promise<Response> =>
    await exchange(url, { method: "POST", headers, body }, outbound);
  const options = {
    [allowInsecureRequests]: true,
    [customFetch]: async (_url: string, init: { headers: Record<string, string>; body: URLSearchParams }) => {
      const text = init.body.toString();
      if (dpop === undefined) return await post(init.headers, text);
      return await dpop.prove({ method: "POST", url }, (proof) => post({ ...init.headers, dpop: proof }, text));
    },
  };
  const client = { client_id: clientId };
  const recognizedTokenTypes = otherType === undefined ? {} : { [otherType]: () => undefined };
  try {
    const response = await genericTokenEndpointRequest(server, client, auth, grantType, { ...parameters }, options);
    return await processGenericTokenEndpointResponse(server, client, response, { recognizedTokenTypes });
  } catch (error) {
    throw await tokenError(error, url, request);
  }
}

function noAuth(): void {
  // The assertion of the grant says who asks.
}

/** Makes of an answer what is kept. @throws AuthorizationError `BAD_TOKEN` for a token of another type than was asked for. */
export function toTokenSet(
  answer: TokenEndpointResponse,
  place: Place,
  { clientId, registration }: Owner,
  requested: readonly string[],
  bound: boolean,
): TokenSet {
  const {
    access_token: accessToken,
    token_type: type,
    expires_in: expiresIn,
    refresh_token: refreshToken,
    scope,
  } = answer;
  const wanted = bound ? "dpop" : "bearer";
  if (type !== wanted) {
    const problem = `${shown(place.server.issuer)} gave a token of the type ${shown(type)}, where ${wanted} was asked for.`;
    throw new AuthorizationError(
      "BAD_TOKEN",
      problem,
      "It is not used, since it would be protected otherwise than agreed.",
    );
  }
  return {
    issuer: place.server.issuer,
    resource: place.resource,
    clientId,
    ...(registration === undefined ? {} : { registration }),
    accessToken,
    tokenType: wanted,
    scopes: scope === undefined ? requested : splitScopes(scope),
    requested,
    ...(expiresIn === undefined ? {} : { expiresAt: Date.now() + expiresIn * 1_000 }),
    ...(refreshToken === undefined ? {} : { refreshToken }),
  };
}

/** How long before its end a token is taken for over: half a minute, or a tenth of what is left of a short life. */
const LEEWAY_MS = 30_000;

export function isOver({ expiresAt }: TokenSet, obtainedAt: number, now: number = Date.now()): boolean {
  if (expiresAt === undefined) return false;
  return now >= expiresAt - Math.min(LEEWAY_MS, Math.max(0, expiresAt - obtainedAt) / 10);
}

async function tokenError(error: unknown, url: URL, { server, refusal }: TokenRequest): Promise<unknown> {
  if (error instanceof McpWireError) return error;
  const where = shownUrl(url);
  if (error instanceof ResponseBodyError)
    return refusedBy(where, error.error, error.error_description, error, refusal ?? "GRANT_REFUSED");
  if (error instanceof WWWAuthenticateChallengeError) {
    const json = parseObject(await error.response.text());
    const told = (name: string): string | undefined =>
      typeof json?.[name] === "string" ? (json[name] as string) : undefined;
    return refusedBy(
      where,
      told("error") ?? "invalid_client",
      told("error_description"),
      error,
      refusal ?? "GRANT_REFUSED",
    );
  }
  if (!(error instanceof OperationProcessingError || error instanceof UnsupportedOperationError)) return error;
  const problem = `The answer of ${where} is no token: ${error.message}.`;
  const wayOut = `Whoever runs ${shown(server.issuer)} has to mend it.`;
  // The cause would hold the answer, and with it whatever secrets are in there.
  return new AuthorizationError("BAD_TOKEN", problem, wayOut);
}

function refusedBy(
  where: string,
  error: string,
  description: string | undefined,
  cause: unknown,
  code: AuthorizationErrorCode,
): AuthorizationError {
  const oauthError = shown(error);
  const words = description === undefined ? undefined : shown(description);
  const problem = `${where} refused: ${oauthError}${words === undefined ? "" : ` (${words})`}.`;
  const wayOut = WAYS_OUT[oauthError] ?? "Look at what it says, or ask whoever runs it.";
  const detail = { oauthError, cause, ...(words === undefined ? {} : { oauthDescription: words }) };
  return new AuthorizationError(code, problem, wayOut, detail);
}

const WAYS_OUT: Readonly<Record<string, string>> = {
  invalid_client: "Check the client's id and what proves it.",
  invalid_grant: "What was presented is spent, expired or meant for somebody else: get a new one.",
  invalid_scope: "Ask for other `scopes`.",
  unauthorized_client: "The client may not use this grant; whoever runs the server can allow it.",
  access_denied: "Its policy does not allow this; ask whoever decides on it.",
  invalid_target: "It gives no tokens for this resource; ask whoever runs it.",
};

/** Tokens that only their authorization server can read: it is asked about each. RFC 7662; requirements AUTH-95, AUTH-100. */

import type { CryptoKey } from "jose";
import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretPost,
  customFetch,
  introspectionRequest,
  PrivateKeyJwt,
  processIntrospectionResponse,
} from "oauth4webapi";
import { discover, fetchBounded, isLocal, readUrl } from "./addresses.js";
import { invalidToken, type TokenVerifier, unverifiable, wrongUse } from "./contract.js";

/** Whom to ask about tokens, and as whom. */
export interface IntrospectionOptions {
  /** The issuer of the tokens, character for character. An answer that names another one is refused. */
  readonly issuer: string;
  /** Where to ask. Default: as the metadata of the issuer says, which is looked up with the first token. */
  readonly endpoint?: string;
  /** The name of this server at the authorization server. */
  readonly clientId: string;
  /** Its secret; give this or `privateKey`. */
  readonly clientSecret?: string;
  /** How the secret is sent. Default `"client_secret_basic"`. */
  readonly method?: "client_secret_basic" | "client_secret_post";
  /** The key that this server signs its assertions with (`private_key_jwt`). */
  readonly privateKey?: CryptoKey;
  /** The name of that key. Default: none. */
  readonly keyId?: string;
  /** Milliseconds for which an answer is believed; a token that is revoked is accepted for so long. Default 10 000. */
  readonly cacheMs?: number;
}

/**
 * Makes a verifier that asks the authorization server about tokens.
 * @throws McpWireError `INVALID_USE` where it is not said how to authenticate, and for addresses that are not https.
 */
export function createIntrospectionVerifier(options: IntrospectionOptions): TokenVerifier {
  const { issuer, clientId, cacheMs = 10_000 } = options;
  const authentication = authenticationOf(options);
  readUrl(issuer, "issuer");
  const given = options.endpoint === undefined ? undefined : readUrl(options.endpoint, "introspection endpoint");
  let found: Promise<URL> | undefined = given === undefined ? undefined : Promise.resolve(given);
  const endpoint = (): Promise<URL> => {
    found ??= discover(issuer, "introspection_endpoint").catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return found;
  };
  const ask = async (token: string): Promise<Awaited<ReturnType<typeof processIntrospectionResponse>>> => {
    const url = await endpoint();
    const server = { issuer, introspection_endpoint: url.href };
    const client = { client_id: clientId };
    const response = await introspectionRequest(server, client, authentication, token, {
      additionalParameters: { token_type_hint: "access_token" },
      [customFetch]: (target, init) => fetchBounded(target, init as RequestInit),
      [allowInsecureRequests]: isLocal(url),
    });
    return await processIntrospectionResponse(server, client, response);
  };
  return {
    cacheMs,
    async verify(token) {
      let claims: Awaited<ReturnType<typeof ask>>;
      try {
        claims = await ask(token);
      } catch (cause) {
        throw unverifiable(`${issuer} could not be asked about a token`, cause);
      }
      if (!claims.active) return undefined;
      if (claims.iss !== undefined && claims.iss !== issuer) throw invalidToken("The token is of another issuer.");
      const type = claims.token_type?.toLowerCase() ?? "bearer";
      if (type !== "bearer" && type !== "dpop") throw invalidToken("The token is no access token.");
      return { ...claims, iss: issuer };
    },
  };
}

function authenticationOf({ clientSecret, method, privateKey, keyId }: IntrospectionOptions): ClientAuth {
  if (privateKey !== undefined)
    return PrivateKeyJwt(keyId === undefined ? privateKey : { key: privateKey, kid: keyId });
  if (clientSecret === undefined)
    throw wrongUse(
      "Introspection has neither a clientSecret nor a privateKey.",
      "Give one: endpoints answer nobody unknown.",
    );
  return method === "client_secret_post" ? ClientSecretPost(clientSecret) : bySecretHeader(clientSecret);
}

/** Both parts are encoded as in forms, and no further: some servers compare what they get without decoding it. */
function bySecretHeader(clientSecret: string): ClientAuth {
  const encode = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);
  return (_server, { client_id: clientId }, _body, headers) => {
    headers.set("authorization", `Basic ${btoa(`${encode(clientId)}:${encode(clientSecret)}`)}`);
  };
}

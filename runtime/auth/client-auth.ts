/** How a client proves itself at the token endpoint. RFC 6749 section 2.3; RFC 7523; requirements AUTH-47, AUTH-69, CC-02 to CC-05. */

import { type CryptoKey, importJWK, importPKCS8, type JWK } from "jose";
import {
  type AuthorizationServer,
  type ClientAuth,
  ClientSecretPost,
  modifyAssertion,
  None,
  PrivateKeyJwt,
} from "oauth4webapi";
import { AuthorizationError, McpWireError } from "../errors.js";
import { shown } from "./urls.js";

/** The ways that are known here, the best first. */
export const AUTH_METHODS = ["private_key_jwt", "client_secret_basic", "client_secret_post", "none"] as const;

export type ClientAuthMethod = (typeof AUTH_METHODS)[number];

/** What a client has to prove itself with. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret?: string;
  /** A private key for signed assertions: a `CryptoKey`, a JWK, or PKCS #8 as PEM. */
  readonly privateKey?: CryptoKey | JWK | string;
  /** The algorithm of a key that does not say it. Default `ES256`. */
  readonly algorithm?: string;
  /** The `kid` of assertions. */
  readonly keyId?: string;
  /** The `aud` of assertions. Default the issuer; `token-endpoint` is for authorization servers that want its URL. */
  readonly assertionAudience?: "issuer" | "token-endpoint";
  /** How to prove it. Default: the best of what the authorization server and these credentials have in common. */
  readonly method?: ClientAuthMethod;
}

/**
 * The way that both sides have in common.
 * @throws AuthorizationError `NO_CLIENT` where there is none.
 */
export function chooseAuthMethod(server: AuthorizationServer, client: ClientCredentials): ClientAuthMethod {
  if (client.method !== undefined) return client.method;
  const listed = server.token_endpoint_auth_methods_supported;
  const able = AUTH_METHODS.filter((method) => {
    if (method === "private_key_jwt") return client.privateKey !== undefined;
    return method === "none" ? true : client.clientSecret !== undefined;
  });
  const [first = "none"] = able;
  // Without a list every server has to take the secret in the header.
  if (!Array.isArray(listed)) return first;
  const common = able.find((method) => listed.includes(method));
  if (common !== undefined) return common;
  const problem = `${shown(server.issuer)} takes clients only by ${listed.map((one) => shown(String(one))).join(", ")}.`;
  throw new AuthorizationError("NO_CLIENT", problem, `Give \`client\` what that needs; it has ${able.join(", ")}.`);
}

/** What proves the client in a request to the token endpoint. */
export async function clientAuth(server: AuthorizationServer, client: ClientCredentials): Promise<ClientAuth> {
  const method = chooseAuthMethod(server, client);
  if (method === "none") return None();
  if (method === "private_key_jwt") return await byPrivateKey(client);
  const { clientSecret } = client;
  if (clientSecret === undefined) {
    const problem = `The client ${shown(client.clientId)} has no secret for ${method}.`;
    throw new McpWireError("INVALID_USE", problem, "Give `clientSecret`.");
  }
  return method === "client_secret_basic" ? bySecretHeader(clientSecret) : ClientSecretPost(clientSecret);
}

/** Both parts are encoded as in forms, and no further: some servers compare what they get without decoding it. */
function bySecretHeader(clientSecret: string): ClientAuth {
  const encode = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);
  return (_server, { client_id: clientId }, _body, headers) => {
    headers.set("authorization", `Basic ${btoa(`${encode(clientId)}:${encode(clientSecret)}`)}`);
  };
}

async function byPrivateKey(client: ClientCredentials): Promise<ClientAuth> {
  const key = await importPrivateKey(client);
  const { keyId, assertionAudience } = client;
  const modify = (_header: unknown, payload: Record<string, unknown>, server: AuthorizationServer): void => {
    if (assertionAudience === "token-endpoint") payload.aud = server.token_endpoint;
  };
  return async (server, oauthClient, body, headers) => {
    const sign = PrivateKeyJwt(keyId === undefined ? key : { key, kid: keyId }, {
      [modifyAssertion]: (header, payload) => modify(header, payload, server),
    });
    await sign(server, oauthClient, body, headers);
    // The subject of the assertion is the client already.
    body.delete("client_id");
  };
}

async function importPrivateKey({ privateKey, algorithm }: ClientCredentials): Promise<CryptoKey> {
  try {
    if (isCryptoKey(privateKey)) return privateKey;
    if (typeof privateKey === "string") return await importPKCS8(privateKey, algorithm ?? "ES256");
    const key = await importJWK(privateKey ?? {}, algorithm ?? privateKey?.alg ?? "ES256");
    if (isCryptoKey(key) && key.type === "private") return key;
  } catch (cause) {
    throw new McpWireError(
      "INVALID_USE",
      "`privateKey` cannot be read.",
      "Give PKCS #8 as PEM, a JWK or a CryptoKey.",
      cause,
    );
  }
  throw new McpWireError("INVALID_USE", "`privateKey` is no private key.", "Give the private half of the pair.");
}

/** Whether something is a key of the platform; its class is not a global everywhere. */
export function isCryptoKey(value: unknown): value is CryptoKey {
  return typeof value === "object" && value !== null && "extractable" in value && "usages" in value;
}

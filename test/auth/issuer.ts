/** An authorization server for tests: keys that rotate, JWTs of any content, opaque tokens, and endpoints that count who asks. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from "jose";
import { onTestFinished } from "vitest";

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function createKey(kid: string, alg = "ES256"): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } };
}

export interface Issuer {
  readonly url: string;
  /** What the endpoints publish; change it to rotate. */
  keys: SigningKey[];
  /** What introspection answers, by token. */
  readonly opaque: Map<string, object>;
  /** Paths that were asked for, with the credentials. */
  readonly asked: string[];
  /** Answers everything with 500 while it is set. */
  down: boolean;
  /** A JWT access token of this issuer; members that are `undefined` are left out. */
  token(claims?: JWTPayload, header?: Partial<JWTHeaderParameters>, key?: SigningKey): Promise<string>;
}

export const RESOURCE = "https://mcp.example/mcp";

export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;

export async function createIssuer(alg = "ES256"): Promise<Issuer> {
  const first = await createKey("first", alg);
  const asked: string[] = [];
  const opaque = new Map<string, object>();
  const listener = createServer((request, response) => void answer(request, response));
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  onTestFinished(() => void listener.close());
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const issuer: Issuer = {
    url,
    keys: [first],
    opaque,
    asked,
    down: false,
    token(claims = {}, header = {}, key = issuer.keys[0] as SigningKey) {
      const all = {
        iss: url,
        sub: "ada",
        aud: RESOURCE,
        client_id: "app",
        exp: inSeconds(600),
        iat: inSeconds(0),
        ...claims,
      };
      const said = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
      return new SignJWT(said)
        .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: "at+jwt", ...header })
        .sign(key.privateKey);
    },
  };
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    asked.push(path);
    let body = "";
    for await (const piece of request) body += piece;
    const give = (value: object, status = 200): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    if (issuer.down) give({}, 500);
    else if (path === "/.well-known/openid-configuration")
      give({ issuer: url, jwks_uri: `${url}/jwks`, introspection_endpoint: `${url}/introspect` });
    else if (path === "/jwks") give({ keys: issuer.keys.map(({ jwk }) => jwk) });
    else if (path !== "/introspect") give({}, 404);
    else if (request.headers.authorization !== `Basic ${btoa("mcp:secret")}`) give({ error: "invalid_client" }, 401);
    else give(opaque.get(new URLSearchParams(body).get("token") ?? "") ?? { active: false });
  }
  return issuer;
}

/** Requests to a resource server without HTTP around them, and proofs of possession. */

import { createHash, randomUUID } from "node:crypto";
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose";
import { expect } from "vitest";
import type {
  Caller,
  NamedScopes,
  ResourceAnswer,
  ResourceRequest,
  ResourceServer,
} from "../../runtime/auth/resource/index.js";
import { inSeconds, RESOURCE, type SigningKey } from "./issuer.js";

export const NO_SCOPES: NamedScopes = { base: [], all: () => [] };

export function asking(
  headers: Readonly<Record<string, string>> = {},
  target = "/mcp",
  method = "POST",
): ResourceRequest {
  return { method, target, header: (name) => headers[name] };
}

export const bearing = (token: string): ResourceRequest => asking({ authorization: `Bearer ${token}` });

/** Who calls; fails where the request is refused. */
export async function callerIn(guard: ResourceServer, request: ResourceRequest): Promise<Caller> {
  const found = await guard.authenticate(request, NO_SCOPES);
  expect(found).toHaveProperty("principal");
  return found as Caller;
}

/** How a request is refused: status, challenge, and the error in the body. */
export async function refusalOf(guard: ResourceServer, request: ResourceRequest): Promise<[number, string, unknown]> {
  const found = (await guard.authenticate(request, NO_SCOPES)) as ResourceAnswer;
  expect(found).toHaveProperty("status");
  const { error } = JSON.parse(found.body) as { error?: unknown };
  return [found.status, found.headers["WWW-Authenticate"] ?? "", error];
}

export const athOf = (token: string): string => createHash("sha256").update(token).digest("base64url");

export function proofBy(
  key: SigningKey,
  token: string,
  claims: JWTPayload = {},
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  const { kid: _kid, alg: _alg, ...jwk } = key.jwk;
  const all = { jti: randomUUID(), htm: "POST", htu: RESOURCE, iat: inSeconds(0), ath: athOf(token), ...claims };
  const said = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new SignJWT(said).setProtectedHeader({ alg: key.alg, typ: "dpop+jwt", jwk, ...header }).sign(key.privateKey);
}

/**
 * An MCP endpoint and the authorization server it trusts, both small and both changeable: whatever a test does not change is as it should
 * be. Tokens and codes are checked, so that a client that mixes them up fails.
 */

import { createHash, randomUUID } from "node:crypto";
import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, type JWTPayload, jwtVerify } from "jose";
import { onTestFinished } from "vitest";
import type { ResourceInit } from "../../runtime/auth/authorized-fetch.js";
import type { FixedRedirect } from "../../runtime/auth/redirect.js";
import { createServer } from "../../runtime/server/server.js";
import { type Answer, type Came, type Served, serve } from "./serve.js";

export interface Token {
  readonly scopes: readonly string[];
  readonly resource: string | null;
  readonly jkt: string | undefined;
}

interface Code {
  readonly query: URLSearchParams;
}

export interface Scene {
  /** The MCP endpoint. */
  readonly url: string;
  readonly resource: Served;
  readonly server: Served;
  readonly issuer: string;
  /** What the protected resource publishes; a test may change it. */
  readonly resourceMetadata: Record<string, unknown>;
  /** What the authorization server publishes; a test may change it. */
  readonly metadata: Record<string, unknown>;
  /** Tokens that are good. */
  readonly tokens: Map<string, Token>;
  /** Refresh tokens that are good, with what they give. */
  readonly refreshTokens: Map<string, Token>;
  readonly knobs: Knobs;
}

export interface Knobs {
  /** Parameters of the challenge, beside where the metadata are. */
  challenge: Readonly<Record<string, string>>;
  scheme: "Bearer" | "DPoP";
  /** Whether the challenge says where the metadata are. */
  named: boolean;
  /** The scopes that a request needs. */
  needs: (came: Came) => readonly string[];
  /** Overrides of what is answered, by path; at the resource too. */
  answers: Record<string, (came: Came) => Answer | undefined | Promise<Answer | undefined>>;
  /** Changes where the person is sent back to. */
  back: (url: URL) => void;
  /** Changes what the token endpoint answers. */
  grant: (answer: Record<string, unknown>) => Record<string, unknown>;
  expiresIn: number | undefined;
  refreshes: boolean;
  /** What has to be in proofs, at the authorization server and at the resource; none where nothing is asked. */
  nonces: { server?: string; resource?: string };
}

export const MCP_PATH = "/tenant/mcp";

export async function startScene(path: string = MCP_PATH, issuerPath = ""): Promise<Scene> {
  const codes = new Map<string, Code>();
  const tokens = new Map<string, Token>();
  const refreshTokens = new Map<string, Token>();
  const knobs: Knobs = {
    challenge: {},
    scheme: "Bearer",
    named: true,
    needs: () => [],
    answers: {},
    back: () => undefined,
    grant: (answer) => answer,
    expiresIn: 3_600,
    refreshes: true,
    nonces: {},
  };
  const server = await serve(async (came) => {
    const own = await knobs.answers[came.path]?.(came);
    if (own !== undefined) return own;
    if (came.path === wellKnown("oauth-authorization-server", issuerPath)) return { status: 200, body: scene.metadata };
    if (came.path === "/authorize") return authorizePage(came, codes, scene);
    if (came.path === "/token") return await tokenEndpoint(came, codes, scene);
    if (came.path === "/register" && came.method === "POST") return registered(came);
    if (came.path === "/revoke") {
      tokens.delete(came.form.get("token") ?? "");
      refreshTokens.delete(came.form.get("token") ?? "");
      return { status: 200 };
    }
    return undefined;
  });
  const resource = await serve(async (came) => {
    const own = await knobs.answers[came.path]?.(came);
    if (own !== undefined) return own;
    if (came.path === wellKnown("oauth-protected-resource", path)) return { status: 200, body: scene.resourceMetadata };
    return came.path === path ? await protectedEndpoint(came, scene) : undefined;
  });
  const issuer = server.origin + issuerPath;
  const scene: Scene = {
    url: resource.origin + path,
    resource,
    server,
    issuer,
    resourceMetadata: { resource: resource.origin + path, authorization_servers: [issuer] },
    metadata: {
      issuer,
      authorization_endpoint: `${server.origin}/authorize`,
      token_endpoint: `${server.origin}/token`,
      registration_endpoint: `${server.origin}/register`,
      revocation_endpoint: `${server.origin}/revoke`,
      response_types_supported: ["code"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
      authorization_response_iss_parameter_supported: true,
    },
    tokens,
    refreshTokens,
    knobs,
  };
  return scene;
}

export function wellKnown(name: string, path: string): string {
  return `/.well-known/${name}${path === "/" ? "" : path}`;
}

/** Somebody who is signed in already and agrees to everything. */
export function visitor(seen: URL[] = []): FixedRedirect {
  return {
    redirectUri: "http://127.0.0.1:7777/callback",
    async open(url) {
      seen.push(url);
      const response = await fetch(url, { redirect: "manual" });
      return response.headers.get("location") ?? undefined;
    },
  };
}

/** One request to the endpoint, as a client sends it. */
export function post(
  method = "tools/list",
  params: object = {},
): {
  method: string;
  headers: Headers;
  body: string;
  signal: AbortSignal;
  redirect: "manual";
} {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const headers = new Headers({ "content-type": "application/json", "x-mine": "kept" });
  return { method: "POST", headers, body, signal: new AbortController().signal, redirect: "manual" };
}

function authorizePage({ query }: Came, codes: Map<string, Code>, { knobs, issuer }: Scene): Answer {
  const code = randomUUID();
  codes.set(code, { query });
  const back = new URL(query.get("redirect_uri") ?? "");
  back.searchParams.set("code", code);
  back.searchParams.set("state", query.get("state") ?? "");
  back.searchParams.set("iss", issuer);
  knobs.back(back);
  return { status: 302, headers: { location: back.href } };
}

function registered({ body }: Came): Answer {
  const wished = JSON.parse(body) as Record<string, unknown>;
  const secret =
    wished.token_endpoint_auth_method === "none" ? {} : { client_secret: randomUUID(), client_secret_expires_at: 0 };
  return { status: 201, body: { ...wished, ...secret, client_id: `client-${randomUUID()}` } };
}

function refusal(error: string): Answer {
  return { status: 400, body: { error, error_description: `No: ${error}` } };
}

async function tokenEndpoint(came: Came, codes: Map<string, Code>, scene: Scene): Promise<Answer> {
  const { form } = came;
  const { knobs, tokens, refreshTokens, server } = scene;
  const proof = await readProof(came, `${server.origin}/token`, undefined);
  if (proof === "bad") return refusal("invalid_dpop_proof");
  const { server: nonce } = knobs.nonces;
  if (proof !== undefined && nonce !== undefined && proof.payload.nonce !== nonce)
    return { ...refusal("use_dpop_nonce"), headers: { "dpop-nonce": nonce } };
  let token: Token;
  const asked = { scopes: (form.get("scope") ?? "").split(" "), resource: form.get("resource"), jkt: proof?.jkt };
  if (form.get("grant_type") === "authorization_code") {
    const code = codes.get(form.get("code") ?? "")?.query;
    codes.delete(form.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (code?.get("code_challenge") !== challenge || code.get("redirect_uri") !== form.get("redirect_uri"))
      return refusal("invalid_grant");
    if (code.get("resource") !== form.get("resource")) return refusal("invalid_target");
    token = { ...asked, scopes: (code.get("scope") ?? "").split(" ") };
  } else if (form.get("grant_type") === "refresh_token") {
    const old = refreshTokens.get(form.get("refresh_token") ?? "");
    // Each is good once, and its tokens are over with it.
    refreshTokens.delete(form.get("refresh_token") ?? "");
    if (old === undefined || old.resource !== asked.resource) return refusal("invalid_grant");
    token = { ...old, jkt: asked.jkt };
  } else token = asked;
  const access_token = `at-${randomUUID()}`;
  const refresh_token = `rt-${randomUUID()}`;
  tokens.set(access_token, token);
  if (knobs.refreshes) refreshTokens.set(refresh_token, token);
  const answer = {
    access_token,
    token_type: token.jkt === undefined ? "Bearer" : "DPoP",
    ...(knobs.expiresIn === undefined ? {} : { expires_in: knobs.expiresIn }),
    ...(knobs.refreshes ? { refresh_token } : {}),
  };
  return { status: 200, headers: { "cache-control": "no-store" }, body: knobs.grant(answer) };
}

async function protectedEndpoint(came: Came, scene: Scene): Promise<Answer> {
  const { knobs, tokens, resource, url } = scene;
  const [scheme = "", text = ""] = (came.headers.authorization ?? "").split(" ");
  const token = tokens.get(text);
  const metadata = `${resource.origin}${wellKnown("oauth-protected-resource", new URL(url).pathname)}`;
  const named: Record<string, string> = knobs.named ? { resource_metadata: metadata } : {};
  const challenge = (params: Record<string, string>): Record<string, string> => ({
    "www-authenticate": `${knobs.scheme} ${Object.entries(params)
      .map(([name, value]) => `${name}="${value}"`)
      .join(", ")}`,
  });
  if (token === undefined) return { status: 401, headers: challenge({ ...named, ...knobs.challenge }) };
  if (token.jkt !== undefined) {
    const proof = await readProof(came, url, text);
    if (scheme !== "DPoP" || proof === undefined || proof === "bad" || proof.jkt !== token.jkt)
      return { status: 401, headers: challenge({ ...named, error: "invalid_dpop_proof" }) };
    const nonce = knobs.nonces.resource;
    if (nonce !== undefined && proof.payload.nonce !== nonce)
      return { status: 401, headers: { ...challenge({ error: "use_dpop_nonce" }), "dpop-nonce": nonce } };
  } else if (scheme !== "Bearer") return { status: 401, headers: challenge(named) };
  const needs = knobs.needs(came);
  if (!needs.every((scope) => token.scopes.includes(scope)))
    return { status: 403, headers: challenge({ ...named, error: "insufficient_scope", scope: needs.join(" ") }) };
  return { status: 200, body: { jsonrpc: "2.0", id: 1, result: { came: came.body } } };
}

interface Proof {
  readonly jkt: string;
  readonly payload: JWTPayload;
}

/** Every `jti` that was seen: a proof is good once. */
const seen = new Set<string>();

async function readProof(came: Came, url: string, token: string | undefined): Promise<Proof | "bad" | undefined> {
  const { dpop } = came.headers;
  if (typeof dpop !== "string") return undefined;
  const { jwk = {}, alg, typ } = decodeProtectedHeader(dpop);
  const { payload } = await jwtVerify(dpop, await importJWK(jwk, alg));
  const ath = token === undefined ? undefined : createHash("sha256").update(token).digest("base64url");
  const right =
    typ === "dpop+jwt" && !("d" in jwk) && payload.htm === came.method && payload.htu === url && payload.ath === ath;
  if (!right || payload.jti === undefined || seen.has(payload.jti)) return "bad";
  seen.add(payload.jti);
  return { jkt: await calculateJwkThumbprint(jwk), payload };
}

/** A server with a tool `echo`, behind the gate of a scene: what the scene lets through gets to it. */
export function guardedServer(): (url: string, init: ResourceInit) => Promise<Response> {
  const server = createServer({ name: "guarded", version: "1" });
  onTestFinished(() => server.close());
  server.tool("echo", {}, () => "echoed");
  const handler = server.toFetchHandler({ allowedHosts: ["127.0.0.1"] });
  return async (url, init) => {
    const gate = await globalThis.fetch(url, { method: "POST", headers: init.headers, body: "{}", redirect: "manual" });
    await gate.body?.cancel();
    return gate.status === 200 ? await handler(new Request(url, init)) : gate;
  };
}

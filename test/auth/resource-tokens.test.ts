/** Tokens that are looked up (introspection, functions of one's own), tokens that are bound to keys, scopes, and the document about all this. */

import { describe, expect, test } from "vitest";
import {
  createIntrospectionVerifier,
  createJwtVerifier,
  createResourceServer,
  type DpopOptions,
  type ResourceServer,
  type ResourceServerOptions,
  type TokenClaims,
} from "../../runtime/auth/resource/index.js";
import type { McpWireError } from "../../runtime/errors.js";
import { verifies } from "../verifies.js";
import { createIssuer, createKey, type Issuer, inSeconds, RESOURCE, type SigningKey } from "./issuer.js";
import { asking, athOf, bearing, callerIn, NO_SCOPES, proofBy, refusalOf } from "./requests.js";
import { serve } from "./serve.js";

const claims = (more: object = {}): TokenClaims => ({
  sub: "ada",
  client_id: "app",
  aud: RESOURCE,
  exp: inSeconds(60),
  ...more,
});

function guardBy(options: Pick<ResourceServerOptions, "verify"> & Partial<ResourceServerOptions>): ResourceServer {
  return createResourceServer({ resource: RESOURCE, authorizationServers: ["https://login.example"], ...options });
}

describe("introspection", () => {
  function guarded(
    issuer: Issuer,
    more: object = {},
  ): { readonly guard: ResourceServer; readonly errors: McpWireError[] } {
    const errors: McpWireError[] = [];
    const account = { issuer: issuer.url, clientId: "mcp", clientSecret: "secret", ...more };
    const verify = createIntrospectionVerifier(account);
    return { guard: guardBy({ verify, onerror: (error) => errors.push(error) }), errors };
  }

  test(`tells what a token says, once for a while${verifies("AUTH-95", "AUTH-100", "SEC-12")}`, async () => {
    const issuer = await createIssuer();
    issuer.opaque.set("good", { active: true, ...claims({ scope: "a b", token_type: "Bearer" }) });
    const { guard } = guarded(issuer);
    const [caller, again] = await Promise.all([callerIn(guard, bearing("good")), callerIn(guard, bearing("good"))]);
    expect(caller).toBe(again);
    expect(caller).toMatchObject({ principal: JSON.stringify([issuer.url, "ada", "app"]), scopes: ["a", "b"] });
    expect(issuer.asked.filter((path) => path === "/introspect")).toEqual(["/introspect"]);
    expect(guard.authenticate(bearing("good"), NO_SCOPES)).toBe(caller);
  });

  test(`refuses what is not active, not for this server or not an access token${verifies("AUTH-96", "AUTH-97", "SEC-32")}`, async () => {
    const issuer = await createIssuer();
    const tokens: Record<string, object> = {
      ended: { active: false },
      elsewhere: { active: true, ...claims({ aud: ["https://other.example"] }) },
      nowhere: { active: true, ...claims({ aud: undefined }) },
      foreign: { active: true, ...claims({ iss: "https://evil.example" }) },
      refresh: { active: true, ...claims({ token_type: "refresh_token" }) },
      late: { active: true, ...claims({ exp: inSeconds(-60) }) },
      early: { active: true, ...claims({ nbf: inSeconds(60) }) },
      nobody: { active: true, ...claims({ sub: undefined, client_id: undefined }) },
    };
    for (const [name, answer] of Object.entries(tokens)) issuer.opaque.set(name, answer);
    const { guard, errors } = guarded(issuer);
    for (const name of [...Object.keys(tokens), "unknown"])
      expect([name, (await refusalOf(guard, bearing(name)))[2]]).toEqual([name, "invalid_token"]);
    expect(errors).toEqual([]);
  });

  test("a token that was revoked is refused as soon as the answer is not believed any more", async () => {
    const issuer = await createIssuer();
    issuer.opaque.set("t", { active: true, ...claims() });
    const { guard } = guarded(issuer, { cacheMs: 0 });
    await callerIn(guard, bearing("t"));
    issuer.opaque.delete("t");
    expect((await refusalOf(guard, bearing("t")))[0]).toBe(401);
  });

  test("names and secrets are sent as in forms, so that servers that do not decode them know them too", async () => {
    const { origin, came } = await serve(() => ({
      status: 200,
      body: { active: true, ...claims({ iss: undefined }) },
    }));
    const account = { issuer: origin, endpoint: origin, clientId: "my-server.1", clientSecret: "a_b:c d" };
    await callerIn(guardBy({ verify: createIntrospectionVerifier(account) }), bearing("t"));
    expect(came[0]?.headers.authorization).toBe(`Basic ${btoa("my-server.1:a_b%3Ac+d")}`);
  });

  test("an endpoint that fails, or does not know this server, is no fault of the token", async () => {
    const issuer = await createIssuer();
    issuer.opaque.set("t", { active: true, ...claims() });
    const wrong = guarded(issuer, { clientSecret: "wrong" });
    expect(await wrong.guard.authenticate(bearing("t"), NO_SCOPES)).toMatchObject({ status: 503 });
    const { guard, errors } = guarded(issuer, { endpoint: `${issuer.url}/introspect` });
    issuer.down = true;
    expect(await guard.authenticate(bearing("t"), NO_SCOPES)).toMatchObject({ status: 503 });
    expect([...wrong.errors, ...errors].map(({ code }) => code)).toEqual(["UNVERIFIABLE", "UNVERIFIABLE"]);
    issuer.down = false;
    await callerIn(guard, bearing("t"));
    expect(() => guarded(issuer, { clientSecret: undefined })).toThrow(
      expect.objectContaining({ code: "INVALID_USE" }),
    );
  });
});

test("a function of one's own says what a token says, and the audience is checked all the same", async () => {
  const known: Record<string, TokenClaims | undefined> = {
    good: claims(),
    other: claims({ aud: "https://other.example" }),
  };
  const guard = guardBy({ verify: (token) => known[token], principal: ({ sub }) => `user ${sub}` });
  expect((await callerIn(guard, bearing("good"))).principal).toBe("user ada");
  expect(guard.authenticate(bearing("good"), NO_SCOPES)).not.toBeInstanceOf(Promise);
  for (const name of ["other", "unknown"]) expect((await refusalOf(guard, bearing(name)))[2]).toBe("invalid_token");
  // Nothing is remembered unless the function says for how long.
  known.good = undefined;
  expect((await refusalOf(guard, bearing("good")))[0]).toBe(401);
});

test("a function that fails is no fault of the token, and its reason is not told to callers", async () => {
  const errors: McpWireError[] = [];
  const verify = (): never => {
    throw new Error("secret of the database");
  };
  const guard = guardBy({ verify, onerror: (error) => errors.push(error) });
  const answer = await guard.authenticate(bearing("t"), NO_SCOPES);
  expect(answer).toMatchObject({ status: 503 });
  expect(JSON.stringify(answer)).not.toContain("secret");
  expect(errors[0]?.message).toContain("secret of the database");
});

test("more tokens than can be verified at once are sent away, not queued", async () => {
  const release: (() => void)[] = [];
  const errors: McpWireError[] = [];
  const verify = (): Promise<undefined> => new Promise((resolve) => release.push(() => resolve(undefined)));
  const guard = guardBy({ verify, onerror: (error) => errors.push(error) });
  const all = Array.from({ length: 1_200 }, (_, index) => guard.authenticate(bearing(`t${index}`), NO_SCOPES));
  await expect.poll(() => errors.length).toBe(200);
  for (const one of release) one();
  const statuses = (await Promise.all(all)).map((answer) => (answer as { status: number }).status);
  expect(statuses.filter((status) => status === 503).length).toBe(200);
  expect(statuses.filter((status) => status === 401).length).toBe(1_000);
});

describe("scopes", () => {
  const guard = (more: Partial<ResourceServerOptions> = {}): ResourceServer =>
    guardBy({ verify: (token) => claims({ scope: token.replaceAll("+", " ").replaceAll(".", ":") }), ...more });
  const challengeOf = async (
    from: ResourceServer,
    token: string,
    needed: readonly string[],
  ): Promise<string | undefined> => {
    const refusal = from.authorize(await callerIn(from, bearing(token)), needed);
    expect(refusal?.status ?? 403).toBe(403);
    return /scope="([^"]*)"/.exec(refusal?.headers["WWW-Authenticate"] ?? "")?.[1];
  };

  test(`a challenge names all that the operation needs, and what was granted${verifies("AUTH-74", "AUTH-75", "AUTH-76", "AUTH-78", "AUTH-91")}`, async () => {
    const from = guard();
    expect(await challengeOf(from, "a+b", ["b", "a"])).toBeUndefined();
    expect(await challengeOf(from, "a+x+offline_access", ["b", "a"])).toBe("b a x");
    expect(await challengeOf(guard({ challengeScopes: "needed" }), "a+x", ["b", "a"])).toBe("b a");
    const refusal = from.authorize(await callerIn(from, bearing("a")), ["b"]);
    expect(refusal?.headers["WWW-Authenticate"]).toBe(
      'Bearer error="insufficient_scope", error_description="This needs b.", scope="b a", ' +
        'resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp"',
    );
  });

  test(`scopes include others, at any remove${verifies("AUTH-77")}`, async () => {
    const implies = { admin: ["files"], files: ["files:read", "files:write"], loop: ["loop", "admin"] };
    const from = guard({ implies });
    for (const token of ["files", "admin", "loop"])
      expect(await challengeOf(from, token, ["files:read", "files:write"])).toBeUndefined();
    expect(await challengeOf(from, "files.read", ["files:write"])).toBe("files:write files:read");
    expect(await challengeOf(from, "constructor", ["files"])).toBe("files constructor");
  });

  test("the first challenge names what was chosen, what every request needs, or nothing", async () => {
    const scopeOf = async (from: ResourceServer, base: readonly string[]): Promise<string | undefined> => {
      const answer = (await from.authenticate(asking(), { base, all: () => base })) as {
        headers: Record<string, string>;
      };
      return /scope="([^"]*)"/.exec(answer.headers["WWW-Authenticate"] ?? "")?.[1];
    };
    expect(await scopeOf(guard(), [])).toBeUndefined();
    expect(await scopeOf(guard(), ["mcp", "offline_access"])).toBe("mcp");
    expect(await scopeOf(guard({ initialScopes: ["basic", "profile"] }), ["mcp"])).toBe("basic profile");
  });

  test("what would not survive a header is not put into one", async () => {
    const from = guard();
    const caller = await callerIn(from, bearing("a"));
    for (const scope of ['x", error="y', "two words", "line\r\nSet-Cookie: a=b", ""])
      expect(() => from.authorize(caller, [scope])).toThrow(expect.objectContaining({ code: "INVALID_USE" }));
  });
});

describe("tokens that are bound to a key", () => {
  interface Bound {
    readonly guard: ResourceServer;
    readonly key: SigningKey;
    readonly token: string;
    readonly errors: McpWireError[];
    /** Sends the token with a proof. */
    send(proof: string, target?: string): ReturnType<typeof asking>;
  }

  async function bound(dpop?: DpopOptions): Promise<Bound> {
    const { calculateJwkThumbprint } = await import("jose");
    const issuer = await createIssuer();
    const key = await createKey("proof");
    const errors: McpWireError[] = [];
    const guard = guardBy({
      verify: createJwtVerifier({ issuer: issuer.url }),
      onerror: (error) => errors.push(error),
      ...(dpop === undefined ? {} : { dpop }),
    });
    const token = await issuer.token({ cnf: { jkt: await calculateJwkThumbprint(key.jwk) } });
    const send = (proof: string, target = "/mcp"): ReturnType<typeof asking> =>
      asking({ authorization: `DPoP ${token}`, dpop: proof }, target);
    return { guard, key, token, errors, send };
  }

  test(`are taken with a proof, from whatever path the request has${verifies("DPOP-04")}`, async () => {
    const { guard, key, token, send } = await bound();
    expect((await callerIn(guard, send(await proofBy(key, token)))).subject).toBe("ada");
    const htu = "HTTPS://MCP.example:443/mcp#fragment";
    expect((await callerIn(guard, send(await proofBy(key, token, { htu }), "/mcp?a=1"))).subject).toBe("ada");
  });

  test(`are refused without a proof that holds${verifies("DPOP-04", "AUTH-96")}`, async () => {
    const { guard, key, token, send } = await bound();
    const other = await createKey("other");
    const good = await proofBy(key, token);
    const [head, body, signature] = good.split(".");
    const proofs: Record<string, string> = {
      "of another key": await proofBy(other, token),
      "of another key, with this one's name": await proofBy(other, token, {}, { jwk: key.jwk }),
      "for another method": await proofBy(key, token, { htm: "GET" }),
      "for another address": await proofBy(key, token, { htu: "https://mcp.example/other" }),
      "for another host": await proofBy(key, token, { htu: "https://evil.example/mcp" }),
      "for no address": await proofBy(key, token, { htu: "nonsense" }),
      "for another token": await proofBy(key, token, { ath: athOf("other") }),
      "for no token": await proofBy(key, token, { ath: undefined }),
      "of an hour ago": await proofBy(key, token, { iat: inSeconds(-3_600) }),
      "of tomorrow": await proofBy(key, token, { iat: inSeconds(86_400) }),
      "without a time": await proofBy(key, token, { iat: undefined as never }),
      "without a name": await proofBy(key, token, { jti: undefined as never }),
      "with a name that is too long": await proofBy(key, token, { jti: "x".repeat(257) }),
      "of another type": await proofBy(key, token, {}, { typ: "JWT" }),
      "with the private key in it": await proofBy(key, token, {}, { jwk: { ...key.jwk, d: "AAAA" } as never }),
      "without a key": await proofBy(key, token, {}, { jwk: undefined as never }),
      "whose signature was changed": `${head}.${body}.${(signature ?? "").replace(/^.{6}/, "AAAAAA")}`,
      "without a signature": `${Buffer.from(`{"alg":"none","typ":"dpop+jwt","jwk":${JSON.stringify(key.jwk)}}`).toString("base64url")}.${body}.`,
      "that comes twice": `${good}, ${good}`,
      "that is huge": "x".repeat(9_000),
      "that is nothing": "",
    };
    for (const [name, proof] of Object.entries(proofs)) {
      const [status, challenge, error] = await refusalOf(guard, send(proof));
      expect([name, status, error]).toEqual([name, 401, "invalid_dpop_proof"]);
      expect(challenge).toMatch(/^DPoP error="invalid_dpop_proof", .*algs="ES256 /);
    }
    const none = await refusalOf(guard, asking({ authorization: `DPoP ${token}` }));
    expect(none.slice(0, 1).concat(none[2] as never)).toEqual([401, "invalid_dpop_proof"]);
  });

  test(`a proof counts once${verifies("DPOP-04")}`, async () => {
    const { guard, key, token, send } = await bound();
    const proof = await proofBy(key, token, { jti: "once" });
    await callerIn(guard, send(proof));
    expect((await refusalOf(guard, send(proof)))[2]).toBe("invalid_dpop_proof");
    const sameName = await proofBy(key, token, { jti: "once", iat: inSeconds(-5) });
    expect((await refusalOf(guard, send(sameName)))[2]).toBe("invalid_dpop_proof");
    await callerIn(guard, send(await proofBy(key, token)));
    const raced = await proofBy(key, token);
    const answers = await Promise.all([1, 2, 3].map(async () => await guard.authenticate(send(raced), NO_SCOPES)));
    expect(answers.filter((answer) => answer !== undefined && "principal" in answer).length).toBe(1);
  });

  test(`are not taken as plain bearer tokens, nor plain ones as bound${verifies("DPOP-04")}`, async () => {
    const { guard, key, token } = await bound();
    const [status, challenge] = await refusalOf(guard, bearing(token));
    expect([status, challenge.slice(0, 26)]).toEqual([401, 'DPoP error="invalid_token"']);
    const plain = guardBy({ verify: () => claims() });
    const proof = await proofBy(key, "plain");
    const request = asking({ authorization: "DPoP plain", dpop: proof });
    expect((await refusalOf(plain, request))[1]).toMatch(/^Bearer error="invalid_token"/);
    const strict = guardBy({ verify: () => claims(), dpop: { required: true } });
    expect((await refusalOf(strict, bearing("plain")))[1]).toMatch(/^DPoP error="invalid_token"/);
    expect((await refusalOf(strict, asking()))[1]).toMatch(/^DPoP resource_metadata="[^"]+", algs="/);
    const both = guardBy({ verify: () => claims(), dpop: {} });
    expect((await refusalOf(both, asking()))[1]).toMatch(/^Bearer resource_metadata="[^"]+", DPoP algs="[^"]+"$/);
  });

  test(`a server that gives out values wants them in proofs${verifies("DPOP-04")}`, async () => {
    const { guard, key, token, send } = await bound({ nonces: true });
    const nonceIn = async (proof: string): Promise<string> => {
      const answer = (await guard.authenticate(send(proof), NO_SCOPES)) as {
        status: number;
        headers: Record<string, string>;
      };
      expect([answer.status, answer.headers["WWW-Authenticate"]]).toEqual([
        401,
        expect.stringContaining('DPoP error="use_dpop_nonce"'),
      ]);
      return answer.headers["DPoP-Nonce"] ?? "";
    };
    const nonce = await nonceIn(await proofBy(key, token));
    expect(await nonceIn(await proofBy(key, token, { nonce: "made up" }))).toBe(nonce);
    await callerIn(guard, send(await proofBy(key, token, { nonce })));
    const another = await bound({ nonces: true });
    const strange = await another.guard.authenticate(
      another.send(await proofBy(another.key, another.token, { nonce })),
      NO_SCOPES,
    );
    expect(strange).toMatchObject({ status: 401 });
    const secret = new Uint8Array(32).fill(7);
    const [one, two] = [await bound({ nonces: secret }), await bound({ nonces: secret })];
    const refused = (await one.guard.authenticate(one.send(await proofBy(one.key, one.token)), NO_SCOPES)) as {
      headers: Record<string, string>;
    };
    const shared = await proofBy(two.key, two.token, { nonce: refused.headers["DPoP-Nonce"] });
    await callerIn(two.guard, two.send(shared));
  });

  test("proofs can be remembered for several nodes, and where that fails nobody gets in", async () => {
    const seen = new Set<string>();
    const replays = { claim: async (name: string): Promise<boolean> => !seen.has(name) && seen.add(name).has(name) };
    const { guard, key, token, send } = await bound({ replays });
    const proof = await proofBy(key, token);
    await callerIn(guard, send(proof));
    expect((await refusalOf(guard, send(proof)))[2]).toBe("invalid_dpop_proof");
    const broken = await bound({ replays: { claim: () => Promise.reject(new Error("no store")) } });
    const answer = await broken.guard.authenticate(broken.send(await proofBy(broken.key, broken.token)), NO_SCOPES);
    expect(answer).toMatchObject({ status: 503 });
    expect(broken.errors[0]?.message).toContain("no store");
  });
});

describe("the document about the resource", () => {
  const parts = { verify: () => undefined, metadata: { resource_name: "Files" } };

  test(`names who gives out tokens and what for${verifies("AUTH-16", "AUTH-18", "AUTH-91")}`, () => {
    const guard = guardBy({ ...parts, scopesSupported: ["files:read", "offline_access"] });
    guard.attach({ base: ["mcp"], all: () => ["mcp", "files:read", "files:write"] });
    expect(guard.metadata()).toEqual({
      resource: RESOURCE,
      authorization_servers: ["https://login.example"],
      scopes_supported: ["files:read", "mcp", "files:write"],
      bearer_methods_supported: ["header"],
      resource_name: "Files",
    });
    expect(guardBy({ ...parts, dpop: { required: true, algorithms: ["ES256"] } }).metadata()).toMatchObject({
      dpop_signing_alg_values_supported: ["ES256"],
      dpop_bound_access_tokens_required: true,
    });
    expect(guardBy(parts).metadata()).not.toHaveProperty("scopes_supported");
  });

  test(`lies where the resource says, and is for everybody${verifies("AUTH-18", "AUTH-101")}`, async () => {
    const rows = [
      ["https://mcp.example/mcp", "https://mcp.example/.well-known/oauth-protected-resource/mcp"],
      ["https://mcp.example/a/b", "https://mcp.example/.well-known/oauth-protected-resource/a/b"],
      ["https://mcp.example", "https://mcp.example/.well-known/oauth-protected-resource"],
      ["https://mcp.example/", "https://mcp.example/.well-known/oauth-protected-resource"],
      ["http://127.0.0.1:8080/mcp", "http://127.0.0.1:8080/.well-known/oauth-protected-resource/mcp"],
    ] as const;
    for (const [resource, url] of rows) {
      const guard = guardBy({ ...parts, resource });
      expect(guard.metadataUrl).toBe(url);
      const { pathname } = new URL(url);
      expect(JSON.parse(guard.publish(asking({}, pathname, "GET"))?.body ?? "")).toMatchObject({ resource });
      expect(guard.publish(asking({}, `${pathname}/more`, "GET"))).toBeUndefined();
    }
    const guard = guardBy(parts);
    const found = guard.metadataFetch(new Request(guard.metadataUrl));
    expect([found.status, found.headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
    expect(await found.json()).toEqual(guard.metadata());
    const preflight = guard.metadataFetch(new Request(guard.metadataUrl, { method: "OPTIONS" }));
    expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([
      204,
      expect.stringContaining("MCP-Protocol-Version"),
    ]);
    expect(guard.metadataFetch(new Request(guard.metadataUrl, { method: "POST" })).status).toBe(405);
  });
});

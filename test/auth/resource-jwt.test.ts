/** Access tokens that are JWTs, with real signatures, and everything that is passed off as one. */

import { type CryptoKey, exportSPKI, importJWK, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  createJwtVerifier,
  createResourceServer,
  type JwtOptions,
  type ResourceServer,
  type ResourceServerOptions,
} from "../../runtime/auth/resource/index.js";
import type { McpWireError } from "../../runtime/errors.js";
import { verifies } from "../verifies.js";
import { createIssuer, createKey, type Issuer, inSeconds, RESOURCE } from "./issuer.js";
import { asking, bearing, callerIn, NO_SCOPES, refusalOf } from "./requests.js";

interface Guarded {
  readonly guard: ResourceServer;
  readonly errors: McpWireError[];
}

function guardFor(issuer: Issuer, jwt: JwtOptions = {}, more: Partial<ResourceServerOptions> = {}): Guarded {
  const errors: McpWireError[] = [];
  const guard = createResourceServer({
    resource: RESOURCE,
    authorizationServers: [issuer.url],
    verify: createJwtVerifier({ issuer: issuer.url }, jwt),
    onerror: (error) => errors.push(error),
    ...more,
  });
  return { guard, errors };
}

/** Lets the clock of pauses stand still, so that nothing is over because the machine is busy; gives what lets it go on. */
function holdClock(): () => void {
  const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now());
  onTestFinished(() => clock.mockRestore());
  return () => clock.mockRestore();
}

test(`a token of the issuer says who calls, and nothing of itself${verifies("AUTH-95", "AUTH-100", "SEC-12")}`, async () => {
  const issuer = await createIssuer();
  const { guard } = guardFor(issuer);
  const token = await issuer.token({ scope: "files:read files:write", extra: { deep: [1] } });
  const caller = await callerIn(guard, bearing(token));
  expect(caller).toMatchObject({
    principal: JSON.stringify([issuer.url, "ada", "app"]),
    scopes: ["files:read", "files:write"],
    issuer: issuer.url,
    subject: "ada",
    clientId: "app",
    claims: { extra: { deep: [1] } },
  });
  expect(JSON.stringify(caller)).not.toContain(token.split(".")[2]);
  expect(() => Object.assign(caller.claims.extra as object, { deep: 2 })).toThrow(TypeError);
  // Keys are looked up once, by the metadata of the issuer, and the second look is into memory: at once.
  expect(guard.authenticate(bearing(token), NO_SCOPES)).toBe(caller);
  expect(issuer.asked).toEqual([
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/jwks",
  ]);
});

test.each(["ES256", "ES384", "EdDSA", "PS256", "RS256"])("%s is verified", async (alg) => {
  const issuer = await createIssuer(alg);
  const { guard } = guardFor(issuer);
  expect((await callerIn(guard, bearing(await issuer.token()))).subject).toBe("ada");
});

describe("refused", () => {
  const cases: Record<string, (issuer: Issuer) => Promise<string> | string> = {
    "another audience": (issuer) => issuer.token({ aud: "https://other.example/mcp" }),
    "an audience that only begins like ours": (issuer) => issuer.token({ aud: `${RESOURCE}/admin` }),
    "an audience with a slash more": (issuer) => issuer.token({ aud: `${RESOURCE}/` }),
    "no audience": (issuer) => issuer.token({ aud: undefined as never }),
    "another issuer": (issuer) => issuer.token({ iss: "https://evil.example" }),
    "an issuer with a slash more": (issuer) => issuer.token({ iss: `${issuer.url}/` }),
    "no issuer": (issuer) => issuer.token({ iss: undefined as never }),
    "an expired token": (issuer) => issuer.token({ exp: inSeconds(-60) }),
    "no expiry": (issuer) => issuer.token({ exp: undefined as never }),
    "an expiry that is text": (issuer) => issuer.token({ exp: "9999999999" as never }),
    "a token of tomorrow": (issuer) => issuer.token({ nbf: inSeconds(86_400) }),
    "a token of nobody": (issuer) => issuer.token({ sub: undefined as never, client_id: undefined }),
    "an ID token by its type": (issuer) => issuer.token({ aud: "app" }, { typ: "JWT" }),
    "an ID token for this audience": (issuer) => issuer.token({ nonce: "n" }),
    "an ID token by its use": (issuer) => issuer.token({ token_use: "id" }),
    "another type": (issuer) => issuer.token({}, { typ: "logout+jwt" }),
    "no type": (issuer) => issuer.token({}, { typ: undefined as never }),
    "no signature": (issuer) =>
      new UnsecuredJWT({ sub: "ada" })
        .setIssuer(issuer.url)
        .setAudience(RESOURCE)
        .setExpirationTime("1h")
        .encode()
        .replace(/^[^.]+/, () => Buffer.from('{"alg":"none","typ":"at+jwt"}').toString("base64url")),
    "an HMAC by the public key": async (issuer) => {
      const [key] = issuer.keys;
      const secret = new TextEncoder().encode(JSON.stringify(key?.jwk));
      const claims = { iss: issuer.url, sub: "ada", aud: RESOURCE, exp: inSeconds(60) };
      return new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "first", typ: "at+jwt" }).sign(secret);
    },
    "a key of its own, sent along": async (issuer) => {
      const key = await createKey("first");
      return issuer.token({}, { jwk: key.jwk, jku: `${issuer.url}/evil`, x5u: `${issuer.url}/evil` }, key);
    },
    "a key that is named as a path": async (issuer) =>
      issuer.token({}, { kid: "../../../dev/null" }, await createKey("x")),
    "a key that is named as a query": async (issuer) => issuer.token({}, { kid: "' OR 1=1 --" }, await createKey("x")),
    "a signature that was changed": async (issuer) => (await issuer.token()).replace(/.{6}$/, "AAAAAA"),
    "claims that were changed": async (issuer) => {
      const [head, , signature] = (await issuer.token()).split(".");
      const claims = { iss: issuer.url, sub: "root", aud: RESOURCE, exp: inSeconds(60) };
      return `${head}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${signature}`;
    },
    "an extension that must be understood": (issuer) =>
      issuer.token({}, { crit: ["exp"], exp: 1 } as never).catch(() => "a.b.c"),
    "what is no JWT": () => "opaque",
    "five parts": () => "a.b.c.d.e",
    "a token that is bound to a certificate": (issuer) => issuer.token({ cnf: { "x5t#S256": "abc" } }),
    "a huge token": (issuer) => issuer.token({ filling: "x".repeat(20_000) }),
  };

  test.each(Object.keys(cases))(
    `is %s${verifies("AUTH-95", "AUTH-96", "AUTH-97", "AUTH-100", "SEC-32")}`,
    async (name) => {
      const issuer = await createIssuer();
      const { guard, errors } = guardFor(issuer);
      const token = await cases[name]?.(issuer);
      const [status, challenge, error] = await refusalOf(guard, bearing(token ?? ""));
      expect([status, error]).toEqual([401, "invalid_token"]);
      expect(challenge).toMatch(
        /^Bearer error="invalid_token", error_description="[^"]+", resource_metadata="https:[^"]+"$/,
      );
      expect(challenge).not.toContain(token);
      // Nothing is fetched from where a token says.
      expect(issuer.asked.filter((path) => path.includes("evil") || path.includes("null"))).toEqual([]);
      expect(errors).toEqual([]);
      // The same server takes the good one.
      await callerIn(guard, bearing(await issuer.token()));
    },
  );
});

test(`tokens come in the header alone${verifies("AUTH-84", "AUTH-96", "AUTH-99")}`, async () => {
  const issuer = await createIssuer();
  const { guard } = guardFor(issuer);
  const token = await issuer.token();
  const header = { authorization: `Bearer ${token}` };
  const malformed = [400, expect.stringContaining('error="invalid_request"'), "invalid_request"];
  for (const target of [`/mcp?access_token=${token}`, `/mcp?a=1&access%5Ftoken=${token}`]) {
    expect(await refusalOf(guard, asking({}, target))).toEqual(malformed);
    expect(await refusalOf(guard, asking(header, target))).toEqual(malformed);
  }
  for (const authorization of ["Bearer", "Bearer ", `Bearer ${token}, Bearer ${token}`, "Bearer a b", "DPoP ä"])
    expect([authorization, ...(await refusalOf(guard, asking({ authorization })))]).toEqual([
      authorization,
      ...malformed,
    ]);
  // Without a token there is no error to tell, only where to get one.
  for (const headers of [{}, { authorization: "Basic YTpi" }])
    expect(await refusalOf(guard, asking(headers))).toEqual([
      401,
      'Bearer resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp"',
      "unauthorized",
    ]);
  for (const authorization of [`bEARER   ${token}`, `Bearer  ${token}`])
    expect((await callerIn(guard, asking({ authorization }))).subject).toBe("ada");
});

test("keys rotate: a name that is not known is asked for once, and not again at once", async () => {
  const issuer = await createIssuer();
  const { guard } = guardFor(issuer, { cooldownMs: 0 });
  const patient = guardFor(issuer).guard;
  await callerIn(guard, bearing(await issuer.token()));
  await callerIn(patient, bearing(await issuer.token()));
  const [old] = issuer.keys;
  const second = await createKey("second");
  issuer.keys = [second];
  issuer.asked.length = 0;
  expect((await callerIn(guard, bearing(await issuer.token({ sub: "bob" })))).subject).toBe("bob");
  expect(issuer.asked).toEqual(["/jwks"]);
  // What the issuer has taken back does not hold any more.
  const [status] = await refusalOf(guard, bearing(await issuer.token({ sub: "eve" }, {}, old)));
  expect(status).toBe(401);
  issuer.asked.length = 0;
  for (const sub of ["a", "b", "c"]) {
    const [refused, , error] = await refusalOf(patient, bearing(await issuer.token({ sub })));
    expect([refused, error]).toEqual([401, "invalid_token"]);
  }
  expect(issuer.asked).toEqual([]);
});

test("a token that names no key is tried by each of the issuer's", async () => {
  const issuer = await createIssuer();
  issuer.keys = [await createKey("a"), await createKey("b")];
  const { guard } = guardFor(issuer);
  for (const key of issuer.keys)
    await callerIn(guard, bearing(await issuer.token({ jti: key.kid }, { kid: undefined as never }, key)));
  const stranger = await issuer.token({}, { kid: undefined as never }, await createKey("c"));
  expect((await refusalOf(guard, bearing(stranger)))[2]).toBe("invalid_token");
});

test("keys that cannot be had are no fault of the token", async () => {
  const issuer = await createIssuer();
  const { guard, errors } = guardFor(issuer);
  const goOn = holdClock();
  issuer.down = true;
  const token = await issuer.token();
  const answer = await guard.authenticate(bearing(token), NO_SCOPES);
  expect(answer).toMatchObject({ status: 503, headers: { "Retry-After": "5" } });
  expect(JSON.stringify(answer)).not.toContain(issuer.url);
  expect(errors.map(({ code }) => code)).toEqual(["UNVERIFIABLE"]);
  // It is not asked again with every request while it is down.
  const before = issuer.asked.length;
  await guard.authenticate(bearing(await issuer.token({ jti: "2" })), NO_SCOPES);
  expect(issuer.asked.length).toBe(before);
  goOn();
  issuer.down = false;
  const tried = async (): Promise<unknown> => await guard.authenticate(bearing(token), NO_SCOPES);
  await expect.poll(tried, { timeout: 20_000 }).toHaveProperty("principal");
});

test("a key that nobody has does not shut out the others while keys cannot be had", async () => {
  const issuer = await createIssuer();
  const { guard } = guardFor(issuer, { cooldownMs: 0 });
  await callerIn(guard, bearing(await issuer.token()));
  holdClock();
  issuer.down = true;
  const forged = await issuer.token({}, {}, await createKey("of-nobody"));
  expect(await guard.authenticate(bearing(forged), NO_SCOPES)).toMatchObject({ status: 503 });
  const before = issuer.asked.length;
  expect((await callerIn(guard, bearing(await issuer.token({ sub: "bob" })))).subject).toBe("bob");
  // Nor does it make the issuer be asked each time.
  expect(await guard.authenticate(bearing(forged), NO_SCOPES)).toMatchObject({ status: 503 });
  expect(issuer.asked.length).toBe(before);
});

test("keys that are given are used, and nothing is fetched", async () => {
  const issuer = await createIssuer();
  const keys = { keys: issuer.keys.map(({ jwk }) => jwk) };
  const verify = createJwtVerifier({ issuer: issuer.url, keys });
  const { guard } = guardFor(issuer, {}, { verify });
  await callerIn(guard, bearing(await issuer.token()));
  expect((await refusalOf(guard, bearing(await issuer.token({}, {}, await createKey("first")))))[0]).toBe(401);
  expect(issuer.asked).toEqual([]);
});

test("two issuers have the same subject, and are two principals", async () => {
  const [one, two] = [await createIssuer(), await createIssuer()];
  const verify = createJwtVerifier([{ issuer: one.url }, { issuer: two.url, jwksUri: `${two.url}/jwks` }]);
  const { guard } = guardFor(one, {}, { verify, authorizationServers: [one.url, two.url] });
  const first = await callerIn(guard, bearing(await one.token()));
  const second = await callerIn(guard, bearing(await two.token()));
  expect(second.subject).toBe(first.subject);
  expect(second.principal).not.toBe(first.principal);
  // A key of one does not sign for the other.
  const [key] = two.keys;
  expect((await refusalOf(guard, bearing(await one.token({ sub: "eve" }, {}, key))))[2]).toBe("invalid_token");
});

test("a token is remembered no longer than it holds", async () => {
  const issuer = await createIssuer();
  const { guard } = guardFor(issuer, {}, { clockToleranceS: 0 });
  const token = await issuer.token({ exp: inSeconds(2) });
  await callerIn(guard, bearing(token));
  const status = async (): Promise<unknown> =>
    ((await guard.authenticate(bearing(token), NO_SCOPES)) as { status?: number }).status;
  await expect.poll(status).toBe(401);
});

test("types that an issuer leaves out can be allowed, and still no ID token", async () => {
  const issuer = await createIssuer();
  const { guard } = guardFor(issuer, { types: ["at+jwt", "JWT"] });
  await callerIn(guard, bearing(await issuer.token({}, { typ: "JWT" })));
  await callerIn(guard, bearing(await issuer.token({}, { typ: "application/AT+JWT" })));
  for (const claim of ["nonce", "at_hash", "c_hash"])
    expect((await refusalOf(guard, bearing(await issuer.token({ [claim]: "x" }, { typ: "JWT" }))))[0]).toBe(401);
});

test("scopes and clients have several spellings", async () => {
  const issuer = await createIssuer();
  const { guard } = guardFor(issuer);
  const scopes = async (claims: JWTPayload): Promise<readonly string[]> =>
    (await callerIn(guard, bearing(await issuer.token(claims)))).scopes;
  expect(await scopes({ scp: ["a", "b", 3, 'c"'] })).toEqual(["a", "b"]);
  expect(await scopes({ scp: "a b" })).toEqual(["a", "b"]);
  expect(await scopes({ scope: "a  b a" })).toEqual(["a", "b"]);
  expect(await scopes({ scope: 7 })).toEqual([]);
  const azp = await callerIn(guard, bearing(await issuer.token({ client_id: undefined, azp: "web" })));
  expect(azp.clientId).toBe("web");
});

describe("a mistake in the settings is told at once", () => {
  const base = { resource: RESOURCE, authorizationServers: ["https://login.example"], verify: () => undefined };
  const wrong: Record<string, () => unknown> = {
    "a shared secret as algorithm": () => createJwtVerifier({ issuer: "https://i.example" }, { algorithms: ["HS256"] }),
    "no signature as algorithm": () => createJwtVerifier({ issuer: "https://i.example" }, { algorithms: ["none"] }),
    "no algorithm": () => createJwtVerifier({ issuer: "https://i.example" }, { algorithms: [] }),
    "a secret among the keys": () =>
      createJwtVerifier({ issuer: "https://i.example", keys: { keys: [{ kty: "oct", k: "AA" }] } }),
    "keys in the clear": () => createJwtVerifier({ issuer: "https://i.example", jwksUri: "http://i.example/jwks" }),
    "a resource in the clear": () => createResourceServer({ ...base, resource: "http://mcp.example/mcp" }),
    "a resource that is no URL": () => createResourceServer({ ...base, resource: "mcp" }),
    "a resource with a fragment": () => createResourceServer({ ...base, resource: `${RESOURCE}#a` }),
    "a resource with a query": () => createResourceServer({ ...base, resource: `${RESOURCE}?a` }),
    "no authorization server": () => createResourceServer({ ...base, authorizationServers: [] }),
    "an issuer in the clear": () => createResourceServer({ ...base, authorizationServers: ["http://login.example"] }),
    "HMAC for proofs": () => createResourceServer({ ...base, dpop: { algorithms: ["HS256"] } }),
  };
  test.each(Object.keys(wrong))(`%s${verifies("AUTH-16", "AUTH-32")}`, (name) => {
    expect(wrong[name]).toThrow(expect.objectContaining({ code: "INVALID_USE" }));
  });
});

test("the public key as text is no secret either", async () => {
  const issuer = await createIssuer("RS256");
  const { guard } = guardFor(issuer);
  const [key] = issuer.keys;
  const publicKey = (await importJWK(key?.jwk ?? {}, "RS256")) as CryptoKey;
  const secret = new TextEncoder().encode(await exportSPKI(publicKey));
  const claims = { iss: issuer.url, sub: "ada", aud: RESOURCE, exp: inSeconds(60) };
  const forged = await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", kid: "first", typ: "at+jwt" })
    .sign(secret);
  expect((await refusalOf(guard, bearing(forged)))[2]).toBe("invalid_token");
});

/** Tokens after they were got: refreshed once for all, kept apart by who gave them, and given back. */

import { expect, test } from "vitest";
import { authorize } from "../../runtime/auth/authorize.js";
import { type AuthStore, createMemoryStore } from "../../runtime/auth/store.js";
import { isOver, type TokenSet } from "../../runtime/auth/token.js";
import type { AuthorizationError } from "../../runtime/errors.js";
import { verifies } from "../verifies.js";
import { post, type Scene, startScene, visitor } from "./scene.js";

/** Makes every access token useless. */
function expire({ tokens }: Scene): void {
  tokens.clear();
}

const grants = ({ server }: Scene): (string | null)[] => server.at("/token").map(({ form }) => form.get("grant_type"));

test(`fifty requests with a token that is over lead to one refresh, and the new token is used${verifies(
  "AUTH-58",
  "AUTH-92",
  "AUTH-94",
)}`, async () => {
  const scene = await startScene();
  const auth = authorize({ redirect: visitor() });
  await auth.fetch(scene.url, post());
  for (let rounds = 1; rounds <= 3; rounds++) {
    expire(scene);
    const answers = await Promise.all(Array.from({ length: 50 }, () => auth.fetch(scene.url, post())));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(grants(scene)).toEqual(["authorization_code", ...Array(rounds).fill("refresh_token")]);
  }
  const sent = scene.server.at("/token").map(({ form }) => form.get("refresh_token"));
  // Each was spent once: the server gives a new one every time.
  expect(new Set(sent).size).toBe(4);
  expect(scene.server.at("/token").every(({ form }) => form.get("resource") === scene.url)).toBe(true);
  expect(scene.refreshTokens.size).toBe(1);
});

test(`a refresh token that is not replaced stays good${verifies("AUTH-92")}`, async () => {
  const scene = await startScene();
  const auth = authorize({ redirect: visitor() });
  await auth.fetch(scene.url, post());
  const [kept = "", token] = [...scene.refreshTokens][0] ?? [];
  for (let times = 0; times < 2; times++) {
    expire(scene);
    scene.knobs.grant = ({ refresh_token: _not, ...answer }) => answer;
    if (token !== undefined) scene.refreshTokens.set(kept, token);
    expect((await auth.fetch(scene.url, post())).status).toBe(200);
  }
  expect(
    scene.server
      .at("/token")
      .slice(1)
      .map(({ form }) => form.get("refresh_token")),
  ).toEqual([kept, kept]);
});

test(`a spent refresh token leads to a sign-in, and so does none${verifies("AUTH-90", "AUTH-94")}`, async () => {
  const scene = await startScene();
  const seen: URL[] = [];
  const auth = authorize({ redirect: visitor(seen) });
  await auth.fetch(scene.url, post());
  expire(scene);
  scene.refreshTokens.clear();
  expect((await auth.fetch(scene.url, post())).status).toBe(200);
  expect(grants(scene)).toEqual(["authorization_code", "refresh_token", "authorization_code"]);
  scene.knobs.refreshes = false;
  await auth.signIn(scene.url);
  await auth.fetch(scene.url, post());
  expire(scene);
  expect((await auth.fetch(scene.url, post())).status).toBe(200);
  expect([grants(scene).length, seen.length]).toEqual([5, 4]);
});

test.each([
  ["unauthorized_client", 200],
  ["invalid_request", 200],
  ["temporarily_unavailable", "temporarily_unavailable"],
  ["invalid_target", "invalid_target"],
])(`a refresh that is refused for %s ends in %s${verifies("AUTH-94")}`, async (error, end) => {
  const scene = await startScene();
  const auth = authorize({ redirect: visitor() });
  await auth.fetch(scene.url, post());
  expire(scene);
  scene.knobs.answers["/token"] = ({ form }) =>
    form.get("grant_type") === "refresh_token" ? { status: 403, body: { error } } : undefined;
  const came = await auth.fetch(scene.url, post()).then(
    ({ status }) => status,
    ({ oauthError }: AuthorizationError) => oauthError,
  );
  expect(came).toBe(end);
});

test(`what was just refreshed and is refused leads to a sign-in and no loop${verifies("AUTH-94")}`, async () => {
  const scene = await startScene();
  const auth = authorize({ redirect: visitor() });
  await auth.fetch(scene.url, post());
  expire(scene);
  let times = 0;
  scene.knobs.grant = (answer) => (times++ === 0 ? { ...answer, access_token: "of-no-use" } : answer);
  expect((await auth.fetch(scene.url, post())).status).toBe(200);
  expect(grants(scene)).toEqual(["authorization_code", "refresh_token", "authorization_code"]);
});

test("a token is renewed before it is over", async () => {
  const scene = await startScene();
  scene.knobs.expiresIn = 0;
  const auth = authorize({ redirect: visitor() });
  await auth.fetch(scene.url, post());
  scene.knobs.expiresIn = 3_600;
  await auth.fetch(scene.url, post());
  const posts = scene.resource.came.filter(({ method }) => method === "POST");
  // No refusal in between.
  expect([posts.length, grants(scene)]).toEqual([3, ["authorization_code", "refresh_token"]]);
  const token: TokenSet = {
    issuer: "",
    resource: "",
    clientId: "",
    accessToken: "",
    tokenType: "bearer",
    scopes: [],
    requested: [],
  };
  expect(isOver(token, 0, 1e15)).toBe(false);
  expect(isOver({ ...token, expiresAt: 100_000 }, 0, 89_000)).toBe(false);
  expect(isOver({ ...token, expiresAt: 100_000 }, 0, 91_000)).toBe(true);
  expect(isOver({ ...token, expiresAt: 3_600_000 }, 0, 3_569_000)).toBe(false);
  expect(isOver({ ...token, expiresAt: 3_600_000 }, 0, 3_571_000)).toBe(true);
});

test("a refresh that cannot be had costs nothing as long as the token is good", async () => {
  const scene = await startScene();
  const auth = authorize({ redirect: visitor() });
  await auth.fetch(scene.url, post());
  scene.knobs.answers["/token"] = () => ({ status: 500 });
  expect((await auth.fetch(scene.url, post())).status).toBe(200);
  expire(scene);
  await expect(auth.fetch(scene.url, post())).rejects.toMatchObject({ code: "BAD_TOKEN" });
});

test(`everything is found again in the store, by other programs too${verifies("AUTH-86", "AUTH-87")}`, async () => {
  const scene = await startScene();
  const store = createMemoryStore();
  await authorize({ store, redirect: visitor() }).fetch(scene.url, post());
  expect((await authorize({ store }).fetch(scene.url, post())).status).toBe(200);
  // Another URL of the same resource has the same tokens.
  const other = scene.url.replace("/mcp", "/mcp/messages");
  scene.knobs.answers[new URL(other).pathname] = ({ headers }) =>
    headers.authorization === undefined
      ? {
          status: 401,
          headers: {
            "www-authenticate": `Bearer resource_metadata="${scene.resource.origin}/.well-known/oauth-protected-resource/tenant/mcp"`,
          },
        }
      : { status: 200, body: {} };
  expect((await authorize({ store }).fetch(other, post())).status).toBe(200);
  expect(grants(scene)).toEqual(["authorization_code"]);
});

test(`two programs with one store spend a refresh token once${verifies("AUTH-94")}`, async () => {
  const scene = await startScene();
  const store = createMemoryStore();
  await authorize({ store, redirect: visitor() }).fetch(scene.url, post());
  const programs = Array.from({ length: 5 }, () => authorize({ store }));
  for (const program of programs) await program.fetch(scene.url, post());
  expire(scene);
  const answers = await Promise.all(programs.map(({ fetch }) => fetch(scene.url, post())));
  expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
  expect(grants(scene)).toEqual(["authorization_code", "refresh_token"]);
});

test(`when a server moves to another authorization server, nothing of the old one is shown to the new one${verifies(
  "AUTH-25",
  "AUTH-41",
  "AUTH-85",
)}`, async () => {
  const [first, second] = [await startScene(), await startScene()];
  const seen: URL[] = [];
  const auth = authorize({ redirect: visitor(seen) });
  await auth.fetch(first.url, post());
  const [registered] = first.server.at("/register");
  expire(first);
  first.resourceMetadata.authorization_servers = [second.issuer];
  second.knobs.grant = (answer) => {
    first.tokens.set(String(answer.access_token), { scopes: [], resource: first.url, jkt: undefined });
    return answer;
  };
  expect((await auth.fetch(first.url, post())).status).toBe(200);
  expect([registered !== undefined, second.server.at("/register").length, grants(first), grants(second)]).toEqual([
    true,
    1,
    ["authorization_code"],
    ["authorization_code"],
  ]);
  const secrets = first.server.at("/token").flatMap(({ form }) => [form.get("client_id"), form.get("code")]);
  const told = second.server.came.map(({ body, query }) => body + query).join("\n");
  for (const secret of secrets) expect(told).not.toContain(secret);
});

test("signing out gives the tokens back and forgets them", async () => {
  const scene = await startScene();
  const store = createMemoryStore();
  const seen: URL[] = [];
  const auth = authorize({ store, redirect: visitor(seen) });
  expect(await auth.signOut(scene.url)).toBe(false);
  await auth.fetch(scene.url, post());
  expect(await auth.signOut(scene.url)).toBe(true);
  expect(scene.server.at("/revoke").map(({ form }) => form.get("token_type_hint"))).toEqual([
    "refresh_token",
    "access_token",
  ]);
  expect([scene.tokens.size, scene.refreshTokens.size, await auth.status(scene.url)]).toEqual([0, 0, undefined]);
  await expect(authorize({ store }).fetch(scene.url, post())).rejects.toMatchObject({ code: "SIGN_IN_NEEDED" });
  await auth.fetch(scene.url, post());
  expect([seen.length, scene.server.at("/register").length]).toEqual([2, 1]);
  scene.knobs.answers["/revoke"] = () => ({ status: 503 });
  await expect(auth.signOut(scene.url)).rejects.toMatchObject({ code: "NOT_REVOKED" });
  expect(await auth.status(scene.url)).toBeUndefined();
  await auth.fetch(scene.url, post());
  // Where there is nowhere to give them back, they are forgotten here.
  delete scene.metadata.revocation_endpoint;
  await auth.signIn(scene.url);
  expect(await auth.signOut(scene.url)).toBe(false);
});

test("a store that fails says so", async () => {
  const scene = await startScene();
  const broken: AuthStore = {
    get: () => undefined,
    set: () => Promise.reject(new Error("the disk is full")),
    delete: () => undefined,
  };
  await expect(authorize({ store: broken, redirect: visitor() }).fetch(scene.url, post())).rejects.toMatchObject({
    code: "STORE_FAILED",
    message: expect.stringContaining("the disk is full"),
  });
});

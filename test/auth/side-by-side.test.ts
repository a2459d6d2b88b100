/** What several servers, requests and programs do at the same time with one authorization server, one store and one person. */

import { expect, test } from "vitest";
import { type Authorization, type AuthorizeOptions, authorize } from "../../runtime/auth/authorize.js";
import { openDpopKey } from "../../runtime/auth/dpop.js";
import type { RedirectReceiver } from "../../runtime/auth/redirect.js";
import { createKeep, createMemoryStore } from "../../runtime/auth/store.js";
import type { TokenSet } from "../../runtime/auth/token.js";
import { verifies } from "../verifies.js";
import { post, type Scene, startScene, visitor } from "./scene.js";

const grants = ({ server }: Scene): (string | null)[] => server.at("/token").map(({ form }) => form.get("grant_type"));

/** Something that several have to come to before any of them goes on. */
function meeting(size: number): () => Promise<void> {
  let here = 0;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    if (++here === size) open();
    return opened;
  };
}

/** A receiver on another port for each sign-in, as where ports are taken. */
function anyPort(before: () => Promise<void>): RedirectReceiver {
  let port = 7_000;
  return {
    begin(request) {
      const redirectUri = `http://127.0.0.1:${port++}/callback`;
      return { redirectUri, open: (url) => before().then(() => visitor().open(url, request)) };
    },
  };
}

/** Two MCP servers whose tokens come from the authorization server of the first. */
async function startTwo(): Promise<[Scene, Scene]> {
  const [first, second] = [await startScene(), await startScene()];
  second.resourceMetadata.authorization_servers = [first.issuer];
  first.knobs.grant = (answer) => {
    second.tokens.set(String(answer.access_token), { scopes: [], resource: second.url, jkt: undefined });
    return answer;
  };
  return [first, second];
}

test(`signing in at two servers of one authorization server at once works, and both refresh later${verifies("AUTH-41", "AUTH-94")}`, async () => {
  const [first, second] = await startTwo();
  const auth = authorize({ redirect: anyPort(meeting(2)) });
  const both = async (): Promise<number[]> => {
    const answers = await Promise.all([first, second].map(({ url }) => auth.fetch(url, post())));
    return answers.map(({ status }) => status);
  };
  expect(await both()).toEqual([200, 200]);
  // A registration for each redirect URI, and each goes on with its own.
  const clients = first.server.at("/token").map(({ form }) => form.get("client_id"));
  expect(new Set(clients).size).toBe(2);
  for (const { tokens } of [first, second]) tokens.clear();
  expect(await both()).toEqual([200, 200]);
  const later = first.server.at("/token").slice(2);
  expect(later.map(({ form }) => form.get("grant_type"))).toEqual(["refresh_token", "refresh_token"]);
  expect(new Set(later.map(({ form }) => form.get("client_id")))).toEqual(new Set(clients));
  for (const { url } of [first, second]) expect(await auth.signOut(url)).toBe(true);
  const revoked = first.server.at("/revoke").map(({ form }) => form.get("client_id"));
  expect(new Set(revoked)).toEqual(new Set(clients));
});

test(`where the client has become unknown somebody signs in again${verifies("AUTH-94")}`, async () => {
  const scene = await startScene();
  const store = createMemoryStore();
  const seen: URL[] = [];
  await authorize({ store, redirect: visitor() }).fetch(scene.url, post());
  const keys = [`registration ${scene.issuer}`, `tokens ${scene.issuer} ${scene.url}`] as const;
  const over = { secretExpiresAt: Date.now() - 1 };
  const registration = { ...(store.get(keys[0]) as object), ...over };
  await store.set(keys[0], registration);
  await store.set(keys[1], { ...(store.get(keys[1]) as object), registration });
  scene.tokens.clear();
  expect((await authorize({ store, redirect: visitor(seen) }).fetch(scene.url, post())).status).toBe(200);
  expect([seen.length, scene.server.at("/register").length]).toEqual([1, 2]);
  expect(grants(scene)).toEqual(["authorization_code", "authorization_code"]);
});

test(`a program that slept goes on with the refresh token of another${verifies("AUTH-92", "AUTH-94")}`, async () => {
  const scene = await startScene();
  const store = createMemoryStore();
  const seen: URL[] = [];
  const [sleeper, other] = [authorize({ store, redirect: visitor(seen) }), authorize({ store })];
  await sleeper.fetch(scene.url, post());
  await other.fetch(scene.url, post());
  scene.tokens.clear();
  await other.fetch(scene.url, post());
  // What the other one got is over as well by now.
  scene.tokens.clear();
  const key = `tokens ${scene.issuer} ${scene.url}`;
  await store.set(key, { ...(store.get(key) as TokenSet), expiresAt: Date.now() - 1 });
  expect((await sleeper.fetch(scene.url, post())).status).toBe(200);
  expect([seen.length, grants(scene)]).toEqual([1, ["authorization_code", "refresh_token", "refresh_token"]]);
});

test("what a person did in another program is not asked for again", async () => {
  const scene = await startScene();
  scene.knobs.refreshes = false;
  const store = createMemoryStore();
  const [ofFirst, ofSecond]: [URL[], URL[]] = [[], []];
  const first = authorize({ store, redirect: visitor(ofFirst) });
  const second = authorize({ store, redirect: visitor(ofSecond) });
  const use = async (): Promise<void> => {
    for (const { fetch } of [first, second]) expect((await fetch(scene.url, post())).status).toBe(200);
  };
  await use();
  scene.tokens.clear();
  await use();
  scene.knobs.needs = () => ["more"];
  await use();
  expect([ofFirst.length, ofSecond.length]).toEqual([3, 0]);
});

test(`a refresh token that is not taken any more is forgotten${verifies("AUTH-94")}`, async () => {
  const scene = await startScene();
  scene.knobs.expiresIn = 0;
  const store = createMemoryStore();
  await authorize({ store, redirect: visitor() }).fetch(scene.url, post());
  scene.tokens.clear();
  scene.refreshTokens.clear();
  const alone = authorize({ store });
  for (let times = 0; times < 3; times++)
    await expect(alone.fetch(scene.url, post())).rejects.toMatchObject({ code: "SIGN_IN_NEEDED" });
  expect(grants(scene)).toEqual(["authorization_code", "refresh_token"]);
});

test("programs that need a key for the same issuer make one", async () => {
  const store = createMemoryStore();
  const used: unknown[] = [];
  const open = async (): Promise<void> => {
    const key = await openDpopKey("https://login.example", undefined, createKeep(store));
    await key.prove({ method: "GET", url: new URL("https://mcp.example/") }, async (proof) => {
      used.push(JSON.parse(atob((proof.split(".")[0] ?? "").replaceAll("-", "+").replaceAll("_", "/"))).jwk.x);
      return new Response();
    });
  };
  await Promise.all(Array.from({ length: 3 }, open));
  expect([used.length, new Set(used).size]).toEqual([3, 1]);
});

/** Holds back discovery until `go` is called; `begun` resolves with the first who asks. */
function holdBack({ knobs }: Scene): { begun: Promise<void>; go: () => void } {
  let [begin, go]: (() => void)[] = [];
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const gone = new Promise<void>((resolve) => {
    go = resolve;
  });
  knobs.answers["/.well-known/oauth-authorization-server"] = async () => {
    begin?.();
    await gone;
    return undefined;
  };
  return { begun, go: () => go?.() };
}

/** Sends a request of a web application away to sign in, and gives the URL that the person comes back to. */
async function sendAway(options: AuthorizeOptions, { url }: Scene): Promise<[Authorization, string]> {
  let page: URL | undefined;
  const open = (to: URL): undefined => {
    page = to;
  };
  const redirect = { redirectUri: "https://app.example/cb", open };
  const auth = authorize({ ...options, redirect });
  await expect(auth.fetch(url, post())).rejects.toMatchObject({ code: "SIGN_IN_ELSEWHERE" });
  const back = (await fetch(page ?? "", { redirect: "manual" })).headers.get("location");
  return [auth, back ?? ""];
}

test("an answer is taken while another request looks for a way in", async () => {
  const scene = await startScene();
  const [auth, answer] = await sendAway({}, scene);
  const { begun, go } = holdBack(scene);
  const other = auth.fetch(scene.url, post());
  await begun;
  expect(await auth.finish(answer)).toMatchObject({ server: scene.url });
  go();
  expect((await other).status).toBe(200);
  expect(grants(scene)).toEqual(["authorization_code"]);
});

test("of two who bring the same answer at once one is told that it is spent", async () => {
  const scene = await startScene();
  const store = createMemoryStore();
  const [auth, answer] = await sendAway({ store }, scene);
  const ends = await Promise.allSettled([auth.finish(answer), authorize({ store }).finish(answer)]);
  expect(ends).toMatchObject([{ status: "fulfilled" }, { status: "rejected", reason: { code: "BAD_REDIRECT" } }]);
  expect(grants(scene)).toEqual(["authorization_code"]);
});

test("who asks for more scopes gets them, also where a refresh is on its way", async () => {
  const scene = await startScene();
  const auth = authorize({ redirect: visitor() });
  await auth.fetch(scene.url, post());
  scene.tokens.clear();
  const { begun, go } = holdBack(scene);
  const other = auth.fetch(scene.url, post());
  await begun;
  const more = [auth.signIn(scene.url, { scopes: ["extra"] }), auth.signIn(scene.url, { scopes: ["extra"] })];
  // Both are known to wait: each has looked at what the server asks for.
  const asked = (): number =>
    scene.resource.at(new URL(scene.url).pathname).filter(({ method }) => method === "GET").length;
  await expect.poll(asked, { timeout: 10_000 }).toBe(2);
  go();
  for (const one of more) expect(await one).toMatchObject({ scopes: ["extra"] });
  expect((await other).status).toBe(200);
  expect(grants(scene)).toEqual(["authorization_code", "refresh_token", "authorization_code"]);
});

test("a request is not turned away because one that takes leave asks nobody", async () => {
  const scene = await startScene();
  const auth = authorize({ redirect: visitor() });
  const { begun, go } = holdBack(scene);
  const leaving = expect(auth.fetch(scene.url, { ...post(), method: "DELETE" })).rejects.toMatchObject({
    code: "SIGN_IN_NEEDED",
  });
  await begun;
  const staying = auth.fetch(scene.url, post());
  await expect
    .poll(() => scene.resource.came.filter(({ method }) => method === "POST").length, { timeout: 10_000 })
    .toBe(1);
  go();
  await leaving;
  expect((await staying).status).toBe(200);
});

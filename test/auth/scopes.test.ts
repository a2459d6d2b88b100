/** Which scopes are asked for, when more are, and where that ends. */

import { expect, test } from "vitest";
import { authorize } from "../../runtime/auth/authorize.js";
import { chooseScopes, missingScopes, withOfflineAccess } from "../../runtime/auth/scope.js";
import { verifies } from "../verifies.js";
import { post, type Scene, startScene, visitor } from "./scene.js";

const nothing = {
  challenged: undefined,
  supported: undefined,
  wanted: undefined,
  before: undefined,
  insufficient: false,
};

test.each([
  ["the challenge before what is published", { challenged: ["a"], supported: ["b", "c"] }, ["a"]],
  ["all that is published", { supported: ["b", "c"] }, ["b", "c"]],
  ["nothing where nothing is known", {}, []],
  [
    "what the application wants, and what the challenge says",
    { challenged: ["a"], supported: ["b"], wanted: ["w"] },
    ["w", "a"],
  ],
  ["what the application wants in place of what is published", { supported: ["b"], wanted: ["w"] }, ["w"]],
  [
    "what was asked for before, and what the challenge says",
    { challenged: ["a"], supported: ["b"], before: ["x"] },
    ["x", "a"],
  ],
  ["what was asked for before, where the challenge is silent", { supported: ["b"], before: ["x"] }, ["x"]],
  [
    "what is published, where a refusal does not say what it wants",
    { supported: ["b"], before: ["x"], insufficient: true },
    ["x", "b"],
  ],
  ["each once", { challenged: ["a", "x"], before: ["x"] }, ["x", "a"]],
])(`asks for %s${verifies("AUTH-71", "AUTH-72", "AUTH-73", "AUTH-80", "AUTH-81")}`, (_what, facts, expected) => {
  expect(chooseScopes({ ...nothing, ...facts })).toEqual(expected);
});

test(`offline access is asked for where the authorization server has it, and only there${verifies("AUTH-89", "AUTH-91")}`, () => {
  expect(withOfflineAccess(["a"], ["a", "offline_access"], true)).toEqual(["a", "offline_access"]);
  expect(withOfflineAccess(["offline_access"], ["offline_access"], true)).toEqual(["offline_access"]);
  expect(withOfflineAccess(["a"], ["a", "offline_access"], false)).toEqual(["a"]);
  expect(withOfflineAccess(["a"], undefined, true)).toEqual(["a"]);
  expect(missingScopes(["a", "b"], ["a"])).toEqual(["b"]);
});

function needing(scene: Scene, scopes: Record<string, readonly string[]>): void {
  scene.knobs.needs = ({ body }) => {
    const { method, params = {} } = body === "" ? {} : JSON.parse(body);
    return scopes[params.name ?? method] ?? [];
  };
}

test(`more is asked for when it is needed, and what there was is kept${verifies("AUTH-79", "AUTH-80", "AUTH-81")}`, async () => {
  const scene = await startScene();
  scene.knobs.challenge = { scope: "read" };
  scene.metadata.scopes_supported = ["read", "write", "offline_access"];
  needing(scene, { "tools/list": ["read"], save: ["write"] });
  const seen: URL[] = [];
  const auth = authorize({ redirect: visitor(seen) });
  expect((await auth.fetch(scene.url, post())).status).toBe(200);
  expect((await auth.fetch(scene.url, post("tools/call", { name: "save" }))).status).toBe(200);
  expect(seen.map(({ searchParams }) => searchParams.get("scope"))).toEqual([
    "read offline_access",
    "read write offline_access",
  ]);
  expect(seen[0]?.searchParams.get("prompt")).toBe("consent");
  expect((await auth.fetch(scene.url, post())).status).toBe(200);
  expect([seen.length, await auth.status(scene.url)]).toMatchObject([2, { scopes: ["read", "write"] }]);
});

test(`many requests that need more lead to one question${verifies("AUTH-79", "AUTH-94")}`, async () => {
  const scene = await startScene();
  needing(scene, { save: ["write"] });
  const seen: URL[] = [];
  const auth = authorize({ redirect: visitor(seen) });
  await auth.fetch(scene.url, post());
  const calls = Array.from({ length: 20 }, () => auth.fetch(scene.url, post("tools/call", { name: "save" })));
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect(seen.length).toBe(2);
});

test(`what was asked for and does not do is not asked for again${verifies("AUTH-82")}`, async () => {
  const scene = await startScene();
  scene.knobs.challenge = { scope: "read" };
  // Granted as asked, and never enough.
  scene.knobs.answers[new URL(scene.url).pathname] = ({ headers }) =>
    headers.authorization === undefined
      ? undefined
      : { status: 403, headers: { "www-authenticate": 'Bearer error="insufficient_scope", scope="admin"' } };
  scene.knobs.named = true;
  const seen: URL[] = [];
  const auth = authorize({ redirect: visitor(seen) });
  for (let tries = 0; tries < 3; tries++)
    await expect(auth.fetch(scene.url, post())).rejects.toMatchObject({
      code: "SCOPE_NOT_GRANTED",
      message: expect.stringContaining("admin"),
    });
  expect(seen.map(({ searchParams }) => searchParams.get("scope"))).toEqual(["read", "read admin"]);
});

test(`a server that wants something else each time is given up, operation by operation${verifies("AUTH-82")}`, async () => {
  const scene = await startScene();
  let asked = 0;
  scene.knobs.answers[new URL(scene.url).pathname] = ({ headers, body }) => {
    if (headers.authorization === undefined || body.includes("tools/list")) return undefined;
    return {
      status: 403,
      headers: { "www-authenticate": `Bearer error="insufficient_scope", scope="scope-${++asked}"` },
    };
  };
  const seen: URL[] = [];
  const auth = authorize({ redirect: visitor(seen) });
  await auth.fetch(scene.url, post());
  for (let tries = 0; tries < 3; tries++)
    await expect(auth.fetch(scene.url, post("tools/call", { name: "greedy" }))).rejects.toMatchObject({
      code: "SCOPE_NOT_GRANTED",
    });
  expect(seen.length).toBe(4);
  // Others are not held to account for it.
  expect((await auth.fetch(scene.url, post())).status).toBe(200);
});

test(`what one server asked for too often is not held against another${verifies("AUTH-82")}`, async () => {
  const [greedy, modest] = [await startScene(), await startScene()];
  let asked = 0;
  greedy.knobs.needs = () => [`scope-${++asked}`];
  modest.knobs.challenge = { scope: "read" };
  modest.knobs.needs = () => ["write"];
  const auth = authorize({ redirect: visitor() });
  await expect(auth.fetch(greedy.url, post())).rejects.toMatchObject({ code: "SCOPE_NOT_GRANTED" });
  // The same path and the same operation, at another place.
  expect(new URL(modest.url).pathname).toBe(new URL(greedy.url).pathname);
  expect((await auth.fetch(modest.url, post())).status).toBe(200);
});

test("more can be asked for ahead of the need", async () => {
  const scene = await startScene();
  needing(scene, { save: ["write"] });
  const seen: URL[] = [];
  const auth = authorize({ redirect: visitor(seen), scopes: ["read"] });
  expect(await auth.status(scene.url)).toBeUndefined();
  expect(await auth.signIn(scene.url)).toMatchObject({ scopes: ["read"], server: scene.url, issuer: scene.issuer });
  expect(await auth.signIn(scene.url, { scopes: ["write"] })).toMatchObject({ scopes: ["read", "write"] });
  expect((await auth.fetch(scene.url, post("tools/call", { name: "save" }))).status).toBe(200);
  expect(seen.length).toBe(2);
});

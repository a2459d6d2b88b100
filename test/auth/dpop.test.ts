/** Tokens that are bound to a key: proofs, nonces of both servers, and where the key is. */

import { decodeJwt, decodeProtectedHeader } from "jose";
import { expect, test } from "vitest";
import { authorize } from "../../runtime/auth/authorize.js";
import { type AuthStore, createMemoryStore } from "../../runtime/auth/store.js";
import { verifies } from "../verifies.js";
import { post, type Scene, startScene, visitor } from "./scene.js";

async function startBound(): Promise<Scene> {
  const scene = await startScene();
  scene.knobs.scheme = "DPoP";
  scene.metadata.dpop_signing_alg_values_supported = ["ES256"];
  return scene;
}

/** The proofs that came, at both servers. */
function proofs({ server, resource, url }: Scene): Record<string, unknown>[] {
  return [...server.at("/token"), ...resource.at(new URL(url).pathname)]
    .map(({ headers }) => headers.dpop)
    .filter((proof) => typeof proof === "string")
    .map((proof) => ({ ...decodeProtectedHeader(proof), ...decodeJwt(proof) }));
}

test(`where the server wants it, every request has a proof of its own${verifies("DPOP-02", "DPOP-03")}`, async () => {
  const scene = await startBound();
  const auth = authorize({ redirect: visitor() });
  for (let times = 0; times < 3; times++) expect((await auth.fetch(scene.url, post())).status).toBe(200);
  // The scene verifies them: signature, place, method, token and key.
  const sent = proofs(scene);
  expect([sent.length, new Set(sent.map(({ jti }) => jti)).size]).toEqual([4, 4]);
  expect(sent.every((one) => one.typ === "dpop+jwt" && one.nonce === undefined)).toBe(true);
  expect(new Set(sent.map(({ jwk }) => JSON.stringify(jwk))).size).toBe(1);
  const last = scene.resource.came.at(-1);
  expect(last?.headers.authorization).toMatch(/^DPoP at-/);
  expect(await auth.status(scene.url)).toMatchObject({ bound: true });
  // A refreshed token is bound to the same key.
  scene.tokens.clear();
  expect((await auth.fetch(scene.url, post())).status).toBe(200);
  expect(new Set(proofs(scene).map(({ jwk }) => JSON.stringify(jwk))).size).toBe(1);
});

test(`nonces of each server are sent back to it, once it has asked for one${verifies("DPOP-03")}`, async () => {
  const scene = await startBound();
  scene.knobs.nonces = { server: "of-the-server", resource: "of-the-resource" };
  const auth = authorize({ redirect: visitor() });
  for (let times = 0; times < 2; times++) expect((await auth.fetch(scene.url, post())).status).toBe(200);
  const nonces = (place: string): unknown[] =>
    proofs(scene)
      .filter(({ htu }) => String(htu).startsWith(place))
      .map(({ nonce }) => nonce);
  expect(nonces(scene.server.origin)).toEqual([undefined, "of-the-server"]);
  expect(nonces(scene.resource.origin)).toEqual([undefined, "of-the-resource", "of-the-resource"]);
  scene.knobs.nonces.resource = "a-new-one";
  expect((await auth.fetch(scene.url, post())).status).toBe(200);
  expect(nonces(scene.resource.origin).slice(3)).toEqual(["of-the-resource", "a-new-one"]);
});

test(`requests at the same time that are told a new nonce are each sent again with it${verifies("DPOP-03")}`, async () => {
  const scene = await startBound();
  // A refusal that is not met at once would be seen: there is nothing to refresh with.
  scene.knobs.refreshes = false;
  const seen: URL[] = [];
  const auth = authorize({ redirect: visitor(seen) });
  await auth.fetch(scene.url, post());
  // Nobody is answered before all have come without it.
  const path = new URL(scene.url).pathname;
  let arrived = 0;
  let open: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  scene.knobs.nonces.resource = "for-all";
  scene.knobs.answers[path] = async () => {
    if (++arrived === 5) open();
    await all;
    return undefined;
  };
  const answers = await Promise.all(Array.from({ length: 5 }, () => auth.fetch(scene.url, post())));
  expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
  expect([seen.length, arrived]).toEqual([1, 10]);
});

test(`a server that wants another nonce each time is given up${verifies("DPOP-03")}`, async () => {
  const scene = await startBound();
  let times = 0;
  scene.knobs.answers["/token"] = () => ({
    status: 400,
    headers: { "dpop-nonce": `nonce-${++times}` },
    body: { error: "use_dpop_nonce" },
  });
  const { fetch } = authorize({ redirect: visitor() });
  await expect(fetch(scene.url, post())).rejects.toMatchObject({ oauthError: "use_dpop_nonce" });
  expect(times).toBe(2);
});

test("a token that is not bound, where it had to be, is not used", async () => {
  const scene = await startBound();
  scene.knobs.grant = (answer) => ({ ...answer, token_type: "Bearer" });
  await expect(authorize({ redirect: visitor() }).fetch(scene.url, post())).rejects.toMatchObject({
    code: "BAD_TOKEN",
  });
});

test("the metadata of the resource can ask for it, and so can the application", async () => {
  const required = await startScene();
  required.resourceMetadata.dpop_bound_access_tokens_required = true;
  const wanted = await startScene();
  for (const [scene, dpop] of [
    [required, "auto"],
    [wanted, true],
  ] as const) {
    expect((await authorize({ redirect: visitor(), dpop }).fetch(scene.url, post())).status).toBe(200);
    expect(scene.resource.came.at(-1)?.headers.authorization).toMatch(/^DPoP /);
  }
  const scene = await startBound();
  scene.metadata.dpop_signing_alg_values_supported = ["HS256"];
  await expect(authorize({ redirect: visitor() }).fetch(scene.url, post())).rejects.toMatchObject({ code: "NO_DPOP" });
});

test(`the key stays a key where the store keeps keys, and is text where it does not${verifies("AUTH-86")}`, async () => {
  const scene = await startBound();
  for (const keepsKeys of [true, false]) {
    const kept = new Map<string, unknown>();
    const store: AuthStore = {
      keepsKeys,
      get: (key) => (keepsKeys ? kept.get(key) : JSON.parse(String(kept.get(key) ?? "null"))),
      set: (key, value) => kept.set(key, keepsKeys ? value : JSON.stringify(value)),
      delete: (key) => kept.delete(key),
    };
    expect((await authorize({ store, redirect: visitor() }).fetch(scene.url, post())).status).toBe(200);
    // Found again by another program.
    expect((await authorize({ store }).fetch(scene.url, post())).status).toBe(200);
    const key = await store.get(`dpop ${scene.issuer}`);
    expect(key).toMatchObject({
      privateKey: keepsKeys ? { extractable: false } : { kty: "EC", d: expect.any(String) },
    });
  }
  expect(createMemoryStore().keepsKeys).toBe(true);
});

/** Who the client is: in which order that is found out, what is sent to register, and that nobody else's name is used. */

import { generateKeyPair, jwtVerify } from "jose";
import { expect, test } from "vitest";
import { authorize } from "../../runtime/auth/authorize.js";
import { chooseAuthMethod } from "../../runtime/auth/client-auth.js";
import { checkClientDocument, createClientDocument, serveClientDocument } from "../../runtime/auth/client-document.js";
import { applicationTypeOf } from "../../runtime/auth/registration.js";
import { createMemoryStore } from "../../runtime/auth/store.js";
import { verifies } from "../verifies.js";
import { post, type Scene, startScene, visitor } from "./scene.js";

const DOCUMENT = "https://app.example/oauth/client.json";

const clientIds = ({ server }: Scene): (string | null)[] =>
  server.at("/authorize").map(({ query }) => query.get("client_id"));

test(`what is known there goes before a document, and that before a registration${verifies(
  "AUTH-34",
  "AUTH-35",
  "AUTH-36",
  "AUTH-44",
  "AUTH-53",
)}`, async () => {
  const scene = await startScene();
  const documented = { redirect: visitor(), clientMetadataUrl: DOCUMENT };
  scene.metadata.client_id_metadata_document_supported = true;
  await authorize({ ...documented, client: { clientId: "known" } }).fetch(scene.url, post());
  await authorize(documented).fetch(scene.url, post());
  scene.metadata.client_id_metadata_document_supported = "true";
  await authorize(documented).fetch(scene.url, post());
  expect(clientIds(scene)).toEqual(["known", DOCUMENT, expect.stringMatching(/^client-/)]);
  expect(scene.server.at("/register").length).toBe(1);
  delete scene.metadata.registration_endpoint;
  await expect(authorize(documented).fetch(scene.url, post())).rejects.toMatchObject({ code: "NO_CLIENT" });
});

test(`what is sent to register${verifies("AUTH-37", "AUTH-38", "AUTH-40", "AUTH-61", "AUTH-88")}`, async () => {
  const scene = await startScene();
  scene.knobs.challenge = { scope: "a b" };
  await authorize({ redirect: visitor(), clientName: "Ada's editor", clientUri: "https://app.example/" }).fetch(
    scene.url,
    post(),
  );
  const [native] = scene.server.at("/register");
  expect(JSON.parse(native?.body ?? "")).toEqual({
    client_name: "Ada's editor",
    client_uri: "https://app.example/",
    redirect_uris: ["http://127.0.0.1:7777/callback"],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
    application_type: "native",
  });
  const web = authorize({ redirect: { redirectUri: "https://app.example/cb", open: () => undefined } });
  await expect(web.fetch(scene.url, post())).rejects.toMatchObject({ code: "SIGN_IN_ELSEWHERE" });
  expect(JSON.parse(scene.server.at("/register")[1]?.body ?? "")).toMatchObject({
    application_type: "web",
    token_endpoint_auth_method: "client_secret_basic",
  });
  expect(
    ["myapp.example:/cb", "http://localhost/cb", "https://h/cb", "https://127.0.0.1/cb"].map(applicationTypeOf),
  ).toEqual(["native", "native", "web", "native"]);
});

test.each([
  ["invalid_redirect_uri", /redirect URI http:\/\/127\.0\.0\.1:7777\/callback/],
  ["invalid_client_metadata", /Register it there by hand/],
])(`a registration refused for %s is told in words${verifies("AUTH-39")}`, async (error, message) => {
  const scene = await startScene();
  scene.knobs.answers["/register"] = () => ({ status: 400, body: { error, error_description: "not\nso" } });
  const failed = authorize({ redirect: visitor() }).fetch(scene.url, post());
  await expect(failed).rejects.toMatchObject({
    code: "REGISTRATION_REFUSED",
    oauthError: error,
    oauthDescription: "not so",
    message: expect.stringMatching(message),
  });
});

test("anything else that a registration is answered with is no registration", async () => {
  for (const answer of [{ status: 404 }, { status: 201, body: {} }, { status: 201, body: "<html>" }, { status: 302 }]) {
    const scene = await startScene();
    scene.knobs.answers["/register"] = () => answer;
    await expect(authorize({ redirect: visitor() }).fetch(scene.url, post())).rejects.toMatchObject({
      code: "REGISTRATION_REFUSED",
    });
  }
});

test(`a registration is used again, as long as it fits${verifies("AUTH-41")}`, async () => {
  const scene = await startScene();
  const store = createMemoryStore();
  const redirectTo = (port: number): ReturnType<typeof visitor> =>
    ({
      ...visitor(),
      redirectUri: `http://127.0.0.1:${port}/callback`,
    }) as ReturnType<typeof visitor>;
  const signIn = (port: number): Promise<unknown> => authorize({ store, redirect: redirectTo(port) }).signIn(scene.url);
  await signIn(1111);
  await signIn(1111);
  expect(new Set(clientIds(scene)).size).toBe(1);
  // To another place nobody would be sent back.
  await signIn(2222);
  expect([new Set(clientIds(scene)).size, scene.server.at("/register").length]).toEqual([2, 2]);
  // One whose secret is over is none.
  const key = `registration ${scene.issuer}`;
  await store.set(key, { ...(store.get(key) as object), secretExpiresAt: Date.now() - 1 });
  await signIn(2222);
  expect(scene.server.at("/register").length).toBe(3);
});

test(`a registration that the server has forgotten is made anew${verifies("AUTH-94")}`, async () => {
  const scene = await startScene();
  const auth = authorize({ redirect: visitor() });
  scene.knobs.answers["/token"] = () => ({
    status: 401,
    headers: { "www-authenticate": "Basic" },
    body: { error: "invalid_client" },
  });
  await expect(auth.fetch(scene.url, post())).rejects.toMatchObject({
    code: "GRANT_REFUSED",
    oauthError: "invalid_client",
  });
  delete scene.knobs.answers["/token"];
  expect((await auth.fetch(scene.url, post())).status).toBe(200);
  expect(scene.server.at("/register").length).toBe(2);
});

test(`credentials of one authorization server are not shown to another${verifies("AUTH-41", "AUTH-42")}`, async () => {
  const [first, second] = [await startScene(), await startScene()];
  const client = { clientId: "known", clientSecret: "hidden" };
  for (const options of [{ client: { ...client, issuer: first.issuer } }, { client, store: createMemoryStore() }]) {
    const auth = authorize({ ...options, redirect: visitor() });
    expect((await auth.fetch(first.url, post())).status).toBe(200);
    await expect(auth.fetch(second.url, post())).rejects.toMatchObject({ code: "OTHER_ISSUER" });
  }
  expect(second.server.came.map(({ path }) => path)).toEqual(Array(2).fill("/.well-known/oauth-authorization-server"));
});

test(`the id of a document is the same everywhere${verifies("AUTH-43")}`, async () => {
  const [first, second] = [await startScene(), await startScene()];
  const auth = authorize({ redirect: visitor(), client: { clientId: DOCUMENT } });
  for (const scene of [first, second]) {
    expect((await auth.fetch(scene.url, post())).status).toBe(200);
    expect(clientIds(scene)).toEqual([DOCUMENT]);
  }
});

test(`but one with a secret is known to one server, however it is spelt${verifies("AUTH-41", "AUTH-42")}`, async () => {
  const [first, second] = [await startScene(), await startScene()];
  const auth = authorize({ redirect: visitor(), client: { clientId: DOCUMENT, clientSecret: "hidden" } });
  expect((await auth.fetch(first.url, post())).status).toBe(200);
  await expect(auth.fetch(second.url, post())).rejects.toMatchObject({ code: "OTHER_ISSUER" });
  expect(second.server.at("/token")).toEqual([]);
});

test(`each way to prove the client at the token endpoint${verifies("AUTH-47", "AUTH-69", "CC-04")}`, async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const client = { clientId: "a:b c", clientSecret: "p%q r+-_.*" };
  const sent = async (methods: string[], more: object = {}): Promise<[URLSearchParams, string | undefined, Scene]> => {
    const scene = await startScene();
    scene.metadata.token_endpoint_auth_methods_supported = methods;
    await authorize({ redirect: visitor(), client: { ...client, ...more } }).fetch(scene.url, post());
    const [{ form, headers } = { form: new URLSearchParams(), headers: {} as Record<string, string> }] =
      scene.server.at("/token");
    return [form, headers.authorization, scene];
  };
  const [basic, header] = await sent(["client_secret_post", "client_secret_basic"]);
  expect(atob(header?.replace("Basic ", "") ?? "")).toBe("a%3Ab+c:p%25q+r%2B-_.*");
  expect([basic.get("client_id"), basic.get("client_secret")]).toEqual([null, null]);
  const [posted, none] = await sent(["client_secret_post"]);
  expect([posted.get("client_id"), posted.get("client_secret"), none]).toEqual([
    "a:b c",
    client.clientSecret,
    undefined,
  ]);
  const [open] = await sent(["none"]);
  expect([open.get("client_id"), open.get("client_secret")]).toEqual(["a:b c", null]);
  for (const audience of ["issuer", "token-endpoint"] as const) {
    const more = { privateKey, keyId: "k1", assertionAudience: audience };
    const [signed, , scene] = await sent(["none", "private_key_jwt"], more);
    expect(signed.get("client_assertion_type")).toBe("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    expect(signed.has("client_id")).toBe(false);
    const { payload, protectedHeader } = await jwtVerify(signed.get("client_assertion") ?? "", publicKey);
    expect(payload).toMatchObject({
      iss: "a:b c",
      sub: "a:b c",
      aud: audience === "issuer" ? scene.issuer : `${scene.server.origin}/token`,
      jti: expect.any(String),
      iat: expect.any(Number),
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(300);
    expect(protectedHeader).toEqual({ alg: "ES256", kid: "k1" });
  }
  const server = { issuer: "https://as.example", token_endpoint_auth_methods_supported: ["tls_client_auth"] };
  expect(() => chooseAuthMethod(server, client)).toThrow(/takes clients only by tls_client_auth/);
});

const good = {
  url: DOCUMENT,
  clientName: "Ada's editor",
  redirectUris: ["http://127.0.0.1/callback", "https://app.example/cb", "com.example.app:/cb"],
};

test(`a document is made and served${verifies("AUTH-44", "AUTH-45", "AUTH-46", "AUTH-47", "AUTH-48")}`, async () => {
  const document = createClientDocument(good);
  const serve = serveClientDocument(document);
  const response = serve(new Request(DOCUMENT));
  expect(response.headers.get("content-type")).toBe("application/json");
  const served: unknown = await response.json();
  expect(served).toEqual({
    client_id: DOCUMENT,
    client_name: "Ada's editor",
    redirect_uris: good.redirectUris,
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  });
  expect(checkClientDocument(served, DOCUMENT)).toEqual([]);
  expect(serve(new Request(DOCUMENT, { method: "POST" })).status).toBe(405);
  expect(await serve(new Request(DOCUMENT, { method: "HEAD" })).text()).toBe("");
  expect(createClientDocument({ ...good, jwksUri: "https://app.example/jwks" }).token_endpoint_auth_method).toBe(
    "private_key_jwt",
  );
});

test.each([
  "http://app.example/client.json",
  "https://app.example",
  "https://app.example/",
  "https://app.example/c#x",
  "https://u:p@app.example/c",
  "https://app.example/a/../c",
  "https://APP.example/c",
  "client",
])(`%s is no id of a document${verifies("AUTH-45", "AUTH-48")}`, (url) => {
  expect(() => createClientDocument({ ...good, url })).toThrow(/of no use/);
  expect(() => authorize({ clientMetadataUrl: url })).toThrow(/clientMetadataUrl/);
});

test.each([
  [{ client_id: `${DOCUMENT}?` }, "not its URL"],
  [{ client_name: " " }, "client_name"],
  [{ redirect_uris: [] }, "redirect_uris"],
  [{ redirect_uris: ["javascript:alert(1)"] }, "redirect_uris"],
  [{ redirect_uris: ["http://app.example/cb"] }, "redirect_uris"],
  [{ redirect_uris: ["https://app.example/cb#x"] }, "redirect_uris"],
  [{ client_secret: "s" }, "client_secret"],
  [{ token_endpoint_auth_method: "client_secret_basic" }, "secret"],
  [{ token_endpoint_auth_method: "private_key_jwt" }, "jwks"],
])(`a document with %j is refused${verifies("AUTH-46", "AUTH-48")}`, (change, problem) => {
  const document = { ...createClientDocument(good), ...change };
  expect(checkClientDocument(document, DOCUMENT).join("; ")).toContain(problem);
  expect(checkClientDocument([document], DOCUMENT)).toEqual(["it is no JSON object"]);
});

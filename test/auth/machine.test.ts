/** Tokens that nobody has to sign in for: by the client's own credentials, by the platform, and by the policy of an enterprise. */

import { exportPKCS8, generateKeyPair, jwtVerify, SignJWT } from "jose";
import { expect, test } from "vitest";
import { authorize } from "../../runtime/auth/authorize.js";
import { enterpriseManaged } from "../../runtime/auth/enterprise.js";
import { clientCredentials } from "../../runtime/auth/grant.js";
import { workloadIdentity } from "../../runtime/auth/workload.js";
import { verifies } from "../verifies.js";
import { post, startScene } from "./scene.js";
import { type Served, serve } from "./serve.js";

test(`a client acts for itself with its secret, and gets a new token when one is over${verifies(
  "CC-01",
  "CC-02",
  "CC-05",
  "CC-07",
  "CC-08",
)}`, async () => {
  const scene = await startScene();
  scene.knobs.refreshes = false;
  scene.knobs.challenge = { scope: "read" };
  const client = { clientId: "robot", clientSecret: "hidden" };
  const auth = authorize({ grant: clientCredentials(), client });
  expect((await auth.fetch(scene.url, post())).status).toBe(200);
  const [{ form, headers } = { form: new URLSearchParams(), headers: {} as Record<string, string> }] =
    scene.server.at("/token");
  expect(Object.fromEntries(form)).toEqual({ grant_type: "client_credentials", resource: scene.url, scope: "read" });
  expect(headers.authorization).toBe(`Basic ${btoa("robot:hidden")}`);
  expect([scene.server.at("/register"), scene.server.at("/authorize")]).toEqual([[], []]);
  scene.tokens.clear();
  const answers = await Promise.all(Array.from({ length: 10 }, () => auth.fetch(scene.url, post())));
  expect([answers.every(({ status }) => status === 200), scene.server.at("/token").length]).toEqual([true, 2]);
  // Before its end, where that is known.
  scene.knobs.expiresIn = 0;
  scene.tokens.clear();
  await auth.fetch(scene.url, post());
  await auth.fetch(scene.url, post());
  expect(scene.server.at("/token").length).toBe(4);
});

test(`or with a signed assertion${verifies("CC-02", "CC-03", "CC-04")}`, async () => {
  const scene = await startScene();
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const client = { clientId: "robot", privateKey: await exportPKCS8(privateKey), algorithm: "ES256" };
  expect((await authorize({ grant: clientCredentials(), client }).fetch(scene.url, post())).status).toBe(200);
  const [{ form } = { form: new URLSearchParams() }] = scene.server.at("/token");
  const { payload } = await jwtVerify(form.get("client_assertion") ?? "", publicKey, { audience: scene.issuer });
  expect(payload).toMatchObject({ iss: "robot", sub: "robot" });
  expect([form.get("grant_type"), form.get("resource"), form.has("client_id")]).toEqual([
    "client_credentials",
    scene.url,
    false,
  ]);
});

test(`nobody is registered for that${verifies("CC-01")}`, async () => {
  const scene = await startScene();
  await expect(authorize({ grant: clientCredentials() }).fetch(scene.url, post())).rejects.toMatchObject({
    code: "NO_CLIENT",
  });
  expect(scene.server.at("/register")).toEqual([]);
  const client = { clientId: "robot", privateKey: "no key" };
  await expect(authorize({ grant: clientCredentials(), client }).fetch(scene.url, post())).rejects.toMatchObject({
    code: "INVALID_USE",
  });
});

test(`the platform vouches for a workload, once for each assertion${verifies("DPOP-05")}`, async () => {
  const scene = await startScene();
  const issuers: string[] = [];
  const assertion = (issuer: string): string => `assertion-${issuers.push(issuer)}`;
  const auth = authorize({ grant: workloadIdentity({ assertion }) });
  expect((await auth.fetch(scene.url, post())).status).toBe(200);
  const [{ form } = { form: new URLSearchParams() }] = scene.server.at("/token");
  expect(Object.fromEntries(form)).toEqual({
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    assertion: "assertion-1",
    resource: scene.url,
  });
  expect(issuers).toEqual([scene.issuer]);
  const refused = await startScene();
  refused.knobs.answers["/token"] = () => ({ status: 400, body: { error: "invalid_grant" } });
  await expect(auth.fetch(refused.url, post())).rejects.toMatchObject({
    code: "GRANT_REFUSED",
    oauthError: "invalid_grant",
  });
  expect(refused.server.at("/token").length).toBe(1);
});

test(`refresh tokens that come with a grant are not used: whoever decides is asked again${verifies("CC-08", "EMA-11")}`, async () => {
  const scene = await startScene();
  const assertion = (): string => "of the platform";
  for (const options of [
    { grant: workloadIdentity({ assertion }) },
    { grant: clientCredentials(), client: { clientId: "robot", clientSecret: "hidden" } },
  ]) {
    const auth = authorize(options);
    await auth.fetch(scene.url, post());
    scene.tokens.clear();
    expect((await auth.fetch(scene.url, post())).status).toBe(200);
  }
  const bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  const grants = scene.server.at("/token").map(({ form }) => form.get("grant_type"));
  expect(grants).toEqual([bearer, bearer, "client_credentials", "client_credentials"]);
});

/** The identity provider of an enterprise. */
async function startProvider(answer: () => { status: number; body: object }): Promise<Served> {
  const provider = await serve(({ path }) => {
    if (path === "/token") return answer();
    if (path !== "/.well-known/openid-configuration") return undefined;
    return { status: 200, body: { issuer: provider.origin, token_endpoint: `${provider.origin}/token` } };
  });
  return provider;
}

const JAG = { issued_token_type: "urn:ietf:params:oauth:token-type:id-jag", token_type: "N_A" };

test(`an enterprise's policy gives access without asking${verifies(
  "EMA-01",
  "EMA-02",
  "EMA-03",
  "EMA-05",
  "EMA-07",
  "EMA-09",
)}`, async () => {
  const scene = await startScene();
  scene.knobs.challenge = { scope: "read" };
  const jag = await new SignJWT({ resource: scene.url }).setProtectedHeader({ alg: "HS256" }).sign(new Uint8Array(32));
  const provider = await startProvider(() => ({ status: 200, body: { ...JAG, access_token: jag, expires_in: 300 } }));
  const auth = authorize({
    client: { clientId: "editor", clientSecret: "hidden" },
    grant: enterpriseManaged({
      provider: { issuer: provider.origin, clientId: "editor-at-idp" },
      subject: () => "the.id.token",
    }),
  });
  expect((await auth.fetch(scene.url, post())).status).toBe(200);
  const [exchange] = provider.at("/token");
  expect(Object.fromEntries(exchange?.form ?? [])).toEqual({
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    requested_token_type: "urn:ietf:params:oauth:token-type:id-jag",
    audience: scene.issuer,
    resource: scene.url,
    subject_token: "the.id.token",
    subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
    scope: "read",
    client_id: "editor-at-idp",
  });
  const [{ form, headers } = { form: new URLSearchParams(), headers: {} as Record<string, string> }] =
    scene.server.at("/token");
  expect(Object.fromEntries(form)).toEqual({
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    assertion: jag,
    resource: scene.url,
    scope: "read",
  });
  expect(headers.authorization).toBe(`Basic ${btoa("editor:hidden")}`);
  // A new token begins with the policy again.
  scene.tokens.clear();
  expect((await auth.fetch(scene.url, post())).status).toBe(200);
  expect(provider.at("/token").length).toBe(2);
});

test(`a refusal of the policy reaches the caller, and nothing else is tried${verifies("EMA-05", "EMA-11")}`, async () => {
  const scene = await startScene();
  const provider = await startProvider(() => ({
    status: 403,
    body: { error: "access_denied", error_description: "Not in your department" },
  }));
  const options = { provider: { issuer: provider.origin, clientId: "me" }, subject: () => "secret.id.token" };
  const auth = authorize({ client: { clientId: "editor" }, grant: enterpriseManaged(options) });
  const error = await auth.fetch(scene.url, post()).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: "POLICY_REFUSED",
    oauthError: "access_denied",
    oauthDescription: "Not in your department",
    message: expect.stringContaining("Not in your department"),
  });
  expect(String(error)).not.toContain("secret.id.token");
  expect([provider.at("/token").length, scene.server.at("/token")]).toEqual([1, []]);
});

test.each([
  ["an access token", { issued_token_type: "urn:ietf:params:oauth:token-type:access_token", token_type: "Bearer" }],
  ["a bearer", { ...JAG, token_type: "Bearer" }],
  ["something unnamed", { token_type: "N_A" }],
])(`%s in place of the assertion is not passed on${verifies("EMA-05")}`, async (_what, fields) => {
  const scene = await startScene();
  const provider = await startProvider(() => ({ status: 200, body: { access_token: "other", ...fields } }));
  const options = { provider: { issuer: provider.origin, clientId: "me" }, subject: () => "id" };
  const auth = authorize({ client: { clientId: "editor" }, grant: enterpriseManaged(options) });
  await expect(auth.fetch(scene.url, post())).rejects.toMatchObject({ code: "BAD_TOKEN" });
  expect(scene.server.at("/token")).toEqual([]);
});

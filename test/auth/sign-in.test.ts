/** The sign-in of a person, and everything that may come back in place of the answer that was waited for. */

import { generateKeyPair, SignJWT } from "jose";
import { calculatePKCECodeChallenge } from "oauth4webapi";
import { expect, test } from "vitest";
import { authorize } from "../../runtime/auth/authorize.js";
import { createMemoryStore } from "../../runtime/auth/store.js";
import { connect } from "../../runtime/client/connect.js";
import { AuthorizationError } from "../../runtime/errors.js";
import { verifies } from "../verifies.js";
import { guardedServer, post, startScene, visitor } from "./scene.js";

test(`a refused request is sent again as it was, with a token${verifies(
  "AUTH-13",
  "AUTH-54",
  "AUTH-57",
  "AUTH-58",
  "AUTH-60",
  "AUTH-69",
  "AUTH-83",
  "AUTH-84",
)}`, async () => {
  const scene = await startScene();
  const seen: URL[] = [];
  const steps: string[] = [];
  const auth = authorize({ redirect: visitor(seen), onstep: (at) => steps.push(at) });
  const response = await auth.fetch(scene.url, post("tools/call", { name: "echo" }));
  const [first, second] = scene.resource.came.filter(({ method }) => method === "POST");
  expect(await response.json()).toMatchObject({ result: { came: first?.body } });
  expect(second?.body).toBe(first?.body);
  expect([first?.headers["x-mine"], second?.headers["x-mine"]]).toEqual(["kept", "kept"]);
  expect([first?.headers.authorization, second?.headers.authorization]).toEqual([
    undefined,
    expect.stringMatching(/^Bearer at-/),
  ]);
  expect(second?.query.size).toBe(0);
  expect(steps).toEqual(["refused", "placed", "choosing", "inviting", "visited", "done"]);
  const [page] = seen;
  expect(page?.searchParams.get("response_type")).toBe("code");
  expect(page?.searchParams.get("code_challenge_method")).toBe("S256");
  expect(page?.searchParams.get("state")).toMatch(/^[\w-]{43}$/);
  expect(page?.searchParams.has("scope")).toBe(false);
  const [exchange] = scene.server.at("/token");
  const verifier = exchange?.form.get("code_verifier") ?? "";
  expect(verifier).toMatch(/^[A-Za-z0-9\-._~]{43,128}$/);
  expect(await calculatePKCECodeChallenge(verifier)).toBe(page?.searchParams.get("code_challenge"));
  for (const form of [page?.searchParams, exchange?.form]) expect(form?.get("resource")).toBe(scene.url);
  expect(exchange?.headers["content-type"]).toMatch(/^application\/x-www-form-urlencoded/);
  // The next request has the token from the start.
  expect((await auth.fetch(scene.url, post())).status).toBe(200);
  expect([scene.server.at("/token").length, seen.length]).toEqual([1, 1]);
});

test("answers that a token does not change are handed on", async () => {
  const scene = await startScene();
  const auth = authorize({ redirect: visitor() });
  await auth.fetch(scene.url, post());
  for (const status of [200, 202, 400, 403, 404, 500]) {
    scene.knobs.answers[new URL(scene.url).pathname] = () => ({ status });
    expect((await auth.fetch(scene.url, post())).status).toBe(status);
  }
  expect(scene.server.at("/token").length).toBe(1);
});

test(`many requests at once lead to one sign-in${verifies("AUTH-94")}`, async () => {
  const scene = await startScene();
  const seen: URL[] = [];
  const { fetch } = authorize({ redirect: visitor(seen) });
  const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(scene.url, post())));
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
  expect([seen.length, scene.server.at("/register").length, scene.server.at("/token").length]).toEqual([1, 1, 1]);
});

test.each(["2025-06-18", "2025-11-25", "2026-07-28"] as const)(
  "a client of %s connects through it",
  async (revision) => {
    const scene = await startScene("/mcp");
    scene.knobs.needs = () => [];
    const auth = authorize({
      redirect: visitor(),
      resourceFetch: guardedServer(),
    });
    const client = await connect({ url: scene.url, fetch: auth.fetch }, { revisions: [revision] });
    expect(await client.callTool("echo", {})).toMatchObject({ content: [{ text: "echoed" }] });
    await client.close();
    expect(scene.server.at("/token").length).toBe(1);
  },
);

test.each([
  ["without a list", undefined],
  ["with plain alone", ["plain"]],
])(`servers %s of code challenges are refused${verifies("AUTH-55")}`, async (_what, methods) => {
  const scene = await startScene();
  scene.metadata.code_challenge_methods_supported = methods;
  const seen: URL[] = [];
  const { fetch } = authorize({ redirect: visitor(seen) });
  await expect(fetch(scene.url, post())).rejects.toMatchObject({ code: "NO_PKCE" });
  expect([seen.length, scene.server.at("/register").length]).toEqual([0, 0]);
});

const OTHER = "https://other.example";

test.each<[string, boolean, (url: URL) => void]>([
  ["a wrong issuer", true, (url) => url.searchParams.set("iss", OTHER)],
  ["a wrong issuer nobody announced", false, (url) => url.searchParams.set("iss", OTHER)],
  ["no issuer though one was announced", true, (url) => url.searchParams.delete("iss")],
  ["an issuer with a slash", true, (url) => url.searchParams.set("iss", `${url.searchParams.get("iss")}/`)],
  [
    "an issuer in upper case",
    true,
    (url) => url.searchParams.set("iss", String(url.searchParams.get("iss")).toUpperCase()),
  ],
  ["two issuers", true, (url) => url.searchParams.append("iss", OTHER)],
  ["a wrong state", true, (url) => url.searchParams.set("state", "mine")],
  ["no state", true, (url) => url.searchParams.delete("state")],
  ["two states", true, (url) => url.searchParams.append("state", "mine")],
  ["two codes", true, (url) => url.searchParams.append("code", "mine")],
  ["no code", true, (url) => url.searchParams.delete("code")],
  ["a token in place of a code", true, (url) => url.searchParams.set("id_token", "x.y.z")],
])(
  `an answer with %s is not used${verifies("AUTH-60", "AUTH-66", "AUTH-67", "AUTH-68")}`,
  async (_what, announced, change) => {
    const scene = await startScene();
    scene.metadata.authorization_response_iss_parameter_supported = announced;
    scene.knobs.back = (url) => {
      change(url);
      // Words of a stranger are not shown either.
      url.searchParams.set("error_description", "call this number");
    };
    const { fetch } = authorize({ redirect: visitor() });
    const error = await fetch(scene.url, post()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "BAD_REDIRECT" });
    expect(String(error)).not.toContain("call this number");
    expect(scene.server.at("/token")).toEqual([]);
  },
);

test(`an error of a stranger is not shown${verifies("AUTH-68")}`, async () => {
  const scene = await startScene();
  scene.knobs.back = (url) => {
    url.searchParams.set("iss", OTHER);
    url.searchParams.set("error", "access_denied");
    url.searchParams.set("error_description", "call this number");
  };
  const error = await authorize({ redirect: visitor() })
    .fetch(scene.url, post())
    .catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "BAD_REDIRECT", oauthError: undefined, oauthDescription: undefined });
  expect(String(error)).not.toContain("call this number");
});

test(`answers without an issuer do where none was announced${verifies("AUTH-66")}`, async () => {
  const scene = await startScene();
  scene.metadata.authorization_response_iss_parameter_supported = undefined;
  scene.knobs.back = (url) => url.searchParams.delete("iss");
  expect((await authorize({ redirect: visitor() }).fetch(scene.url, post())).status).toBe(200);
});

test("a refusal reaches the caller in the server's words, made harmless", async () => {
  const scene = await startScene();
  scene.knobs.back = (url) => {
    url.searchParams.delete("code");
    url.searchParams.set("error", "access_denied");
    url.searchParams.set("error_description", `not \u001b[31mtoday\u202e${"!".repeat(5_000)}`);
  };
  const { fetch } = authorize({ redirect: visitor() });
  const error = await fetch(scene.url, post()).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(AuthorizationError);
  expect(error).toMatchObject({ code: "SIGN_IN_REFUSED", oauthError: "access_denied" });
  expect((error as AuthorizationError).oauthDescription).toMatch(/^not {2}\[31mtoday !+…$/);
});

test.each([
  ["nobody to ask", undefined, "SIGN_IN_NEEDED"],
  ["an `open` that fails", () => Promise.reject(new Error("no browser")), "no browser"],
  ["an `open` that gives no URL", () => "http://[", "BAD_REDIRECT"],
])("with %s the request fails", async (_what, open, expected) => {
  const scene = await startScene();
  const redirect = open === undefined ? {} : { redirect: { redirectUri: "http://127.0.0.1:1/cb", open } };
  const error = (await authorize(redirect)
    .fetch(scene.url, post())
    .catch((caught: unknown) => caught)) as AuthorizationError;
  expect(`${error.code} ${error.message}`).toContain(expected);
  expect(scene.server.at("/token")).toEqual([]);
});

test(`the answer can come to another process${verifies("AUTH-63")}`, async () => {
  const scene = await startScene();
  const store = createMemoryStore();
  const pages: URL[] = [];
  const redirect = { redirectUri: "https://app.example/callback", open: (url: URL) => void pages.push(url) };
  const begins = authorize({ store, redirect });
  await expect(begins.fetch(scene.url, post())).rejects.toMatchObject({ code: "SIGN_IN_ELSEWHERE" });
  const response = await fetch(String(pages[0]), { redirect: "manual" });
  const answer = String(response.headers.get("location"));
  const ends = authorize({ store, redirect });
  expect(await ends.finish(answer)).toMatchObject({ issuer: scene.issuer, resource: scene.url, bound: false });
  expect((await ends.fetch(scene.url, post())).status).toBe(200);
  // It is spent.
  await expect(ends.finish(answer)).rejects.toMatchObject({ code: "BAD_REDIRECT" });
  await expect(ends.finish("https://app.example/callback?code=1&state=guessed")).rejects.toMatchObject({
    code: "BAD_REDIRECT",
  });
  await expect(ends.finish("https://app.example/callback?code=1")).rejects.toMatchObject({ code: "BAD_REDIRECT" });
  expect(scene.server.at("/token").length).toBe(1);
});

test(`a sign-in of one server cannot be answered by another${verifies("AUTH-63", "AUTH-66")}`, async () => {
  const [good, evil] = [await startScene(), await startScene()];
  // The evil server does not say that it names itself, and sends on to the good one's code.
  evil.metadata.authorization_response_iss_parameter_supported = false;
  evil.knobs.answers["/authorize"] = ({ query }) => ({
    status: 302,
    headers: { location: `${good.server.origin}/authorize?${query}` },
  });
  const redirect = {
    redirectUri: "http://127.0.0.1:7777/callback",
    async open(url: URL) {
      let at = url.href;
      for (let hops = 0; hops < 2; hops++)
        at = String((await fetch(at, { redirect: "manual" })).headers.get("location"));
      return at;
    },
  };
  await expect(authorize({ redirect }).fetch(evil.url, post())).rejects.toMatchObject({ code: "BAD_REDIRECT" });
  expect(evil.server.at("/token")).toEqual([]);
});

test(`tokens of another kind than was asked for are not used${verifies("AUTH-69")}`, async () => {
  for (const [change, code] of [
    [{ token_type: "DPoP" }, "BAD_TOKEN"],
    [{ token_type: "mac" }, "BAD_TOKEN"],
    [{ token_type: "N_A" }, "BAD_TOKEN"],
    [{ access_token: undefined }, "BAD_TOKEN"],
    [{ access_token: 5 }, "BAD_TOKEN"],
    [{ expires_in: "soon" }, "BAD_TOKEN"],
  ] as const) {
    const scene = await startScene();
    scene.knobs.grant = (answer) => ({ ...answer, ...change });
    const error = await authorize({ redirect: visitor() })
      .fetch(scene.url, post())
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code });
    expect(JSON.stringify(error) + String(error)).not.toMatch(/at-|rt-/);
  }
});

test("an ID token that comes along is nobody's business, whatever it is", async () => {
  const { privateKey } = await generateKeyPair("ES256");
  const spent = new SignJWT({}).setIssuer("https://other.example").setSubject("ada").setAudience("other");
  const idToken = await spent.setIssuedAt(1).setExpirationTime(2).setProtectedHeader({ alg: "ES256" }).sign(privateKey);
  for (const id_token of [idToken, "none at all", null]) {
    const scene = await startScene();
    scene.knobs.grant = (answer) => ({ ...answer, id_token });
    const store = createMemoryStore();
    expect((await authorize({ store, redirect: visitor() }).fetch(scene.url, post())).status).toBe(200);
    expect(store.get(`tokens ${scene.issuer} ${scene.url}`)).not.toHaveProperty("id_token");
  }
});

test("a token that the server never takes does not lead to another sign-in", async () => {
  const scene = await startScene();
  const seen: URL[] = [];
  const { fetch } = authorize({ redirect: visitor(seen) });
  scene.knobs.grant = (answer) => ({ ...answer, access_token: "of-no-use" });
  for (let tries = 0; tries < 3; tries++)
    await expect(fetch(scene.url, post())).rejects.toMatchObject({ code: "TOKEN_NOT_ACCEPTED" });
  expect(seen.length).toBe(1);
});

test("taking leave asks nobody", async () => {
  const scene = await startScene();
  const seen: URL[] = [];
  const { fetch } = authorize({ redirect: visitor(seen) });
  const init = { ...post(), method: "DELETE" };
  await expect(fetch(scene.url, init)).rejects.toMatchObject({ code: "SIGN_IN_NEEDED" });
  expect(seen).toEqual([]);
});

test("a sign-in that nobody waits for ends, and one that others wait for goes on", async () => {
  const scene = await startScene();
  const aborted: unknown[] = [];
  let opened = 0;
  let answer = (_url: string): void => undefined;
  const redirect = {
    redirectUri: "http://127.0.0.1:7777/callback",
    open: (url: URL, { signal }: { signal: AbortSignal }) =>
      new Promise<string>((resolve, reject) => {
        signal.addEventListener("abort", () => {
          aborted.push(signal.reason);
          reject(signal.reason);
        });
        opened++;
        answer = async () => resolve(String((await fetch(url, { redirect: "manual" })).headers.get("location")));
      }),
  };
  const auth = authorize({ redirect });
  const controllers = [new AbortController(), new AbortController()];
  const requests = controllers.map(({ signal }) => auth.fetch(scene.url, { ...post(), signal }));
  await expect.poll(() => opened).toBe(1);
  controllers[0]?.abort();
  await expect(requests[0]).rejects.toThrow(/abort/i);
  answer("");
  expect((await requests[1])?.status).toBe(200);
  expect(aborted).toEqual([]);
  const other = await startScene();
  const lonely = new AbortController();
  const request = auth.fetch(other.url, { ...post(), signal: lonely.signal });
  await expect.poll(() => opened).toBe(2);
  lonely.abort();
  await expect(request).rejects.toThrow(/abort/i);
  await expect.poll(() => aborted.length).toBe(1);
  expect(aborted[0]).toMatchObject({ code: "SIGN_IN_ABORTED" });
});

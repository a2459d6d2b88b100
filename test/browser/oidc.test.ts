/** The authorization server of the tests, driven by the browser: what is wrong with it shows here. */

import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeJwt } from "jose";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "./chromium.js";
import { type OidcServer, signIn, startOidc } from "./oidc.js";

const RESOURCE = "http://127.0.0.1:43117/mcp";

let back: string;
let oidc: OidcServer;
let browser: Browser;
const app = createServer((_, response) => response.end("Back"));
beforeAll(async () => {
  app.listen(0, "127.0.0.1");
  await once(app, "listening");
  back = `http://127.0.0.1:${(app.address() as AddressInfo).port}/callback`;
  const client = {
    client_id: "app",
    redirect_uris: [back],
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
  };
  oidc = await startOidc({
    clients: [client],
    scopes: ["profile"],
    resources: { [RESOURCE]: { scope: "files:read files:write" } },
  });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await oidc?.close();
  app.closeAllConnections();
  app.close();
});

/** Goes to the authorization server in a browser without cookies, and gives where that led and the verifier. */
async function authorize(walk: (page: Page) => Promise<void>, more: object): Promise<[URL, string]> {
  const verifier = randomBytes(32).toString("base64url");
  const context = await browser.newContext();
  const page = await context.newPage();
  const arrived = new Promise<URL>((resolve) => {
    page.on("request", (request) => {
      if (request.url().startsWith(back)) resolve(new URL(request.url()));
    });
  });
  const params = new URLSearchParams({
    client_id: "app",
    redirect_uri: back,
    response_type: "code",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...more,
  });
  await page.goto(`${oidc.issuer}/auth?${params}`);
  await walk(page);
  const url = await arrived;
  await context.close();
  return [url, verifier];
}

function token(params: Record<string, string>): Promise<Response> {
  return fetch(`${oidc.issuer}/token`, {
    method: "POST",
    body: new URLSearchParams({ client_id: "app", redirect_uri: back, ...params }),
  });
}

test("a person signs in, and the token is for the resource and the scopes that were asked for", async () => {
  const asked = { resource: RESOURCE, scope: "openid offline_access files:read", prompt: "consent", state: "s" };
  const [url, verifier] = await authorize((page) => signIn(page, "bob"), asked);
  expect(url.searchParams.get("state")).toBe("s");
  const code = url.searchParams.get("code") ?? "";
  const answer = await token({ grant_type: "authorization_code", code, code_verifier: verifier, resource: RESOURCE });
  const granted = (await answer.json()) as { access_token: string; refresh_token: string; scope: string };
  expect(decodeJwt(granted.access_token)).toMatchObject({ sub: "bob", aud: RESOURCE, scope: "files:read" });
  const again = await token({ grant_type: "refresh_token", refresh_token: granted.refresh_token, resource: RESOURCE });
  expect(again.status).toBe(200);
  expect(oidc.requests.filter(({ path }) => path === "/token").length).toBe(2);
});

test("a wrong password and a refusal give nothing", async () => {
  const [url] = await authorize(
    async (page) => {
      await page.getByLabel("Name").fill("bob");
      await page.getByLabel("Password").fill("guess");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByText("Name or password are wrong.").waitFor();
      await page.getByRole("button", { name: "Refuse" }).click();
    },
    { scope: "openid" },
  );
  expect(url.searchParams.get("error")).toBe("access_denied");
  expect(url.searchParams.has("code")).toBe(false);
});

test("a resource that is not known is refused", async () => {
  const [url] = await authorize(async () => undefined, { resource: "http://127.0.0.1:2/", scope: "openid" });
  expect(url.searchParams.get("error")).toBe("invalid_target");
});

/**
 * Authorization from end to end: a real authorization server, a browser in which a person signs in, and resource servers and clients of this package
 * and of the official SDK, with each other.
 */

import { once } from "node:events";
import {
  createServer as createListener,
  type IncomingMessage,
  type Server as Listener,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { type OAuthClientProvider, UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client as OfficialClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { requireBearerAuth } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js";
import { mcpAuthMetadataRouter } from "@modelcontextprotocol/sdk/server/auth/router.js";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js";
import { createRemoteJWKSet, jwtVerify } from "jose";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Authorization, authorize } from "../../runtime/auth/index.js";
import { createLoopbackRedirect } from "../../runtime/auth/node.js";
import {
  callerOf,
  createIntrospectionVerifier,
  createJwtVerifier,
  createResourceServer,
  type TokenVerifier,
} from "../../runtime/auth/resource/index.js";
import type { Client } from "../../runtime/client/client.js";
import { connect } from "../../runtime/client/connect.js";
import { createServer } from "../../runtime/server/server.js";
import { launchBrowser } from "./chromium.js";
import { allow, type OidcServer, signIn, startOidc } from "./oidc.js";

const SCOPES = "mcp files:read files:write";

let browser: Browser;
let oidc: OidcServer;
/** Where servers listen, by the kind of tokens that are made for them. */
let places: Readonly<Record<"opaque" | "jwt" | "official", string>>;
const endings: (() => unknown)[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  const [opaque, jwt, official] = [await freePlace(), await freePlace(), await freePlace()];
  places = { opaque, jwt, official };
  const introspecting = {
    client_id: "mcp-server",
    client_secret: "a secret for tests",
    token_endpoint_auth_method: "client_secret_basic",
    grant_types: [],
    response_types: [],
    redirect_uris: [],
  };
  const application = {
    client_id: "app",
    application_type: "native",
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    // On whatever port of this machine.
    redirect_uris: ["http://127.0.0.1/callback"],
  };
  oidc = await startOidc({
    clients: [introspecting, application],
    scopes: SCOPES.split(" "),
    resources: {
      [opaque]: { scope: SCOPES, accessTokenFormat: "opaque", accessTokenTTL: 15 },
      [jwt]: { scope: SCOPES },
      [official]: { scope: SCOPES },
    },
  });
});
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});
afterAll(async () => {
  await browser?.close();
  await oidc?.close();
});

/** The URL of an endpoint on a port that was free a moment ago: tokens name it before anything listens there. */
async function freePlace(): Promise<string> {
  const probe = createListener().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return `http://127.0.0.1:${port}/mcp`;
}

/** A server of this package whose tools need scopes, at the place that tokens are made for. */
async function serveOurs(resource: string, verify: TokenVerifier, initialScopes?: readonly string[]): Promise<void> {
  const server = createServer({ name: "ours", version: "1", scopes: ["mcp"] });
  endings.push(() => server.close());
  server.tool("read", { scopes: ["files:read"] }, (_args, ctx) => `${callerOf(ctx).subject} reads`);
  server.tool("write", { scopes: ["files:write"] }, (_args, ctx) => `${callerOf(ctx).subject} writes`);
  const authenticate = createResourceServer({
    resource,
    authorizationServers: [oidc.issuer],
    verify,
    ...(initialScopes === undefined ? {} : { initialScopes }),
  });
  await server.serveHttp({ port: Number(new URL(resource).port), authenticate });
}

/** A person with a browser of their own. */
interface Person {
  /** Goes where a sign-in begins, and agrees to everything. Later, the login is known and only consent is asked for. */
  walk(url: URL): Promise<void>;
  /** How often they were sent there. */
  readonly visits: URL[];
}

async function createPerson(name: string): Promise<Person> {
  const context = await browser.newContext();
  endings.push(() => context.close());
  const page: Page = await context.newPage();
  const visits: URL[] = [];
  return {
    visits,
    async walk(url) {
      visits.push(url);
      await page.goto(url.href);
      if ((await page.getByLabel("Password").count()) > 0) await signIn(page, name);
      else await allow(page);
    },
  };
}

interface Application {
  readonly auth: Authorization;
  readonly client: Client;
  /** The tokens that were sent to the server, oldest first, each once. */
  readonly sent: Set<string>;
}

async function createApplication(url: string, person: Person): Promise<Application> {
  const sent = new Set<string>();
  const auth = authorize({
    redirect: createLoopbackRedirect({ open: (page) => person.walk(page) }),
    client: { clientId: "app" },
    resourceFetch(target, init) {
      const header = new Headers(init?.headers as never).get("authorization");
      if (header !== null) sent.add(header);
      return fetch(target, init as RequestInit);
    },
  });
  const client = await connect({ url, fetch: auth.fetch });
  endings.push(() => client.close());
  return { auth, client, sent };
}

const textOf = async (client: Client, tool: string): Promise<unknown> =>
  ((await client.callTool(tool)) as { content: { text?: string }[] }).content[0]?.text;

const tokenRequests = (): number => oidc.requests.filter(({ path }) => path === "/token").length;

test("a person signs in, agrees to more when it is needed, is not asked for a new token, and signs out", async () => {
  const account = { clientId: "mcp-server", clientSecret: "a secret for tests", cacheMs: 0 };
  await serveOurs(places.opaque, createIntrospectionVerifier({ issuer: oidc.issuer, ...account }));
  const alice = await createPerson("alice");
  const { auth, client, sent } = await createApplication(places.opaque, alice);
  // What the server asked for at first, and no more of what it publishes.
  expect(
    alice.visits.map((url) =>
      url.searchParams
        .get("scope")
        ?.split(" ")
        .filter((scope) => SCOPES.includes(scope)),
    ),
  ).toEqual([["mcp"]]);
  expect(alice.visits[0]?.searchParams.get("resource")).toBe(places.opaque);
  expect((await client.listTools()).length).toBe(2);
  expect(alice.visits.length).toBe(1);
  // Step up, by what the call needs.
  expect(await textOf(client, "read")).toBe("alice reads");
  expect(await textOf(client, "write")).toBe("alice writes");
  expect(alice.visits.slice(1).map((url) => url.searchParams.get("scope"))).toEqual([
    expect.stringContaining("files:read"),
    expect.stringMatching(/files:read.*files:write|files:write.*files:read/),
  ]);
  // Tokens end, and new ones come without her.
  const [visits, tokens] = [alice.visits.length, tokenRequests()];
  await expect
    .poll(async () => [await textOf(client, "read"), tokenRequests() > tokens], { timeout: 50_000, interval: 500 })
    .toEqual(["alice reads", true]);
  expect(alice.visits.length).toBe(visits);
  // What is revoked is refused, although nobody told the server.
  const send = (authorization: string): Promise<Response> =>
    fetch(places.opaque, { method: "DELETE", headers: { authorization } });
  const last = [...sent].at(-1) ?? "";
  expect((await send(last)).status).not.toBe(401);
  expect(await auth.signOut(places.opaque)).toBe(true);
  const refused = await send(last);
  expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([
    401,
    expect.stringContaining('error="invalid_token"'),
  ]);
}, 120_000);

test("two people at one server: neither gets into the session of the other", async () => {
  await serveOurs(places.jwt, createJwtVerifier({ issuer: oidc.issuer }), ["mcp", "files:read"]);
  const [alice, bob] = [await createPerson("alice"), await createPerson("bob")];
  const hers = await createApplication(places.jwt, alice);
  const his = await createApplication(places.jwt, bob);
  expect([await textOf(hers.client, "read"), await textOf(his.client, "read")]).toEqual(["alice reads", "bob reads"]);
  const post = (token: string, body: object, session?: string): Promise<Response> =>
    fetch(places.jwt, {
      method: "POST",
      headers: {
        authorization: token,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...(session === undefined ? {} : { "mcp-session-id": session }),
      },
      body: JSON.stringify({ jsonrpc: "2.0", ...body }),
    });
  const [[herToken = ""], [hisToken = ""]] = [[...hers.sent], [...his.sent]];
  const clientInfo = { name: "raw", version: "1" };
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
  const opened = await post(herToken, { id: 1, method: "initialize", params });
  const session = opened.headers.get("mcp-session-id") ?? "";
  const statuses = [hisToken, herToken].map(
    async (token) => (await post(token, { id: 2, method: "ping" }, session)).status,
  );
  expect(await Promise.all(statuses)).toEqual([404, 200]);
}, 120_000);

test("this client signs in at a server of the official SDK", async () => {
  await serveOfficial(places.official);
  const bob = await createPerson("bob");
  const { client } = await createApplication(places.official, bob);
  expect(await textOf(client, "whoami")).toBe("bob with mcp");
  expect(bob.visits.length).toBe(1);
}, 120_000);

test("the official client signs in here, and steps up", async () => {
  await serveOurs(places.jwt, createJwtVerifier({ issuer: oidc.issuer }), ["mcp", "files:read"]);
  const alice = await createPerson("alice");
  const back = await receiveCodes();
  const provider = createOfficialProvider(back.url, alice);
  const open = async (): Promise<[OfficialClient, StreamableHTTPClientTransport]> => {
    const client = new OfficialClient({ name: "official", version: "1" });
    const transport = new StreamableHTTPClientTransport(new URL(places.jwt), { authProvider: provider });
    endings.push(() => transport.close());
    return [client, transport];
  };
  const [first, before] = await open();
  await expect(first.connect(before as never)).rejects.toBeInstanceOf(UnauthorizedError);
  await before.finishAuth(await back.next());
  const [client, transport] = await open();
  await client.connect(transport as never);
  const call = async (name: string): Promise<unknown> =>
    ((await client.callTool({ name })).content as { text: string }[])[0]?.text;
  expect(await call("read")).toBe("alice reads");
  await expect(call("write")).rejects.toBeInstanceOf(UnauthorizedError);
  await transport.finishAuth(await back.next());
  expect(await call("write")).toBe("alice writes");
  expect(await call("read")).toBe("alice reads");
  expect(alice.visits.length).toBe(2);
}, 120_000);

/** A server of the official SDK with its own middleware in front. */
async function serveOfficial(resource: string): Promise<void> {
  const url = new URL(resource);
  const metadata = (await (await fetch(`${oidc.issuer}/.well-known/openid-configuration`)).json()) as {
    jwks_uri: string;
  };
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const verifyAccessToken = async (token: string): Promise<never> => {
    const { payload } = await jwtVerify(token, keys, { issuer: oidc.issuer, audience: resource });
    const { client_id, scope, exp, sub } = payload;
    return {
      token,
      clientId: client_id,
      scopes: String(scope).split(" "),
      expiresAt: exp,
      resource: url,
      extra: { sub },
    } as never;
  };
  const app = createMcpExpressApp();
  const oauthMetadata = metadata as never;
  app.use(mcpAuthMetadataRouter({ oauthMetadata, resourceServerUrl: url, scopesSupported: ["mcp"] }));
  const guard = requireBearerAuth({
    verifier: { verifyAccessToken },
    requiredScopes: ["mcp"],
    expectedResource: url,
    resourceMetadataUrl: `${url.origin}/.well-known/oauth-protected-resource/mcp`,
  });
  app.post("/mcp", guard, async (request: IncomingMessage & { body?: unknown }, response: ServerResponse) => {
    const server = new McpServer({ name: "official", version: "1" });
    server.registerTool("whoami", {}, ({ authInfo }) => ({
      content: [
        {
          type: "text",
          text: `${authInfo?.extra?.sub} with ${authInfo?.scopes.filter((scope) => SCOPES.includes(scope)).join(" ")}`,
        },
      ],
    }));
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true } as never);
    await server.connect(transport as never);
    await transport.handleRequest(request as never, response, request.body);
  });
  const listener: Listener = app.listen(Number(url.port), "127.0.0.1");
  await once(listener, "listening");
  endings.push(() => {
    listener.close();
    listener.closeAllConnections();
  });
}

/** Where the browser comes back to with codes, in the order of the sign-ins. */
async function receiveCodes(): Promise<{ readonly url: string; next(): Promise<string> }> {
  const codes: string[] = [];
  const listener = createListener((request, response) => {
    const code = new URL(request.url ?? "/", "http://127.0.0.1").searchParams.get("code");
    if (code !== null) codes.push(code);
    response.end("Back");
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  endings.push(() => {
    listener.close();
    listener.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/callback`,
    async next() {
      await expect.poll(() => codes.length, { timeout: 30_000 }).toBeGreaterThan(0);
      return codes.shift() ?? "";
    },
  };
}

/** What the official client asks of an application, kept in memory. */
function createOfficialProvider(redirectUrl: string, person: Person): OAuthClientProvider {
  let tokens: OAuthTokens | undefined;
  let verifier = "";
  return {
    redirectUrl,
    clientMetadata: {
      client_name: "Official client",
      redirect_uris: [redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
      application_type: "native",
    } as OAuthClientProvider["clientMetadata"],
    clientInformation: () => ({ client_id: "app" }),
    tokens: () => tokens,
    saveTokens: (given) => {
      tokens = given;
    },
    redirectToAuthorization: (url) => person.walk(url),
    saveCodeVerifier: (given) => {
      verifier = given;
    },
    codeVerifier: () => verifier,
  };
}

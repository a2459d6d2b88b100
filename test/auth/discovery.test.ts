/** Where metadata are looked for and in which order, and what of them is believed. */

import { expect, test } from "vitest";
import { authorize } from "../../runtime/auth/authorize.js";
import { coversResource, resourceMetadataUrls } from "../../runtime/auth/protected-resource.js";
import { serverMetadataUrls } from "../../runtime/auth/server-metadata.js";
import { verifies } from "../verifies.js";
import { MCP_PATH, post, startScene, visitor, wellKnown } from "./scene.js";
import { serve } from "./serve.js";

const hrefs = (urls: readonly URL[]): string[] => urls.map(({ pathname }) => pathname);
const OAUTH = "/.well-known/oauth-authorization-server";
const OPENID = "/.well-known/openid-configuration";

test(`metadata of resources are at the path, then at the root${verifies("AUTH-18", "AUTH-20")}`, () => {
  const at = (url: string): string[] => hrefs(resourceMetadataUrls(new URL(url)));
  const name = "/.well-known/oauth-protected-resource";
  expect(at("https://h/a/b?x=1")).toEqual([`${name}/a/b`, name]);
  expect(at("https://h/a/")).toEqual([`${name}/a`, `${name}/a/`, name]);
  expect(at("https://h/")).toEqual([name]);
});

test(`metadata of servers are by OAuth, then by OpenID inserted, then appended${verifies("AUTH-27", "AUTH-28", "AUTH-29", "AUTH-31")}`, () => {
  const at = (url: string): string[] => hrefs(serverMetadataUrls(new URL(url)));
  expect(at("https://h/t")).toEqual([`${OAUTH}/t`, `${OPENID}/t`, `/t${OPENID}`]);
  expect(at("https://h/t/")).toEqual([`${OAUTH}/t`, `${OPENID}/t`, `/t${OPENID}`]);
  expect(at("https://h")).toEqual([OAUTH, OPENID]);
});

test.each([
  "https://h//evil.example",
  "https://h//evil.example/t",
  "https://h//",
  "https://h///x//",
  "https://h/\\evil.example",
])(`no path leads to another host than that of %s${verifies("SEC-20", "SEC-30")}`, (url) => {
  for (const made of [...serverMetadataUrls(new URL(url)), ...resourceMetadataUrls(new URL(url))])
    expect(made.origin).toBe("https://h");
});

test.each([
  ["https://h/a/b", true],
  ["https://h/a", true],
  ["https://h/a/", true],
  ["https://h", true],
  ["HTTPS://H/a/b", true],
  ["https://h/a/bc", false],
  ["https://h/a/b/c", false],
  ["https://h/A/b", false],
  ["https://h:444/a/b", false],
  ["http://h/a/b", false],
  ["https://other/a/b", false],
  ["https://h@other/a/b", false],
  ["https://u@h/a/b", false],
  ["https://h/a/b#x", false],
  ["https://h/a/b?x=1", false],
  ["/a/b", false],
])(`the resource %s is that of https://h/a/b: %s${verifies("AUTH-24", "AUTH-59")}`, (resource, covers) => {
  expect(coversResource(resource, new URL("https://h/a/b"))).toBe(covers);
});

test(`what the challenge names is used, and nothing else is asked for${verifies("AUTH-19", "AUTH-16")}`, async () => {
  const scene = await startScene();
  const where = "/somewhere/else.json";
  scene.knobs.challenge = { resource_metadata: scene.resource.origin + where };
  scene.knobs.named = false;
  scene.knobs.answers[where] = () => ({ status: 200, body: scene.resourceMetadata });
  expect((await authorize({ redirect: visitor() }).fetch(scene.url, post())).status).toBe(200);
  const known = scene.resource.came.filter(({ path }) => path.startsWith("/.well-known/"));
  expect([known, scene.resource.at(where).length]).toEqual([[], 1]);
});

test(`without a name in the challenge the well-known places are asked in order${verifies("AUTH-20", "AUTH-58")}`, async () => {
  const scene = await startScene();
  scene.knobs.named = false;
  const root = wellKnown("oauth-protected-resource", "/");
  scene.knobs.answers[wellKnown("oauth-protected-resource", MCP_PATH)] = () => ({ status: 404 });
  scene.knobs.answers[root] = () => ({
    status: 200,
    body: { ...scene.resourceMetadata, resource: scene.resource.origin },
  });
  const seen: URL[] = [];
  expect((await authorize({ redirect: visitor(seen) }).fetch(scene.url, post())).status).toBe(200);
  expect(scene.resource.came.slice(1, 3).map(({ path }) => path)).toEqual([
    wellKnown("oauth-protected-resource", MCP_PATH),
    root,
  ]);
  // Exactly as published, in both requests.
  expect(seen[0]?.searchParams.get("resource")).toBe(scene.resource.origin);
  expect(scene.server.at("/token")[0]?.form.get("resource")).toBe(scene.resource.origin);
});

test(`metadata of another resource end everything${verifies("AUTH-24", "AUTH-85")}`, async () => {
  const scene = await startScene();
  scene.resourceMetadata.resource = "https://elsewhere.example/mcp";
  const { fetch } = authorize({ redirect: visitor() });
  await expect(fetch(scene.url, post())).rejects.toMatchObject({ code: "RESOURCE_MISMATCH" });
  expect(scene.server.came).toEqual([]);
});

test(`metadata of another issuer are not used${verifies("AUTH-30")}`, async () => {
  const scene = await startScene();
  scene.metadata.issuer = "https://good.example";
  const { fetch } = authorize({ redirect: visitor() });
  await expect(fetch(scene.url, post())).rejects.toMatchObject({ code: "ISSUER_MISMATCH" });
  expect(scene.server.came.map(({ path }) => path)).toEqual([OAUTH]);
});

test(`issuers are compared as they are written, unless a slash is allowed for${verifies("AUTH-30")}`, async () => {
  const scene = await startScene();
  scene.metadata.issuer = `${scene.issuer}/`;
  scene.metadata.authorization_response_iss_parameter_supported = false;
  scene.knobs.back = (url) => url.searchParams.delete("iss");
  await expect(authorize({ redirect: visitor() }).fetch(scene.url, post())).rejects.toMatchObject({
    code: "ISSUER_MISMATCH",
    message: expect.stringContaining("trailing-slash"),
  });
  const lenient = authorize({ redirect: visitor(), issuerCheck: "trailing-slash" });
  expect((await lenient.fetch(scene.url, post())).status).toBe(200);
});

test(`pages in place of metadata are passed over, and the last place is asked too${verifies("AUTH-28", "AUTH-29")}`, async () => {
  const scene = await startScene(MCP_PATH, "/t");
  scene.knobs.answers[`${OAUTH}/t`] = () => ({ status: 200, body: "<!doctype html>" });
  scene.knobs.answers[`/t${OPENID}`] = () => ({ status: 200, body: scene.metadata });
  expect((await authorize({ redirect: visitor() }).fetch(scene.url, post())).status).toBe(200);
  const asked = scene.server.came.map(({ path }) => path);
  expect(asked.slice(0, 3)).toEqual([`${OAUTH}/t`, `${OPENID}/t`, `/t${OPENID}`]);
});

test(`redirects of metadata are not followed${verifies("AUTH-33", "SEC-20")}`, async () => {
  const scene = await startScene();
  const trap = await serve(() => ({ status: 200, body: scene.metadata }));
  scene.knobs.answers[OAUTH] = () => ({ status: 302, headers: { location: `${trap.origin}/metadata` } });
  const { fetch } = authorize({ redirect: visitor() });
  await expect(fetch(scene.url, post())).rejects.toMatchObject({ code: "NO_METADATA" });
  expect(trap.came).toEqual([]);
});

test(`documents without end are given up${verifies("AUTH-33")}`, async () => {
  const scene = await startScene();
  scene.knobs.answers[OAUTH] = () => ({ status: 200, body: `{"issuer":"${"x".repeat(2_000_000)}"}` });
  const { fetch } = authorize({ redirect: visitor() });
  await expect(fetch(scene.url, post())).rejects.toThrow(/1048576 bytes/);
});

test.each([
  ["no URL at all", "not a url"],
  ["another scheme", "ftp://h/issuer"],
  ["a script", "javascript:alert(1)"],
  ["credentials", "https://user:word@h/"],
  ["a fragment", "https://h/#x"],
  ["a backslash", "https://h\\@evil/"],
])(`an issuer that is %s is not asked${verifies("AUTH-32", "SEC-27", "SEC-30")}`, async (_what, issuer) => {
  const scene = await startScene();
  scene.resourceMetadata.authorization_servers = [issuer];
  const { fetch } = authorize({ redirect: visitor() });
  await expect(fetch(scene.url, post())).rejects.toMatchObject({ code: "UNSAFE_URL" });
});

test(`a server elsewhere cannot lead to this machine${verifies("AUTH-32", "SEC-20")}`, async () => {
  const asked: string[] = [];
  const { fetch } = authorize({
    redirect: visitor(),
    resourceFetch: async () => new Response(null, { status: 401 }),
    async fetch(url) {
      asked.push(url);
      return Response.json({ resource: "https://mcp.example/", authorization_servers: ["http://127.0.0.1:8080"] });
    },
  });
  await expect(fetch("https://mcp.example/", post())).rejects.toMatchObject({ code: "UNSAFE_URL" });
  expect(asked).toEqual(["https://mcp.example/.well-known/oauth-protected-resource"]);
});

test(`nor by an address behind https, since the guarded fetch is what asks${verifies("AUTH-33", "SEC-20")}`, async () => {
  const inside = await serve(() => ({ status: 200, body: {} }));
  const { port } = new URL(inside.origin);
  const challenge = `Bearer resource_metadata="https://127.0.0.1:${port}/metadata"`;
  const { fetch } = authorize({
    redirect: visitor(),
    resourceFetch: async () => new Response(null, { status: 401, headers: { "www-authenticate": challenge } }),
  });
  await expect(fetch("https://mcp.example/", post())).rejects.toMatchObject({ code: "URL_REFUSED" });
  expect(inside.came).toEqual([]);
});

test("that nobody answers is told with the same code whatever asks", async () => {
  const scene = await startScene();
  for (const fetch of [undefined, (url: string, init: RequestInit) => globalThis.fetch(url, init)]) {
    // Nobody listens on the first port.
    scene.resourceMetadata.authorization_servers = ["http://127.0.0.1:1"];
    const auth = authorize({ redirect: visitor(), ...(fetch === undefined ? {} : { fetch }) });
    const failed = auth.fetch(scene.url, post());
    await expect(failed).rejects.toMatchObject({ code: "UNREACHABLE", name: "AuthorizationError" });
  }
});

test.each(["authorization_endpoint", "token_endpoint", "registration_endpoint"])(
  `a %s that is no web address is not used${verifies("AUTH-32", "SEC-27", "SEC-30")}`,
  async (name) => {
    const scene = await startScene();
    scene.metadata[name] = "javascript:alert(1)";
    const seen: URL[] = [];
    const { fetch } = authorize({ redirect: visitor(seen) });
    await expect(fetch(scene.url, post())).rejects.toMatchObject({ code: "UNSAFE_URL" });
    expect(seen.length).toBe(name === "token_endpoint" ? 1 : 0);
  },
);

test(`a place that fails is no place without metadata, also where the server names it${verifies("AUTH-19")}`, async () => {
  for (const named of [true, false]) {
    const scene = await startScene();
    scene.knobs.named = named;
    scene.knobs.answers["/.well-known/oauth-protected-resource/tenant/mcp"] = () => ({ status: 503 });
    const failed = authorize({ redirect: visitor() }).fetch(scene.url, post());
    await expect(failed).rejects.toMatchObject({ code: "UNREACHABLE", message: expect.stringContaining("503") });
  }
});

test(`metadata that name no server, or nothing, are told apart from none${verifies("AUTH-16", "AUTH-26")}`, async () => {
  const scene = await startScene();
  scene.resourceMetadata.authorization_servers = [];
  await expect(authorize({ redirect: visitor() }).fetch(scene.url, post())).rejects.toMatchObject({
    code: "BAD_METADATA",
  });
  scene.knobs.answers[wellKnown("oauth-protected-resource", MCP_PATH)] = () => ({ status: 404 });
  await expect(authorize({ redirect: visitor() }).fetch(scene.url, post())).rejects.toMatchObject({
    code: "NO_METADATA",
  });
  scene.knobs.answers[wellKnown("oauth-protected-resource", MCP_PATH)] = () => ({ status: 503 });
  scene.knobs.named = false;
  await expect(authorize({ redirect: visitor() }).fetch(scene.url, post())).rejects.toMatchObject({
    code: "UNREACHABLE",
  });
});

test(`of several authorization servers one is chosen${verifies("AUTH-25")}`, async () => {
  const scene = await startScene();
  scene.resourceMetadata.authorization_servers = ["https://first.example", scene.issuer];
  const byClient = authorize({ redirect: visitor(), client: { issuer: scene.issuer, clientId: "me" } });
  expect((await byClient.fetch(scene.url, post())).status).toBe(200);
  const chosen = authorize({ redirect: visitor(), chooseServer: (issuers) => issuers[1] ?? "" });
  expect((await chosen.fetch(scene.url, post())).status).toBe(200);
  const other = authorize({ redirect: visitor(), chooseServer: () => "https://third.example" });
  await expect(other.fetch(scene.url, post())).rejects.toMatchObject({ code: "OTHER_ISSUER" });
});

/** A server of before there were metadata of resources: it is its own authorization server. */
async function startOldScene(metadata: boolean): Promise<{ url: string; came: (path: string) => string[] }> {
  const scene = await startScene();
  scene.knobs.named = false;
  const fields = { ...scene.metadata };
  const old = await serve(async (came) => {
    if (came.path.startsWith("/.well-known/oauth-protected-resource")) return { status: 404 };
    if (came.path === OAUTH)
      return metadata ? { status: 200, body: { ...fields, issuer: old.origin } } : { status: 404 };
    const at =
      came.path === "/mcp"
        ? scene.url
        : scene.server.origin + came.path + (came.query.size > 0 ? `?${came.query}` : "");
    const headers = new Headers();
    for (const name of ["authorization", "content-type"])
      if (came.headers[name] !== undefined) headers.set(name, String(came.headers[name]));
    const body = came.method === "POST" ? { body: came.body } : {};
    const response = await fetch(at, { method: came.method, headers, redirect: "manual", ...body });
    const location = response.headers.get("location");
    return {
      status: response.status,
      body: await response.text(),
      headers: location === null ? {} : { location },
    };
  });
  scene.knobs.back = (url) => url.searchParams.set("iss", old.origin);
  return {
    url: `${old.origin}/mcp`,
    came: (path) => old.at(path).map(({ headers }) => String(headers["mcp-protocol-version"])),
  };
}

test(`where there are none, those at the root stand for them${verifies("AUTH-08", "AUTH-11", "AUTH-15", "AUTH-26")}`, async () => {
  const { url, came } = await startOldScene(true);
  const init = post("initialize", { protocolVersion: "2025-03-26" });
  expect((await authorize({ redirect: visitor() }).fetch(url, init)).status).toBe(200);
  expect([came(OAUTH), came("/register").length, came("/token").length]).toEqual([["2025-03-26"], 0, 0]);
});

test(`and where the root has none, fixed places${verifies("AUTH-10", "AUTH-15")}`, async () => {
  const { url, came } = await startOldScene(false);
  const init = post();
  init.headers.set("mcp-protocol-version", "2025-03-26");
  expect((await authorize({ redirect: visitor() }).fetch(url, init)).status).toBe(200);
  expect([came(OAUTH), came("/register").length, came("/authorize").length, came("/token").length]).toEqual([
    ["2025-03-26"],
    1,
    1,
    1,
  ]);
});

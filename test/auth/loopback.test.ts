/** The receiver of answers on this machine, and what it is not taken in by. */

import { request } from "node:http";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { authorize } from "../../runtime/auth/authorize.js";
import { createLoopbackRedirect } from "../../runtime/auth/loopback.js";
import type { RedirectVisit } from "../../runtime/auth/redirect.js";
import { connect as connectClient } from "../../runtime/client/connect.js";
import { verifies } from "../verifies.js";
import { guardedServer, post, startScene } from "./scene.js";

const never = (): AbortSignal => new AbortController().signal;

async function begin(more: object = {}, preferred?: string): Promise<RedirectVisit> {
  const receiver = createLoopbackRedirect({ open: () => undefined, ...more });
  return await receiver.begin({ state: "right", preferred, signal: never() });
}

test(`a browser comes back, is told what came of it, and the port is closed${verifies("AUTH-32", "AUTH-60")}`, async () => {
  const scene = await startScene();
  const shown: Promise<Response>[] = [];
  const urls: string[] = [];
  const redirect = createLoopbackRedirect({
    onurl: (url) => urls.push(url.href),
    open: (url) => void shown.push(fetch(url)),
  });
  expect((await authorize({ redirect }).fetch(scene.url, post())).status).toBe(200);
  const page = await (shown[0] as Promise<Response>);
  const text = await page.text();
  expect(text).toContain("You are signed in");
  expect(text).not.toMatch(/<script|code=|state=/i);
  expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
  expect([page.headers.get("referrer-policy"), page.headers.get("cache-control")]).toEqual(["no-referrer", "no-store"]);
  const back = new URL(scene.server.at("/authorize")[0]?.query.get("redirect_uri") ?? "");
  expect(back.href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  await expect(fetch(back)).rejects.toThrow();
  expect(urls).toEqual([expect.stringContaining(`${scene.server.origin}/authorize?`)]);
});

test("a browser is told of a refusal, and of a failure", async () => {
  for (const [change, title] of [
    [(url: URL) => url.searchParams.set("error", "access_denied"), "The sign-in was refused"],
    [(url: URL) => url.searchParams.set("iss", "https://evil.example"), "The sign-in failed"],
  ] as const) {
    const scene = await startScene();
    scene.knobs.back = change;
    const shown: Promise<Response>[] = [];
    const redirect = createLoopbackRedirect({ open: (url) => void shown.push(fetch(url)) });
    await expect(authorize({ redirect }).fetch(scene.url, post())).rejects.toThrow();
    expect(await (await (shown[0] as Promise<Response>)).text()).toContain(title);
  }
});

/** Asks as somebody who may say anything, and gives the status. */
function ask(uri: string, path: string, options: { method?: string; host?: string } = {}): Promise<number> {
  const { hostname, port, host } = new URL(uri);
  return new Promise((resolve, reject) => {
    const sent = request({
      hostname,
      port,
      path,
      method: options.method ?? "GET",
      headers: { host: options.host ?? host },
    });
    sent.once("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.once("error", reject);
    sent.end();
  });
}

test(`nothing but the answer that is waited for is taken, and that once${verifies("AUTH-60")}`, async () => {
  const visit = await begin();
  const answer = visit.open(new URL("https://as.example/"));
  const at = (path: string, options = {}): Promise<number> => ask(visit.redirectUri, path, options);
  expect(await at("/callback?code=1&state=wrong")).toBe(400);
  expect(await at("/callback?code=1")).toBe(400);
  expect(await at("/callback?code=1&state=right&state=right")).toBe(400);
  expect(await at("/other?code=1&state=right")).toBe(404);
  expect(await at("/favicon.ico")).toBe(404);
  expect(await at("/callback?code=1&state=right", { host: "evil.example" })).toBe(404);
  expect(await at("/callback?code=1&state=right", { method: "POST" })).toBe(405);
  expect(await at("http://evil.example/callback?code=1&state=right")).toBe(404);
  const first = at("/callback?code=1&state=right&x=%3Cscript%3E");
  expect(String(await answer)).toBe(`${visit.redirectUri}?code=1&state=right&x=%3Cscript%3E`);
  expect(await at("/callback?code=2&state=right")).toBe(410);
  await visit.close?.();
  expect(await first).toBe(200);
  await expect(at("/callback?code=3&state=right")).rejects.toThrow();
});

test("broken and idle connections do not keep it from closing", async () => {
  const visit = await begin();
  const { port, hostname } = new URL(visit.redirectUri);
  const socket = connect(Number(port), hostname);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => undefined);
  socket.write("GET /callback?state=right HTTP/1.1\r\n");
  await new Promise((resolve) => setTimeout(resolve, 20));
  await visit.close?.();
  await closed;
});

test(`a port is used again where it is free, since registrations name it${verifies("AUTH-61")}`, async () => {
  const first = await begin();
  await first.close?.();
  const again = await begin({}, first.redirectUri);
  expect(again.redirectUri).toBe(first.redirectUri);
  const other = await begin({}, first.redirectUri);
  expect(other.redirectUri).not.toBe(first.redirectUri);
  const { port } = new URL(first.redirectUri);
  await expect(begin({ port: Number(port) })).rejects.toMatchObject({ code: "SIGN_IN_ABORTED" });
  for (const uri of ["http://evil.example:1/callback", "http://127.0.0.1:1/other", "no URL"]) {
    const visit = await begin({}, uri);
    expect(new URL(visit.redirectUri).port).not.toBe("1");
    await visit.close?.();
  }
  await Promise.all([again.close?.(), other.close?.()]);
});

test("waiting ends: after its time, when nobody waits, and when the page cannot be opened", async () => {
  const late = await begin({ timeoutMs: 20 });
  await expect(late.open(new URL("https://as.example/"))).rejects.toMatchObject({ code: "SIGN_IN_ABORTED" });
  const controller = new AbortController();
  const receiver = createLoopbackRedirect({ open: () => undefined });
  const given = await receiver.begin({ state: "s", preferred: undefined, signal: controller.signal });
  const waiting = given.open(new URL("https://as.example/"));
  controller.abort(new Error("given up"));
  await expect(waiting).rejects.toThrow("given up");
  await expect(given.open(new URL("https://as.example/"))).rejects.toThrow("given up");
  const open = (): Promise<never> => Promise.reject(new Error("no browser"));
  const failing = await begin({ open });
  await expect(failing.open(new URL("https://as.example/"))).rejects.toThrow("no browser");
  // Whoever shows the address can wait for somebody to open it by hand.
  const shown = await begin({ open, onurl: () => undefined });
  const answer = shown.open(new URL("https://as.example/"));
  const asked = ask(shown.redirectUri, "/callback?code=1&state=right");
  expect(String(await answer)).toContain("code=1");
  await shown.close?.();
  expect(await asked).toBe(200);
  await Promise.all([late, given, failing].map((visit) => visit.close?.()));
});

test.each(["2025-11-25", "2026-07-28"] as const)(
  "a client of %s waits for somebody who takes long",
  async (revision) => {
    const scene = await startScene("/mcp");
    const timeoutMs = 2_000;
    let opened = 0;
    const redirect = createLoopbackRedirect({
      async open(url) {
        opened++;
        // Longer than every time limit of the client.
        setTimeout(() => void fetch(url), 1.5 * timeoutMs);
      },
    });
    const auth = authorize({
      redirect,
      resourceFetch: guardedServer(),
    });
    const options = { revisions: [revision], timeoutMs, probeTimeoutMs: timeoutMs };
    const client = await connectClient({ url: scene.url, fetch: auth.fetch }, options);
    expect(await client.callTool("echo", {}, { timeoutMs: 30_000 })).toMatchObject({ content: [{ text: "echoed" }] });
    expect([client.peer.revision, opened]).toEqual([revision, 1]);
    await client.close();
  },
);

test("a path that is none is told at once, and not by whoever comes back", () => {
  for (const path of ["callback", "", "/a b", "/a?b=c", "/a/../b", "http://h/cb"])
    expect(() => createLoopbackRedirect({ path })).toThrow(expect.objectContaining({ code: "INVALID_USE" }));
  expect(() => createLoopbackRedirect({ path: "/oauth/callback%20" })).not.toThrow();
});

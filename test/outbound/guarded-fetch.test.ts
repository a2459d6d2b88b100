/** Where the guarded fetch goes, and where it does not: nothing may ever arrive at a server that it must not reach. */

import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createGuardedFetch } from "../../runtime/outbound/guarded-fetch.js";
import { verifies } from "../verifies.js";
import { createCertificate } from "./certificate.js";
import { certificate, resolver, serve } from "./scene.js";

const local = { allowLoopback: true };

describe("loopback", () => {
  test("is reached where it is allowed, with method, headers and body as they were given", async () => {
    const bodies: string[] = [];
    const { port, seen } = await serve(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      bodies.push(`${request.headers["content-type"]} ${request.headers["x-own"]} ${body}`);
      response.setHeader("X-Twice", ["a", "b"]);
      response.writeHead(201, "Made").end("ä{}");
    });
    const fetch = createGuardedFetch(local);
    const url = `http://localhost:${port}/a?b=c#d`;
    const body = new URLSearchParams({ grant: "ü" });
    const response = await fetch(url, { method: "POST", headers: { "X-Own": "1", Host: "evil.example" }, body });
    expect([response.status, response.statusText, response.ok, response.url]).toEqual([201, "Made", true, url]);
    expect(response.headers.get("x-twice")).toBe("a, b");
    expect(await response.text()).toBe("ä{}");
    expect(seen).toEqual([`POST localhost:${port}/a?b=c`]);
    expect(bodies).toEqual(["application/x-www-form-urlencoded;charset=UTF-8 1 grant=%C3%BC"]);
    expect((await fetch(new Request(url, { method: "PUT", body: "x" }))).status).toBe(201);
    expect((await fetch(url, { method: "HEAD" })).body).toBeNull();
    expect(seen.slice(1)).toEqual([`PUT localhost:${port}/a?b=c`, `HEAD localhost:${port}/a?b=c`]);
  });

  test.each([
    ["localhost", undefined],
    ["127.0.0.1", undefined],
    ["0x7f.0.0.1", undefined],
    ["0177.0.0.1", undefined],
    ["2130706433", undefined],
    ["127.1", undefined],
    ["[::1]", undefined],
    ["[::ffff:127.0.0.1]", undefined],
    ["[64:ff9b::7f00:1]", undefined],
    ["public.example", ["127.0.0.1"]],
    ["public.example", ["::ffff:7f00:1"]],
  ])(
    `is not reached by https://%s where it is not allowed (%j)${verifies("SEC-22", "SEC-20")}`,
    async (host, addresses) => {
      const { port, seen } = await serve((_request, response) => response.end(), { tls: true });
      const fetch = createGuardedFetch(addresses === undefined ? {} : { resolve: () => addresses });
      const error = await fetch(`https://${host}:${port}/`).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ name: "McpWireError", code: "URL_REFUSED" });
      expect(String(error)).toContain("not public");
      expect(seen).toEqual([]);
    },
  );

  test("http goes to names of loopback that lead there, and to nothing else", async () => {
    const { port, seen } = await serve((_request, response) => response.end());
    const fetch = createGuardedFetch({ ...local, ...resolver(["10.0.0.1"]) });
    await expect(fetch(`http://a.localhost:${port}/`)).rejects.toMatchObject({ code: "URL_REFUSED" });
    await expect(fetch(`http://a.example:${port}/`)).rejects.toMatchObject({ code: "URL_REFUSED" });
    await expect(createGuardedFetch()(`http://localhost:${port}/`)).rejects.toMatchObject({ code: "URL_REFUSED" });
    const open = createGuardedFetch({ ...local, ...resolver(["8.8.8.8"]), allowNetworks: ["127.0.0.0/8"] });
    await expect(open(`http://a.localhost:${port}/`)).rejects.toThrow("without encryption");
    expect(seen).toEqual([]);
  });
});

describe("addresses of a name", () => {
  test.each([
    [["10.0.0.1"]],
    [["127.0.0.1", "10.0.0.1"]],
    [["169.254.169.254"]],
    [["93.184.215.14", "192.168.0.1"]],
    [["2606:4700:4700::1111", "fd00::1"]],
    [["0.0.0.0"]],
    [["224.0.0.1"]],
    [["100.64.0.1"]],
    [["2002:0a00:0001::1"]],
    [["not an address"]],
  ])(`%j are refused: all of them count${verifies("SEC-22")}`, async (addresses) => {
    const error = await createGuardedFetch({ ...local, resolve: () => addresses })("https://a.example/?secret=1").catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: "URL_REFUSED", message: expect.stringContaining("https://a.example/ ") });
    // Neither where the name leads nor what was asked may come back to whoever supplied it.
    for (const untold of [...addresses, "secret"]) expect(String(error)).not.toContain(untold);
  });

  test(`are asked for once, and the connection goes to what was checked${verifies("SEC-24")}`, async () => {
    const { port, seen } = await serve((_request, response) => response.end("in"), { tls: true });
    // No system knows this name, and the second answer would be refused: whoever asks again fails.
    const { resolve, asked } = resolver(["127.0.0.1"], ["10.0.0.1"]);
    const fetch = createGuardedFetch({ resolve, ca: certificate().cert, allowNetworks: ["127.0.0.1/32"] });
    expect(await (await fetch(`https://one.localhost:${port}/`)).text()).toBe("in");
    expect(asked).toEqual(["one.localhost"]);
    await expect(fetch(`https://one.localhost:${port}/`)).rejects.toMatchObject({ code: "URL_REFUSED" });
    expect(asked.length).toBe(2);
    expect(seen).toEqual([`GET one.localhost:${port}/`]);
  });

  test("are all tried", async () => {
    const { port } = await serve((_request, response) => response.end("in"), { tls: true, host: "127.0.0.3" });
    const fetch = createGuardedFetch({ ...local, resolve: () => ["127.0.0.2", "127.0.0.3"], ca: certificate().cert });
    expect(await (await fetch(`https://one.localhost:${port}/`)).text()).toBe("in");
  });

  test("that cannot be had are told as such", async () => {
    const none = createGuardedFetch({ resolve: () => [] })("https://a.example/");
    await expect(none).rejects.toMatchObject({ code: "REQUEST_FAILED", message: expect.stringContaining("a.example") });
    const cause = new Error("no such name");
    const failing = createGuardedFetch({ resolve: () => Promise.reject(cause) })("https://a.example/");
    await expect(failing).rejects.toMatchObject({ code: "REQUEST_FAILED", cause });
    await expect(createGuardedFetch()("https://nowhere.invalid/")).rejects.toMatchObject({ code: "REQUEST_FAILED" });
  });
});

describe("TLS", () => {
  test(`is about the name, not the address${verifies("SEC-24")}`, async () => {
    const { port, seen } = await serve((_request, response) => response.end("in"), { tls: true });
    const fetch = createGuardedFetch({ ...local, resolve: () => ["127.0.0.1"], ca: [certificate().cert] });
    expect(await (await fetch(`https://two.localhost:${port}/`)).text()).toBe("in");
    await expect(fetch(`https://three.localhost:${port}/`)).rejects.toMatchObject({ code: "REQUEST_FAILED" });
    await expect(fetch(`https://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: "REQUEST_FAILED" });
    expect(seen).toEqual([`GET two.localhost:${port}/`]);
  });

  test("trusts nobody that it was not told of, whatever the environment says", async () => {
    const { port, seen } = await serve((_request, response) => response.end("in"), { tls: true });
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    try {
      for (const ca of [undefined, createCertificate(["one.localhost"]).cert]) {
        const fetch = createGuardedFetch({ ...local, ...(ca === undefined ? {} : { ca }) });
        await expect(fetch(`https://one.localhost:${port}/`)).rejects.toMatchObject({ code: "REQUEST_FAILED" });
      }
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    }
    expect(seen).toEqual([]);
  });
});

describe("wrong use", () => {
  test.each([
    [{ maxBytes: -1 }],
    [{ timeoutMs: Number.NaN }],
    [{ maxRedirects: 1.5 }],
    [{ connectTimeoutMs: Number.POSITIVE_INFINITY }],
  ])("%j", (options) => {
    expect(() => createGuardedFetch(options)).toThrow(expect.objectContaining({ code: "INVALID_USE" }));
  });

  test("networks that are none, and requests that are none", async () => {
    expect(() => createGuardedFetch({ allowNetworks: ["intranet"] })).not.toThrow();
    const networks = createGuardedFetch({ allowNetworks: ["intranet"], resolve: () => ["8.8.8.8"] });
    await expect(networks("https://a.example/")).rejects.toMatchObject({ code: "INVALID_USE" });
    for (const init of [{ headers: { "x\r\ny": "1" } }, { headers: { x: "1\r\nHost: evil" } }, { method: "CONNECT" }])
      await expect(createGuardedFetch()("https://a.example/", init)).rejects.toMatchObject({ code: "INVALID_USE" });
  });
});

test("a runtime without sockets is told, not served without a guard", () => {
  vi.stubGlobal("process", undefined);
  onTestFinished(() => void vi.unstubAllGlobals());
  expect(() => createGuardedFetch()).toThrow(expect.objectContaining({ code: "INVALID_USE" }));
});

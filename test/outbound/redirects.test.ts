/** Redirects are new requests to strangers: checked anew, bounded, and without what was meant for somebody else. */

import { describe, expect, test } from "vitest";
import { createGuardedFetch } from "../../runtime/outbound/guarded-fetch.js";
import { verifies } from "../verifies.js";
import { certificate, resolver, type Scene, serve } from "./scene.js";

/** A server that redirects `/status/target` to the target, and answers with what came otherwise. */
function redirecting(options: { tls?: boolean } = {}): Promise<Scene> {
  return serve(async (request, response) => {
    const [, status = "", target = ""] = /^\/(30\d)\/(.*)$/.exec(request.url ?? "") ?? [];
    if (status !== "")
      return void response.writeHead(Number(status), { Location: decodeURIComponent(target) }).end("…");
    let body = "";
    for await (const chunk of request) body += chunk;
    response.end(JSON.stringify({ method: request.method, body, type: request.headers["content-type"] }));
  }, options);
}

function to(target: string, status = 302): string {
  return `${status}/${encodeURIComponent(target)}`;
}

const local = { allowLoopback: true };

describe("within one origin", () => {
  test.each([
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [303, "POST", "GET"],
    [307, "POST", "POST"],
    [308, "POST", "POST"],
    [301, "PUT", "PUT"],
    [303, "PUT", "GET"],
    [303, "HEAD", "HEAD"],
    [302, "GET", "GET"],
  ])("%i makes of %s %s", async (status, method, then) => {
    const { port, seen } = await redirecting();
    const body = method === "GET" || method === "HEAD" ? {} : { body: "b", headers: { "Content-Type": "text/x" } };
    const response = await createGuardedFetch(local)(`http://localhost:${port}/${to("/end?x", status)}`, {
      method,
      ...body,
    });
    expect([response.redirected, response.url]).toEqual([true, `http://localhost:${port}/end?x`]);
    expect(seen[1]).toBe(`${then} localhost:${port}/end?x`);
    if (then === "HEAD") return;
    const expected = then === "GET" ? { method: then, body: "" } : { method: then, body: "b", type: "text/x" };
    expect(await response.json()).toEqual(expected);
  });

  test("other statuses, and those without a target, are answers", async () => {
    const { port } = await serve((request, response) => response.writeHead(Number(request.url?.slice(1))).end("here"));
    for (const status of [300, 302, 304, 305]) {
      const response = await createGuardedFetch(local)(`http://localhost:${port}/${status}`);
      expect(response.status).toBe(status);
    }
  });

  test("`redirect` of the caller counts", async () => {
    const { port, seen } = await redirecting();
    const url = `http://localhost:${port}/${to("/end")}`;
    const response = await createGuardedFetch(local)(url, { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([302, "/end"]);
    await response.body?.cancel();
    await expect(createGuardedFetch(local)(url, { redirect: "error" })).rejects.toMatchObject({ code: "URL_REFUSED" });
    expect(seen.length).toBe(2);
  });

  test.each([
    [3, undefined],
    [0, 0],
    [1, 1],
  ])(`no more than %i are followed${verifies("SEC-23")}`, async (count, maxRedirects) => {
    const { port, seen } = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end("end");
      else response.writeHead(302, { Location: `/${left - 1}` }).end();
    });
    const fetch = createGuardedFetch({ ...local, ...(maxRedirects === undefined ? {} : { maxRedirects }) });
    expect(await (await fetch(`http://localhost:${port}/${count}`)).text()).toBe("end");
    await expect(fetch(`http://localhost:${port}/1000`)).rejects.toThrow(`more than ${count} redirects`);
    expect(seen.length).toBe(2 * (count + 1));
  });
});

describe("each is checked anew", () => {
  test.each([
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://[::ffff:10.0.0.1]/",
    "https://0x0a000001/",
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://u:p@example.com/",
    "//u:p@localhost/",
    "//10.0.0.1/",
    "https://exam\tple.com/",
    "/\\10.0.0.1/",
  ])(`a redirect to %j is refused${verifies("SEC-23", "SEC-20")}`, async (target) => {
    const { port, seen } = await redirecting();
    const fetching = createGuardedFetch(local)(`http://localhost:${port}/${to(target)}`);
    await expect(fetching).rejects.toMatchObject({ code: "URL_REFUSED" });
    expect(seen.length).toBe(1);
  });

  test(`a name that leads elsewhere by now is refused${verifies("SEC-24", "SEC-23")}`, async () => {
    const { port, seen } = await redirecting({ tls: true });
    for (const then of [["10.0.0.1"], ["127.0.0.9"], ["127.0.0.1", "169.254.169.254"]]) {
      const { resolve, asked } = resolver(["127.0.0.1"], then);
      const fetch = createGuardedFetch({ resolve, ca: certificate().cert, allowNetworks: ["127.0.0.1/32"] });
      const fetching = fetch(`https://one.localhost:${port}/${to("/end")}`);
      await expect(fetching).rejects.toMatchObject({ code: "URL_REFUSED" });
      expect(asked).toEqual(["one.localhost", "one.localhost"]);
    }
    expect(seen.length).toBe(3);
  });

  test(`loopback is reached from loopback alone${verifies("SEC-23")}`, async () => {
    const { port, seen } = await redirecting({ tls: true });
    // 127.0.0.1 stands for an address of the internet here.
    const options = { ...local, ca: certificate().cert, allowNetworks: ["127.0.0.1/32"] };
    const fetch = createGuardedFetch({
      ...options,
      resolve: (name) => [name === "one.localhost" ? "127.0.0.1" : "127.0.0.2"],
    });
    const fetching = fetch(`https://one.localhost:${port}/${to(`https://two.localhost:${port}/end`)}`);
    await expect(fetching).rejects.toMatchObject({ code: "URL_REFUSED" });
    expect(seen.length).toBe(1);
  });

  test("encryption is not given up", async () => {
    const plain = await redirecting();
    const { port } = await redirecting({ tls: true });
    const fetch = createGuardedFetch({ ...local, ca: certificate().cert });
    const fetching = fetch(`https://one.localhost:${port}/${to(`http://localhost:${plain.port}/end`)}`);
    await expect(fetching).rejects.toThrow("without encryption");
    expect(plain.seen).toEqual([]);
  });
});

describe("to another origin", () => {
  test("goes what tells nothing of the caller", async () => {
    const other = await redirecting();
    const { port } = await redirecting();
    const headers = { Accept: "application/json", "MCP-Protocol-Version": "2025-11-25" };
    const url = `http://localhost:${port}/${to(`http://a.localhost:${other.port}/end`)}`;
    expect((await createGuardedFetch(local)(url, { headers })).url).toBe(`http://a.localhost:${other.port}/end`);
    expect(other.seen).toEqual([`GET a.localhost:${other.port}/end`]);
  });

  test.each([
    [{ headers: { Authorization: "Bearer x" } }],
    [{ headers: { Cookie: "a=b" } }],
    [{ headers: { DPoP: "x" } }],
    [{ headers: { "X-Api-Key": "x" } }],
    [{ method: "POST", body: "code=x" }],
    [{ method: "POST", body: new URLSearchParams({ client_secret: "x" }) }],
  ])(`goes nothing that was meant for the first: %o${verifies("SEC-23")}`, async (init) => {
    const other = await redirecting();
    const { port } = await redirecting();
    for (const status of [302, 307]) {
      for (const target of [`http://localhost:${other.port}/end`, `http://a.localhost:${port}/end`]) {
        const fetching = createGuardedFetch(local)(`http://localhost:${port}/${to(target, status)}`, init);
        await expect(fetching).rejects.toThrow("another origin");
      }
      const same = await createGuardedFetch(local)(`http://localhost:${port}/${to("/end", status)}`, init);
      expect(same.status).toBe(200);
    }
    expect(other.seen).toEqual([]);
  });

  test("goes nothing where that was asked for", async () => {
    const other = await redirecting();
    const { port } = await redirecting();
    const fetch = createGuardedFetch({ ...local, redirects: "same-origin" });
    await expect(fetch(`http://localhost:${port}/${to(`http://localhost:${other.port}/`)}`)).rejects.toThrow("another");
    expect((await fetch(`http://localhost:${port}/${to("/end")}`)).status).toBe(200);
    expect(other.seen).toEqual([]);
  });
});

/** One HTTP exchange of a client: where it goes, with which headers, and how failures are told. */

import { describe, expect, test } from "vitest";
import { readBody } from "../../runtime/transport/bodies.js";
import { createHttpCaller, type HttpClientSettings, readHttpUrl } from "../../runtime/transport/http-client.js";
import { startHttp } from "../protocol/http-raw.js";
import { verifies } from "../verifies.js";

const signal = new AbortController().signal;

async function call(
  url: string,
  settings: HttpClientSettings = {},
  method: "GET" | "POST" = "POST",
): Promise<Response> {
  const body = method === "POST" ? { body: "{}" } : {};
  const request = { method, url: new URL(url), headers: { accept: "x/y" }, signal, ...body };
  return await (await createHttpCaller(settings).begin(request)).response;
}

describe("a target", () => {
  test("is an http or https URL without credentials", () => {
    expect(readHttpUrl("http://a.example/b?c").href).toBe("http://a.example/b?c");
    expect(readHttpUrl(new URL("https://a.example")).href).toBe("https://a.example/");
    for (const odd of ["", "node server.mjs", "a.example", "ftp://a.example", "file:///x"])
      expect(() => readHttpUrl(odd)).toThrow(/`\{ command, args \}`/);
    expect(() => readHttpUrl("http://ada:secret@a.example")).toThrow(/credentials/);
    expect(() => readHttpUrl("http://ada:secret@a.example")).not.toThrow(/secret/);
  });
});

describe("headers", () => {
  test(`come from a value or a function that is called each time, under those of the protocol${verifies("SSE-15")}`, async () => {
    const server = await startHttp((hit) => hit.text(200, ""));
    let calls = 0;
    const headers = async (): Promise<[string, string][]> => [
      ["authorization", `Bearer ${++calls}`],
      ["accept", "lost/this"],
    ];
    await call(server.url, { headers });
    await call(server.url, { headers });
    await call(server.url, { headers: { authorization: "fixed" } });
    expect(server.hits.map((hit) => hit.headers.authorization)).toEqual(["Bearer 1", "Bearer 2", "fixed"]);
    expect(server.hits.map((hit) => hit.headers.accept)).toEqual(["x/y", "x/y", "x/y"]);
  });

  test.each([
    [
      "a function that throws",
      () => {
        throw new Error("no token");
      },
    ],
    ["a value with a line end", { "x-a": "b\r\nc: d" }],
  ])("from %s stop the request", async (_what, headers) => {
    const server = await startHttp((hit) => hit.text(200, ""));
    await expect(call(server.url, { headers })).rejects.toMatchObject({ code: "CALLBACK_FAILED" });
    expect(server.hits).toEqual([]);
  });
});

describe("a redirect", () => {
  test("is followed inside the origin, with message and headers", async () => {
    const server = await startHttp((hit) => {
      if (hit.path === "/mcp") hit.text(307, "", "text/plain", { location: "/mcp/" });
      else hit.text(200, "here");
    });
    const response = await call(server.url, { headers: { authorization: "a" } });
    expect(await response.text()).toBe("here");
    expect(server.hits.map(({ verb, path, headers }) => [verb, path, headers.authorization])).toEqual([
      ["POST", "/mcp", "a"],
      ["POST", "/mcp/", "a"],
    ]);
  });

  test(`is not followed to another origin, so that it gets no credentials${verifies("HTTP-60")}`, async () => {
    const thief = await startHttp((hit) => hit.text(200, "thanks"));
    for (const status of [301, 302, 307, 308]) {
      const server = await startHttp((hit) => hit.text(status, "", "text/plain", { location: thief.url }));
      for (const method of ["GET", "POST"] as const)
        await expect(call(server.url, { headers: { authorization: "a" } }, method)).rejects.toMatchObject({
          name: "HttpError",
          status,
          message: expect.stringContaining(new URL(thief.url).origin),
        });
    }
    expect(thief.hits).toEqual([]);
  });

  test("that would lose the message, or goes round for ever, is not followed", async () => {
    const server = await startHttp((hit) =>
      hit.text(hit.path === "/mcp" ? 302 : 307, "", "text/plain", { location: "/round" }),
    );
    await expect(call(server.url)).rejects.toMatchObject({ status: 302 });
    expect(server.hits).toHaveLength(1);
    await expect(call(server.url, {}, "GET")).rejects.toMatchObject({ status: 307 });
    expect(server.hits.length).toBeLessThan(10);
  });
});

test("a server that is not there is told by its address, without the query", async () => {
  const server = await startHttp(() => undefined);
  await server.close();
  const error = await call(`${server.url}?token=secret`).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: "REQUEST_FAILED",
    message: expect.stringContaining("ECONNREFUSED"),
    cause: expect.any(Error),
  });
  expect(String(error)).not.toContain("secret");
});

describe("a body", () => {
  test("is read up to a size, and as long as it may take", async () => {
    const server = await startHttp(({ path, response }) => {
      response.writeHead(200);
      if (path === "/mcp") response.end("0123456789");
      else response.write("never ends");
    });
    expect(await readBody(await call(server.url), 10)).toEqual({ text: "0123456789", whole: true });
    expect(await readBody(await call(server.url), 4)).toEqual({ text: "0123", whole: false });
    const endless = await call(new URL("/x", server.url).href);
    expect(await readBody(endless, 100, 50)).toEqual({ text: "never ends", whole: false });
  });
});

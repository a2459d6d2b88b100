/** Strangers that answer too much, too slowly, or with what is none of the answers asked for. */

import { setTimeout as wait } from "node:timers/promises";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createGuardedFetch, type GuardedFetchOptions } from "../../runtime/outbound/guarded-fetch.js";
import { verifies } from "../verifies.js";
import { serve, serveBytes } from "./scene.js";

function guarded(options: GuardedFetchOptions = {}): typeof fetch {
  return createGuardedFetch({ allowLoopback: true, ...options });
}

describe("size", () => {
  test(`a body without an end is cut off at the bound${verifies("SEC-42", "BASE-109")}`, async () => {
    let closed = false;
    const { port } = await serve((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", more).on("close", () => {
        closed = true;
      });
      more();
    });
    const response = await guarded({ maxBytes: 100_000 })(`http://localhost:${port}/`);
    await expect(response.text()).rejects.toMatchObject({
      code: "ANSWER_REFUSED",
      message: expect.stringContaining("100000"),
    });
    await expect.poll(() => closed).toBe(true);
  });

  test("a body that is just within it is read whole, and one byte more is not", async () => {
    const { port } = await serve((request, response) => {
      // Without a length, so that only reading tells.
      response.write("x".repeat(500));
      response.end("x".repeat(Number(request.url?.slice(1)) - 500));
    });
    expect((await (await guarded({ maxBytes: 1000 })(`http://localhost:${port}/1000`)).text()).length).toBe(1000);
    const more = await guarded({ maxBytes: 1000 })(`http://localhost:${port}/1001`);
    await expect(more.arrayBuffer()).rejects.toMatchObject({ code: "ANSWER_REFUSED" });
  });

  test("a length that says too much is refused before anything is read", async () => {
    const { port } = await serve((_request, response) =>
      response.writeHead(200, { "Content-Length": 2 << 20 }).flushHeaders(),
    );
    await expect(guarded()(`http://localhost:${port}/`)).rejects.toMatchObject({ code: "ANSWER_REFUSED" });
    expect((await guarded()(`http://localhost:${port}/`, { method: "HEAD" })).status).toBe(200);
  });

  const packers = { gzip: gzipSync, "x-gzip": gzipSync, br: brotliCompressSync, deflate: deflateSync };
  test.each(Object.entries(packers))(
    `a bomb in %s goes off at the bound${verifies("SEC-42")}`,
    async (encoding, pack) => {
      const bomb = pack(Buffer.alloc(64 << 20));
      expect(bomb.length).toBeLessThan(1 << 20);
      const small = pack(Buffer.from("smäll"));
      const { port } = await serve((request, response) =>
        response.writeHead(200, { "Content-Encoding": encoding }).end(request.url === "/bomb" ? bomb : small),
      );
      expect(await (await guarded()(`http://localhost:${port}/`)).text()).toBe("smäll");
      const before = process.memoryUsage().arrayBuffers;
      const response = await guarded()(`http://localhost:${port}/bomb`);
      await expect(response.text()).rejects.toMatchObject({ code: "ANSWER_REFUSED" });
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 << 20);
    },
  );

  test.each(["gzip, gzip", "zstd", "x-own"])("the content encoding %s is refused", async (encoding) => {
    const { port } = await serve((_request, response) =>
      response.writeHead(200, { "Content-Encoding": encoding }).end("x"),
    );
    await expect(guarded()(`http://localhost:${port}/`)).rejects.toMatchObject({ code: "ANSWER_REFUSED" });
  });

  test("a body that was cut off, or is not packed as it says, is no answer", async () => {
    const { port } = await serve((request, response) => {
      if (request.url === "/length")
        response.writeHead(200, { "Content-Length": 10 }).write("short", () => response.destroy());
      else if (request.url === "/chunks") response.write("short", () => response.destroy());
      else
        response
          .writeHead(200, { "Content-Encoding": "gzip" })
          .end(gzipSync("whole").subarray(0, request.url === "/cut" ? 15 : 0));
    });
    for (const path of ["length", "chunks", "cut"]) {
      const reading = guarded()(`http://localhost:${port}/${path}`).then((response) => response.text());
      await expect(reading, path).rejects.toMatchObject({ code: "REQUEST_FAILED" });
    }
  });

  test("headers without an end are cut off", async () => {
    const { port } = await serveBytes((socket) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write(`x: ${"y".repeat(1000)}\r\n`));
      };
      socket.on("drain", more).write("HTTP/1.1 200 OK\r\n");
      more();
    });
    await expect(guarded()(`http://localhost:${port}/`)).rejects.toMatchObject({ code: "REQUEST_FAILED" });
  });
});

describe("time", () => {
  test("for connecting: a name that is not found out, and a handshake that is not answered", async () => {
    const { port } = await serveBytes(() => undefined);
    const limits = { connectTimeoutMs: 50, timeoutMs: 60_000 };
    const handshake = guarded(limits)(`https://localhost:${port}/`);
    await expect(handshake).rejects.toMatchObject({
      code: "TIMEOUT",
      message: expect.stringContaining("within 50 ms"),
    });
    const name = guarded({ ...limits, resolve: () => new Promise(() => undefined) })("https://a.example/");
    await expect(name).rejects.toMatchObject({ code: "TIMEOUT" });
  });

  test(`for all: an answer that does not come, and one that comes in drops${verifies("BASE-109")}`, async () => {
    const { port } = await serve(async (request, response) => {
      if (request.url === "/silent") return;
      for (let drops = 0; drops < 2000 && !response.destroyed; drops++) {
        response.write("x");
        await wait(20);
      }
    });
    const limits = { connectTimeoutMs: 60_000, timeoutMs: 200 };
    await expect(guarded(limits)(`http://localhost:${port}/silent`)).rejects.toMatchObject({ code: "TIMEOUT" });
    const reading = guarded({ ...limits, timeoutMs: 500 })(`http://localhost:${port}/drops`).then((response) =>
      response.text(),
    );
    await expect(reading).rejects.toMatchObject({ code: "TIMEOUT" });
  });

  test("for all: headers in drops, redirects in a row, and a body that nobody reads", async () => {
    let closed = 0;
    const bytes = await serveBytes(async (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      for (let drops = 0; drops < 2000 && !socket.destroyed; drops++) {
        socket.write("x");
        await wait(20);
      }
    });
    await expect(guarded({ timeoutMs: 200 })(`http://localhost:${bytes.port}/`)).rejects.toMatchObject({
      code: "TIMEOUT",
    });
    const { port } = await serve((request, response) => {
      response.on("close", () => closed++);
      if (request.url === "/unread") response.write("x");
      else setTimeout(() => response.writeHead(302, { Location: "/again" }).end(), 50);
    });
    const circling = guarded({ timeoutMs: 300, maxRedirects: 1000 })(`http://localhost:${port}/`);
    await expect(circling).rejects.toMatchObject({ code: "TIMEOUT" });
    const before = closed;
    const unread = await guarded({ timeoutMs: 5_000 })(`http://localhost:${port}/unread`);
    await expect.poll(() => closed).toBeGreaterThan(before);
    await expect(unread.text()).rejects.toMatchObject({ code: "TIMEOUT" });
  });

  test("the caller can give up at any time, with a reason of its own", async () => {
    const { port } = await serve((request, response) => {
      if (request.url === "/body") response.write("x");
    });
    const reason = new Error("no longer");
    await expect(guarded()("https://a.example/", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const waiting = guarded()(`http://localhost:${port}/`, { signal: controller.signal });
    const reading = await guarded()(new Request(`http://localhost:${port}/body`, { signal: controller.signal }));
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(reading.text()).rejects.toBe(reason);
  });

  test("what was dropped is let go of", async () => {
    let closed = false;
    const { port } = await serve((_request, response) => {
      response.on("close", () => {
        closed = true;
      });
      response.write("x");
    });
    const response = await guarded({ timeoutMs: 100_000 })(`http://localhost:${port}/`);
    await response.body?.cancel();
    await expect.poll(() => closed).toBe(true);
  });
});

describe("kind", () => {
  test.each([
    ["application/json", ["application/json"], true],
    ["Application/JSON; charset=utf-8", ["application/json"], true],
    ["application/jsonp", ["application/json"], false],
    ["text/html", ["application/json", "*+json"], false],
    ["application/jwk-set+json", ["application/json", "*+json"], true],
    ["+json", ["*+json"], false],
    ["image/png", ["image/*"], true],
    ["image/", ["image/*"], false],
    ["", ["image/*"], false],
  ])(`%j of %j: %s${verifies("SEC-26")}`, async (type, contentTypes, fits) => {
    const { port } = await serve((request, response) => {
      if (type !== "") response.setHeader("Content-Type", type);
      response.writeHead(Number(request.url?.slice(1))).end("x");
    });
    const fetching = guarded({ contentTypes })(`http://localhost:${port}/200`);
    if (fits) expect((await fetching).status).toBe(200);
    else await expect(fetching).rejects.toMatchObject({ code: "ANSWER_REFUSED" });
    // Failures have pages of their own, and nobody takes them for the document.
    expect((await guarded({ contentTypes })(`http://localhost:${port}/404`)).status).toBe(404);
  });

  test.each(["constructor", "__proto__", "toString"])(
    "a header may be called %s, even more than once",
    async (name) => {
      const text = `HTTP/1.1 200 OK\r\nContent-Length: 1\r\n${name}: a\r\n${name}: b\r\n\r\nx`;
      const { port } = await serveBytes((socket) => socket.once("data", () => socket.end(text)));
      const response = await guarded()(`http://localhost:${port}/`);
      expect(response.headers.get(name)).toBe("a, b");
      expect(await response.text()).toBe("x");
    },
  );

  test.each([
    ["in the reason", "HTTP/1.1 200 O\x01K\r\n\r\n"],
    ["in a header", "HTTP/1.1 200 OK\r\nX: a\x01b\r\n\r\n"],
  ])("bytes that nobody may send %s are refused or taken, and hold no connection", async (_what, text) => {
    let closed = false;
    const { port } = await serveBytes((socket) => {
      socket.on("close", () => {
        closed = true;
      });
      socket.once("data", () => socket.write(text));
    });
    const code = expect.stringMatching(/^(?:REQUEST_FAILED|ANSWER_REFUSED)$/);
    const response = await guarded({ timeoutMs: 100_000 })(`http://localhost:${port}/`).catch(
      (error: unknown) => error,
    );
    if (response instanceof Response) await response.body?.cancel();
    else expect(response).toMatchObject({ code });
    await expect.poll(() => closed).toBe(true);
  });

  test.each([
    ["another protocol", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"],
    ["no HTTP", "220 mail.example ESMTP\r\n"],
    ["nothing", ""],
    ["a status that is none", "HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy"],
  ])("%s is no answer", async (_what, text) => {
    const { port } = await serveBytes((socket) => socket.once("data", () => socket.end(text)));
    const code = expect.stringMatching(/^(?:REQUEST_FAILED|ANSWER_REFUSED)$/);
    await expect(guarded()(`http://localhost:${port}/`)).rejects.toMatchObject({ code });
  });
});

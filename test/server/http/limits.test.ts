/** Bounds of what clients may send and how: each has a status of its own, and says what to do. */

import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { Server } from "../../../runtime/server/server.js";
import { verifies } from "../../verifies.js";
import type { Answer } from "../raw.js";
import { callAlone, headed, initialize, POSTING, type Served, serve, WAYS } from "./http.js";
import { dial, exchange, parseAnswer, readAll } from "./raw-http.js";

const define = (server: Server): void => {
  server.tool(
    "echo",
    { input: { type: "object", properties: { text: { type: "string" } } } },
    ({ text }) => text ?? "",
  );
};

/** A POST with a body of bytes; in pieces where its length is not to be told before. */
function send(served: Served, body: Uint8Array, inPieces = false, headers = POSTING): Promise<Response> {
  const given = inPieces
    ? new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < body.length; at += 1_000) controller.enqueue(body.subarray(at, at + 1_000));
          controller.close();
        },
      })
    : body;
  const init = { method: "POST", body: given, headers: headed(headers), duplex: "half" };
  return served.fetch(init as unknown as RequestInit);
}

async function refused(answer: Response, status: number, code = -32600): Promise<string> {
  expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "application/json"]);
  const told = (await answer.json()) as Answer;
  expect(told.error?.code).toBe(code);
  expect(told).not.toHaveProperty("id");
  return told.error?.message ?? "";
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.each(WAYS)("by %s", (way) => {
  test(`a body may have so many bytes${verifies("SEC-42", "HTTP-124")}`, async () => {
    const served = await serve(way, define, { maxBodyBytes: 20_000 });
    const text = JSON.stringify(initialize());
    const padded = (length: number): Uint8Array => bytes(text.padEnd(length));
    for (const inPieces of [false, true]) {
      expect((await send(served, padded(20_000), inPieces)).status).toBe(200);
      expect(await refused(await send(served, padded(20_001), inPieces), 413)).toContain("20000");
    }
    expect((await served.post(initialize())).status).toBe(200);
  });

  test("a large answer and a large question come through whole", async () => {
    const served = await serve(way, define);
    const text = "€".repeat(700_000);
    const { result } = (await (await callAlone(served, "echo", { text })).json()) as Answer;
    expect(result).toMatchObject({ content: [{ text }] });
  });

  test(`a body has to be JSON in UTF-8, and be said to be${verifies("HTTP-11")}`, async () => {
    const served = await serve(way, define);
    for (const body of ["", "{", "[1,", "nil", "{'a':1}", '{"a":1}}'])
      await refused(await send(served, bytes(body)), 400, -32700);
    const latin = Uint8Array.of(...bytes('{"a":"'), 0xe4, ...bytes('"}'));
    const cut = Uint8Array.of(...bytes('"'), 0xe2, 0x82);
    for (const body of [latin, cut]) {
      await refused(await send(served, body), 400, -32700);
      await refused(await send(served, body, true), 400, -32700);
    }
    const body = bytes(JSON.stringify(initialize()));
    for (const type of ["text/plain", "application/jsonp", "application/x-www-form-urlencoded", "application/json+x"])
      await refused(await send(served, body, false, { ...POSTING, "content-type": type }), 415);
    for (const type of ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"])
      expect((await send(served, body, false, { ...POSTING, "content-type": type })).status).toBe(200);
  });

  test(`an answer has to be wanted in both forms${verifies("HTTP-11")}`, async () => {
    const served = await serve(way, define);
    const post = (accept: string): Promise<Response> => served.post(initialize(), { accept });
    for (const accept of ["application/json", "text/event-stream", "text/html", "application/xml, text/event-stream"])
      expect(await refused(await post(accept), 406)).toContain("application/json and text/event-stream");
    for (const accept of ["*/*", "text/event-stream, application/json;q=0.9", "Application/*, TEXT/*"])
      expect((await post(accept)).status).toBe(200);
  });
});

describe("on a socket", () => {
  const lines = ["Host: 127.0.0.1", "Content-Type: application/json"];

  test("a client that wants nothing in particular gets what there is", async () => {
    const served = await serve("node", define);
    const answer = await exchange(served.url, "POST /mcp", lines, JSON.stringify(initialize()));
    expect([answer.status, JSON.parse(answer.body).id]).toEqual([200, "open"]);
  });

  test(`headers may have so many bytes${verifies("HTTP-124", "SEC-42")}`, async () => {
    const served = await serve("node", define, { maxHeaderBytes: 2_000 });
    const answer = await exchange(served.url, "POST /mcp", [...lines, `X-Long: ${"x".repeat(3_000)}`]);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([431, "application/json"]);
    expect(JSON.parse(answer.body)).toMatchObject({
      error: { code: -32600, message: expect.stringContaining("2000") },
    });
    expect((await exchange(served.url, "POST /mcp", lines, JSON.stringify(initialize()))).status).toBe(200);
  });

  test("what is no HTTP is told so", async () => {
    const served = await serve("node", define);
    const socket = await dial(served.url);
    const answer = readAll(socket);
    socket.write("\x16\x03\x01 hello\r\n\r\n");
    expect(parseAnswer(await answer)).toMatchObject({ status: 400, body: expect.stringContaining('"code":-32600') });
  });

  test("rubbish after a request does not get into the stream that answers it", async () => {
    const served = await serve("node", define);
    const socket = await dial(served.url);
    const answer = readAll(socket);
    socket.write("GET /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    await once(socket, "readable").catch(() => undefined);
    socket.write("\x00\x00rubbish\r\n\r\n");
    const text = await answer;
    expect(text).toContain("event: endpoint");
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  test(`a request may take so long to come${verifies("SEC-42")}`, async () => {
    const served = await serve("node", define, { requestTimeoutMs: 500 });
    for (const sent of [
      "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n",
      `POST /mcp HTTP/1.1\r\n${lines.join("\r\n")}\r\nContent-Length: 100\r\n\r\n{`,
    ]) {
      const socket = await dial(served.url);
      const answer = readAll(socket);
      socket.write(sent);
      expect(parseAnswer(await answer).status).toBe(408);
    }
    // Streams that were opened in time are not cut by it.
    const stream = await served.get();
    const reader = stream.body?.getReader();
    await reader?.read();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const next = reader?.read();
    await served.server.close();
    expect(await next).toMatchObject({ done: true });
  });

  test("a connection goes on after answers to requests without a body, and ends where a body was not read", async () => {
    const served = await serve("node", define);
    const socket = await dial(served.url);
    const answer = readAll(socket);
    const head = "Host: 127.0.0.1\r\nOrigin: http://localhost\r\n";
    socket.write(
      `OPTIONS /mcp HTTP/1.1\r\n${head}\r\nDELETE /mcp HTTP/1.1\r\n${head}\r\nPUT /mcp HTTP/1.1\r\n${head}Content-Length: 1\r\n\r\nx`,
    );
    const statuses = [...(await answer).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
    expect(statuses).toEqual([204, 405, 405]);
  });
});

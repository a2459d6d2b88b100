/** The deprecated transport of the oldest revision: a stream for what the server says, an address for what the client says. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifies } from "../verifies.js";
import { type Answer, type Headers, type RawHttp, send, serve } from "./raw.js";
import { defineScene } from "./scene.js";

let raw: RawHttp;

beforeAll(async () => {
  raw = await serve(defineScene);
});
afterAll(() => raw.server.close());

interface Legacy {
  readonly stream: Answer;
  readonly address: string;
  post(message: unknown, more?: Headers): Promise<Answer>;
}

async function open(at = raw, more: Headers = {}): Promise<Legacy> {
  const stream = await send("GET", at.url, { Accept: "text/event-stream", ...more });
  await expect.poll(() => stream.events.length).toBe(1);
  const address = new URL(stream.events[0]?.data ?? "", at.url).href;
  return {
    stream,
    address,
    post: (message, others = {}) =>
      send("POST", address, { "Content-Type": "application/json", ...more, ...others }, JSON.stringify(message)),
  };
}

const initialize = (protocolVersion = "2024-11-05"): object => ({
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion, capabilities: {}, clientInfo: { name: "old", version: "1" } },
});
/** Everything but the first event, which names the address. */
const messages = ({ stream }: Legacy): unknown[] => stream.events.slice(1).map(({ data }) => JSON.parse(data ?? ""));

test(`the first event names the address, and is no JSON${verifies("SSE-01", "SSE-02", "SSE-04", "SSE-05", "SSE-16")}`, async () => {
  const [one, two] = [await open(), await open()];
  expect(one.stream.events[0]).toMatchObject({
    event: "endpoint",
    data: expect.stringMatching(/^\/mcp\?sessionId=[\w-]{22,}$/),
  });
  expect(one.address).not.toBe(two.address);
  for (const { stream } of [one, two]) stream.cut();
});

test(`what is posted is acknowledged, and answered on the stream in the life of its revision${verifies("SSE-01", "SSE-04", "SSE-06", "SSE-13")}`, async () => {
  const legacy = await open();
  const early = await (await legacy.post({ jsonrpc: "2.0", id: "early", method: "tools/list" })).whole();
  expect([early.status, early.text]).toEqual([202, ""]);
  await expect.poll(() => messages(legacy)).toMatchObject([{ id: "early", error: { code: -32600 } }]);
  await legacy.post(initialize());
  await legacy.post({ jsonrpc: "2.0", method: "notifications/initialized" });
  await legacy.post({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "chatty", arguments: { name: "é😀" } },
  });
  await expect.poll(() => messages(legacy).length).toBe(4);
  expect(messages(legacy).slice(1)).toMatchObject([
    { id: 0, result: { protocolVersion: "2024-11-05" } },
    { method: "notifications/message", params: { data: "log of é😀" } },
    { id: 1, result: { content: [{ text: "chatted é😀" }] } },
  ]);
  for (const { event, id } of legacy.stream.events.slice(1)) expect([event, id]).toEqual(["message", undefined]);
  raw.server.tool("added", {}, () => "").remove();
  await expect.poll(() => messages(legacy)[4]).toMatchObject({ method: "notifications/tools/list_changed" });
  legacy.stream.cut();
});

describe("an address", () => {
  test(`is good as long as its stream${verifies("SSE-08", "SSE-17")}`, async () => {
    const legacy = await open();
    legacy.stream.cut();
    await expect.poll(async () => (await legacy.post(initialize())).status).toBe(404);
    const nobody = await send(
      "POST",
      `${raw.url}?sessionId=nobody`,
      { "Content-Type": "application/json" },
      JSON.stringify(initialize()),
    );
    expect(nobody.status).toBe(404);
  });

  test(`is good for who opened it${verifies("SSE-12", "SSE-15", "SSE-16")}`, async () => {
    const guarded = await serve(
      defineScene,
      {},
      {
        authenticate: (incoming) => {
          const name = incoming.header("authorization");
          return name === undefined ? { status: 401 } : { principal: name };
        },
      },
    );
    const legacy = await open(guarded, { Authorization: "ada" });
    const statusOf = async (authorization: string | undefined): Promise<number> =>
      (await legacy.post(initialize(), { Authorization: authorization })).status;
    expect([await statusOf(undefined), await statusOf("eve"), await statusOf("ada")]).toEqual([401, 404, 202]);
    await expect.poll(() => messages(legacy)).toHaveLength(1);
    await guarded.server.close();
  });

  test(`is looked at like every other${verifies("SSE-10")}`, async () => {
    const legacy = await open();
    const evil = await legacy.post(initialize(), { Origin: "https://evil.example.com" });
    expect(evil.status).toBe(403);
    expect(messages(legacy)).toEqual([]);
    legacy.stream.cut();
  });
});

test(`a server that has left the transport behind says so${verifies("SSE-18", "HTTP-32")}`, async () => {
  const without = await serve(defineScene, {}, { httpSse: false });
  expect((await send("GET", without.url, { Accept: "text/event-stream" })).status).toBe(400);
  await without.server.close();
  const newer = await serve(defineScene, { revisions: ["2026-07-28"] });
  expect((await send("GET", newer.url, { Accept: "text/event-stream" })).status).toBe(405);
  await newer.server.close();
});

/** Every adapter on a port of its own, tried by a client of every revision with what passes through an adapter in ways of its own. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { test } from "node:test";
import { serve } from "@hono/node-server";
import { connect } from "../../dist/runtime/client/index.js";
import { revisions } from "../../dist/runtime/index.js";
import { createServer } from "../../dist/runtime/server/index.js";
import { mountExpress } from "./express.mjs";
import { mountFastify } from "./fastify.mjs";
import { mountHono } from "./hono.mjs";
import { mountNode } from "./node.mjs";

/** Each starts to listen and gives the port, and the way to end it. */
const ADAPTERS = {
  "node:http": (server) => listen(mountNode(server.toNodeHandler())),
  Express: (server) => listen(mountExpress(server.toNodeHandler(), { parse: false })),
  "Express with express.json()": (server) => listen(mountExpress(server.toNodeHandler(), { parse: true })),
  async Fastify(server) {
    const app = mountFastify(server.toNodeHandler());
    await app.listen({ port: 0, host: "127.0.0.1" });
    return { port: app.server.address().port, close: () => app.close() };
  },
  async Hono(server) {
    const app = mountHono(server.toFetchHandler());
    const listener = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
    if (!listener.listening) await once(listener, "listening");
    return { port: listener.address().port, close: () => end(listener) };
  },
};

async function listen(app) {
  const listener = app.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return { port: listener.address().port, close: () => end(listener) };
}

async function end(listener) {
  const closed = new Promise((resolve) => listener.close(resolve));
  listener.closeAllConnections();
  await closed;
}

function createSubject(errors) {
  const server = createServer({ name: "subject", version: "1.0.0", onerror: (error) => errors.push(error.code) });
  const input = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
  server.tool("echo", { input }, ({ text }, ctx) => `${text} to ${ctx.origin.header("x-who")}`);
  server.tool("work", {}, (_args, ctx) => {
    for (const progress of [1, 2, 3]) ctx.progress({ progress, total: 3 });
    return "worked";
  });
  server.tool("where", {}, async (_args, ctx) => (await ctx.roots()).map(({ uri }) => uri).join());
  server.resource("memo://one", { name: "one" }, () => "first");
  return server;
}

async function tryAll(server, url, revision) {
  const target = { url, headers: { "X-Who": "ada" } };
  const client = await connect(target, { revisions: [revision], roots: [{ uri: "file:///home/ada" }] });
  const textOf = async (...call) => (await client.callTool(...call)).content[0].text;
  try {
    assert.equal(client.peer.revision, revision);
    assert.equal(await textOf("echo", { text: "Grüße ☃" }), "Grüße ☃ to ada");
    const large = "x".repeat(80_000);
    assert.equal(await textOf("echo", { text: large }), `${large} to ada`);
    const seen = [];
    assert.equal(await textOf("work", {}, { onprogress: ({ progress }) => seen.push(progress) }), "worked");
    assert.deepEqual(seen, [1, 2, 3]);
    assert.equal(await textOf("where"), "file:///home/ada");
    let hear;
    const heard = new Promise((resolve) => {
      hear = resolve;
    });
    const listening = await client.subscribe({ uris: ["memo://one"] }, hear);
    server.resourceUpdated("memo://one");
    assert.deepEqual(await heard, { type: "resourceUpdated", uri: "memo://one" });
    await listening.close();
  } finally {
    await client.close();
  }
}

/** The status of a request that names another host, as a page does that has rebound a name. */
async function statusFor(port, headers) {
  const asked = request({ port, host: "127.0.0.1", path: "/mcp", method: "POST", headers });
  asked.end("{}");
  const [answer] = await once(asked, "response");
  answer.resume();
  await once(answer, "end");
  return answer.statusCode;
}

for (const [name, start] of Object.entries(ADAPTERS)) {
  test(name, { timeout: 60_000 }, async (t) => {
    const errors = [];
    const server = createSubject(errors);
    const { port, close } = await start(server);
    t.after(async () => {
      await server.close();
      await close();
    });
    for (const { revision } of revisions)
      await t.test(revision, () => tryAll(server, `http://127.0.0.1:${port}/mcp`, revision));
    await t.test("refuses other hosts and other pages", async () => {
      assert.equal(await statusFor(port, { "content-type": "application/json", host: "evil.example" }), 403);
      assert.equal(await statusFor(port, { "content-type": "application/json", origin: "http://evil.example" }), 403);
    });
    assert.deepEqual(
      errors.filter((code) => code !== "RANDOM_KEY"),
      [],
    );
  });
}

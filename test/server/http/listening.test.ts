/** The stream that a client opens by GET: for what belongs to no request. */

import { describe, expect, test } from "vitest";
import type { Server } from "../../../runtime/server/server.js";
import { verifies } from "../../verifies.js";
import { readEvents } from "./events.js";
import { call, notification, openSession, request, serve, WAYS } from "./http.js";

const define = (server: Server): void => {
  server.resource("memo://a", { name: "a" }, () => "");
  server.tool("log", {}, (_args, ctx) => {
    ctx.log("error", "own");
    return "";
  });
};

/** Tells the session's client of `count` changes, each in a turn of its own. */
async function change(server: Server, count = 1): Promise<void> {
  for (let told = 0; told < count; told++) {
    server.resourceUpdated("memo://a");
    await Promise.resolve();
  }
}

describe.each(WAYS)("by %s, the stream of a session", (way) => {
  test(`carries what belongs to no request, and no answers${verifies("HTTP-30", "HTTP-32", "HTTP-33", "HTTP-34", "HTTP-35")}`, async () => {
    const served = await serve(way, define);
    const session = await openSession(served);
    const opened = await session.get();
    expect([opened.status, opened.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    const stream = readEvents(opened);
    await session.ask(1, "resources/subscribe", { uri: "memo://a" });
    await change(served.server);
    const own = await readEvents(await session.post(call(2, "log"))).messages();
    expect(own.map(({ method, id }) => method ?? id)).toEqual(["notifications/message", 2]);
    await change(served.server);
    await session.end();
    expect((await stream.messages()).map(({ method, params }) => [method, params?.uri])).toEqual([
      ["notifications/resources/updated", "memo://a"],
      ["notifications/resources/updated", "memo://a"],
    ]);
  });

  test(`has to be wanted by Accept${verifies("HTTP-31")}`, async () => {
    const session = await openSession(await serve(way, define));
    const refused = await session.get({ accept: "application/json" });
    expect(refused.status).toBe(406);
    expect(await refused.json()).toMatchObject({ error: { message: expect.stringContaining("text/event-stream") } });
    const any = await session.get({ accept: "*/*" });
    expect(any.status).toBe(200);
    await any.body?.cancel();
  });

  test(`may be open more than once: each message goes to the newest alone${verifies("HTTP-36", "HTTP-37", "HTTP-38")}`, async () => {
    const served = await serve(way, define, { events: false });
    const session = await openSession(served);
    await session.ask(1, "resources/subscribe", { uri: "memo://a" });
    const first = readEvents(await session.get());
    await change(served.server);
    expect((await first.message()).method).toBe("notifications/resources/updated");
    const second = readEvents(await session.get());
    await change(served.server, 2);
    await second.message();
    await second.message();
    const third = readEvents(await session.get());
    await change(served.server);
    await third.message();
    await session.end();
    expect([await first.messages(), await second.messages(), await third.messages()]).toEqual([[], [], []]);
  });

  test("waits for its first client, within bounds, and tells everything once", async () => {
    const served = await serve(way, define, { events: false });
    const session = await openSession(served);
    await session.ask(1, "resources/subscribe", { uri: "memo://a" });
    await change(served.server, 3);
    const stream = readEvents(await session.get());
    for (let told = 0; told < 3; told++)
      expect((await stream.message()).method).toBe("notifications/resources/updated");
    await session.end();
    expect(await stream.messages()).toEqual([]);

    const flooded = await openSession(served);
    await flooded.ask(1, "resources/subscribe", { uri: "memo://a" });
    await change(served.server, 1_000);
    const late = readEvents(await flooded.get());
    await flooded.end();
    expect((await late.messages()).length).toBe(256);
  });

  test("goes on with an older connection when the newest is gone", async () => {
    const served = await serve("web", define, { events: false });
    const session = await openSession(served);
    await session.ask(1, "resources/subscribe", { uri: "memo://a" });
    const first = readEvents(await session.get());
    const second = readEvents(await session.get());
    await second.leave();
    await change(served.server);
    expect((await first.message()).method).toBe("notifications/resources/updated");
    await first.leave();
    await change(served.server);
    const third = readEvents(await session.get());
    expect((await third.message()).method).toBe("notifications/resources/updated");
  });

  test(`is told nothing before the handshake was confirmed${verifies("LIFE-19")}`, async () => {
    const served = await serve(way, define, { events: false });
    const opened = await served.post(
      request("open", "initialize", {
        protocolVersion: "2025-11-25",
        capabilities: {},
        clientInfo: { name: "raw", version: "1" },
      }),
    );
    const headers = { "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
    await opened.text();
    const stream = readEvents(await served.get(headers));
    served.server.tool("early", {}, () => "");
    await Promise.resolve();
    await (await served.post(notification("notifications/initialized"), headers)).text();
    served.server.prompt("later", {}, () => "");
    expect((await stream.message()).method).toBe("notifications/prompts/list_changed");
  });
});

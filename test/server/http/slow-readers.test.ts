/** Clients that do not read: writers are told to wait, what waits is bounded, and a session outlives the connection that is cut. */

import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Server } from "../../../runtime/server/server.js";
import { createMemoryEventStore, type EventStore } from "../../../runtime/transport/event-store.js";
import type { EventSink } from "../../../runtime/transport/http-exchange.js";
import { createFetchExchange } from "../../../runtime/transport/http-fetch.js";
import { createNodeExchange } from "../../../runtime/transport/http-node.js";
import { verifies } from "../../verifies.js";
import { readEvents } from "./events.js";
import { call, callAlone, createLatch, openSession, serve, until, WAYS } from "./http.js";

/** A stream and its reader, which reads when it is told to. */
interface Ends {
  readonly sink: EventSink;
  readonly left: Promise<void>;
  drain(): void;
}

async function openNode(maxWaiting: number): Promise<Ends> {
  const left = createLatch();
  const server = createServer();
  const opened = once(server, "request");
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  onTestFinished(() => server.closeAllConnections());
  const asked = get({ port: (server.address() as AddressInfo).port, host: "127.0.0.1" });
  asked.on("error", () => undefined);
  const [request, response] = await opened;
  const exchange = createNodeExchange(request, response);
  exchange.onclose = left.open;
  const sink = exchange.stream([], maxWaiting);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  answer.on("error", () => undefined);
  answer.pause();
  return { sink, left: left.opened, drain: () => void answer.resume() };
}

async function openWeb(maxWaiting: number): Promise<Ends> {
  const left = createLatch();
  const { exchange, response } = createFetchExchange(new Request("http://127.0.0.1/"));
  exchange.onclose = left.open;
  const sink = exchange.stream([], maxWaiting);
  const { body } = await response;
  return { sink, left: left.opened, drain: () => void body?.pipeTo(new WritableStream()).catch(() => undefined) };
}

const CHUNK = "x".repeat(65_536);

describe.each([
  ["node", openNode],
  ["web", openWeb],
] as const)("the sink of %s", (_way, open) => {
  test("tells its writer to wait until the client reads", async () => {
    const { sink, drain } = await open(Number.POSITIVE_INFINITY);
    let room: Promise<void> | undefined;
    // More than what stands between takes without asking.
    for (let written = 0; written < 500; written++) room = sink.write(CHUNK);
    expect(room).toBeInstanceOf(Promise);
    let told = false;
    room?.then(() => {
      told = true;
    });
    const same = sink.write(CHUNK);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toBe(false);
    drain();
    await Promise.all([room, same]);
    sink.end();
    expect([sink.closed, sink.write(CHUNK)]).toEqual([true, undefined]);
  });

  test("cuts off who does not read beyond the bound, and lets its writer go on", async () => {
    const { sink, left } = await open(1_000_000);
    const rooms: (Promise<void> | undefined)[] = [];
    for (let written = 0; !sink.closed && written < 2_000; written++) rooms.push(sink.write(CHUNK));
    expect(sink.closed).toBe(true);
    await left;
    await Promise.all(rooms);
    expect(sink.write(CHUNK)).toBeUndefined();
    sink.end();
  });
});

const STEPS = 256;

const define = (server: Server): void => {
  server.tool("flood", {}, async (_args, ctx) => {
    for (let step = 0; step < STEPS; step++) {
      ctx.log("error", `${step} ${CHUNK}`);
      if (step % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return "done";
  });
};

function asynchronous(store: EventStore): EventStore {
  return {
    append: async (stream, data) => store.append(stream, data),
    after: async (id) => store.after(id),
    drop: store.drop,
  };
}

describe.each(WAYS)("by %s, a client that does not read", (way) => {
  test.each([
    ["", (store: EventStore) => store],
    [" of a slow store", asynchronous],
  ] as const)(`loses its connection and not its session%s${verifies("HTTP-28", "SEC-42")}`, async (_kind, kind) => {
    const store = createMemoryEventStore({ maxEvents: 10_000, maxTotal: 1_000_000_000 });
    const ids: string[] = [];
    const appended: EventStore = {
      ...store,
      append(stream, data) {
        const id = store.append(stream, data) as string;
        ids.push(id);
        return id;
      },
    };
    const served = await serve(way, define, { events: kind(appended), maxWaitingBytes: 1_000_000 });
    const session = await openSession(served);
    const neglected = await session.post(call(1, "flood"));
    await until(() => ids.length === STEPS + 2);
    await expect(neglected.text()).rejects.toThrow();
    const again = readEvents(await session.get({ "last-event-id": ids[STEPS - 1] }));
    expect((await again.messages()).map(({ id, params }) => id ?? String(params?.data).slice(0, 4))).toEqual([
      `${STEPS - 1} `,
      1,
    ]);
    expect((await session.ask(2, "ping")).result).toEqual({});
    expect(served.errors).toEqual([]);
  });

  test(`gives up its request where there are no sessions${verifies("HTTP-99")}`, async () => {
    const aborted = createLatch();
    const served = await serve(
      way,
      (server) => {
        server.tool("flood", {}, async (_args, ctx) => {
          ctx.signal.addEventListener("abort", aborted.open);
          for (let step = 0; !ctx.signal.aborted && step < 10_000; step++) {
            ctx.log("error", CHUNK);
            await new Promise((resolve) => setImmediate(resolve));
          }
          return "done";
        });
      },
      { maxWaitingBytes: 1_000_000 },
    );
    const neglected = await callAlone(served, "flood", {}, { more: { "io.modelcontextprotocol/logLevel": "error" } });
    await aborted.opened;
    await expect(neglected.text()).rejects.toThrow();
  });
});

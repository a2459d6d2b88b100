import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createPeer } from "../../runtime/jsonrpc/peer.js";
import { createStreamChannel, type StreamChannel } from "../../runtime/transport/streams.js";
import { rejection } from "../jsonrpc/wire.js";
import { verifies } from "../verifies.js";

function channelOf(socket: Socket): StreamChannel {
  return createStreamChannel({
    input: socket,
    output: socket,
    limits: {},
    pauseWhenCongested: false,
    halfClose: false,
    release: async (reason, writer) => {
      if (reason === undefined) await writer.flush();
      socket.destroy();
      return reason;
    },
  });
}

/** Two ends of one TCP connection. */
async function sockets(): Promise<[Socket, Socket]> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const client = connect(address.port, "127.0.0.1");
  const [socket] = await accepted;
  server.close();
  return [client, socket];
}

describe("a channel over sockets", () => {
  it(`needs nothing but the streams${verifies("STDIO-47", "STDIO-43")}`, async () => {
    const [left, right] = await sockets();
    const client = createPeer(channelOf(left));
    const server = createPeer(channelOf(right), { onrequest: (method, params) => ({ method, params }) });
    client.open();
    server.open();
    expect(await client.request("x", { a: 1 })).toEqual({ method: "x", params: { a: 1 } });
    const failing = rejection(server.request("never"));
    await client.close();
    expect(await failing).toMatchObject({ code: "CLOSED" });
    expect(server.closed).toBe(true);
  });

  it("ends with a reset connection, without an uncaught error", async () => {
    const [left, right] = await sockets();
    const client = createPeer(channelOf(left));
    client.open();
    const failing = rejection(client.request("x"));
    right.resetAndDestroy();
    expect(await failing).toMatchObject({ name: "ConnectionError", code: "CLOSED" });
  });
});

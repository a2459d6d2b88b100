/** The oldest transport over HTTP, whose server names another path for messages: tokens are those of the address that was connected to. */

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { authorize } from "../../runtime/auth/authorize.js";
import { connect } from "../../runtime/client/index.js";
import { verifies } from "../verifies.js";
import { startScene, visitor } from "./scene.js";

test(`messages go with the token of the stream${verifies("AUTH-83", "AUTH-85")}`, async () => {
  const scene = await startScene("/sse");
  const presented: string[] = [];
  let stream: ServerResponse | undefined;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const { pathname } = new URL(request.url ?? "", "http://here");
    const [, token = ""] = (request.headers.authorization ?? "").split(" ");
    if (!scene.tokens.has(token)) {
      const metadata = `${scene.resource.origin}/.well-known/oauth-protected-resource/sse`;
      response.writeHead(401, { "www-authenticate": `Bearer resource_metadata="${metadata}"` }).end();
      return;
    }
    presented.push(`${request.method} ${pathname}`);
    if (request.method === "GET") {
      stream = response.writeHead(200, { "content-type": "text/event-stream" });
      stream.write("event: endpoint\ndata: /messages?session=1\n\n");
    } else if (pathname === "/messages") {
      response.writeHead(202).end();
      const { id, method } = JSON.parse(body) as { id?: number; method: string };
      const opened = {
        protocolVersion: "2024-11-05",
        capabilities: {},
        serverInfo: { name: "old", version: "1" },
      };
      const result = method === "initialize" ? opened : {};
      if (id !== undefined) stream?.write(`data: ${JSON.stringify({ jsonrpc: "2.0", id, result })}\n\n`);
    } else response.writeHead(405).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  scene.resourceMetadata.resource = `${origin}/sse`;
  const seen: URL[] = [];
  const auth = authorize({ redirect: visitor(seen) });
  const client = await connect({ url: `${origin}/sse`, fetch: auth.fetch });
  await client.ping();
  await client.close();
  expect(presented).toEqual(expect.arrayContaining(["GET /sse", "POST /messages"]));
  expect([seen.length, scene.server.at("/token").map(({ form }) => form.get("resource"))]).toEqual([
    1,
    [`${origin}/sse`],
  ]);
});

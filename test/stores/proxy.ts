/**
 * What stands before several servers: each request goes to the next of them. Like others of its kind it asks another server only where the
 * first did not take the connection; what breaks later breaks for the client.
 */

import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface RoundRobin {
  /** Where clients come, with the path of the servers. */
  readonly url: string;
  /** Requests that each server was given, by its address. */
  readonly given: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** @param targets Where the servers are now; asked before every request. */
export async function startProxy(targets: () => readonly string[]): Promise<RoundRobin> {
  let turn = 0;
  const given = new Map<string, number>();
  const server = createServer((incoming, outgoing) => {
    const urls = targets();
    const order = urls.map((_url, index) => urls[(turn + index) % urls.length] as string);
    turn++;
    forward(incoming, outgoing, order, (url) => given.set(url, (given.get(url) ?? 0) + 1));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    given,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  [url, ...others]: readonly string[],
  took: (url: string) => void,
): void {
  if (url === undefined) {
    outgoing.writeHead(502).end();
    return;
  }
  const { hostname, port } = new URL(url);
  const { method, headers } = incoming;
  const onward = request({ hostname, port, path: incoming.url, method, headers, agent: false });
  let connected = false;
  onward.on("socket", (socket) => {
    const begin = (): void => {
      connected = true;
      took(url);
      incoming.pipe(onward);
    };
    if (socket.connecting) socket.once("connect", begin);
    else begin();
  });
  onward.on("response", (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
    answer.once("error", () => outgoing.destroy());
    answer.once("aborted", () => outgoing.destroy());
  });
  onward.on("error", () => {
    if (!connected) forward(incoming, outgoing, others, took);
    else if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(502).end();
  });
  outgoing.once("close", () => onward.destroy());
}

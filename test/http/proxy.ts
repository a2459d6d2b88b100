/** What stands in front of several nodes: hands each request to the next of them, whatever came before. */

import { once } from "node:events";
import { createServer, type IncomingMessage, request as open, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface NodeProxy {
  readonly url: string;
  /** Where each request went, by the number of the target. */
  readonly trail: number[];
  /** Gives a target another address, or none. */
  set(target: number, url: string | undefined): void;
  /** Sends all that follows to one target; without one, to all in turn. */
  pin(target: number | undefined): void;
  close(): Promise<void>;
}

export async function createProxy(urls: readonly string[]): Promise<NodeProxy> {
  const targets: (string | undefined)[] = [...urls];
  const trail: number[] = [];
  let turn = 0;
  let pinned: number | undefined;
  const next = (): number => {
    if (pinned !== undefined) return pinned;
    do turn = (turn + 1) % targets.length;
    while (targets[turn] === undefined && targets.some((url) => url !== undefined));
    return turn;
  };
  const pass = (request: IncomingMessage, response: ServerResponse, body: Buffer, tries: number): void => {
    const target = next();
    const url = targets[target];
    if (url === undefined) {
      response.writeHead(502).end();
      return;
    }
    trail.push(target);
    const { method, headers } = request;
    const { host: _host, connection: _connection, ...others } = headers;
    const where = new URL(request.url ?? "/", url);
    const onward = open(where, { method: method ?? "GET", headers: others, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
      answer.on("close", () => {
        if (!answer.complete) response.destroy();
      });
    });
    onward.on("error", (error: NodeJS.ErrnoException) => {
      if (response.headersSent) response.destroy();
      // It was not even taken: another one may do it.
      else if (error.code === "ECONNREFUSED" && tries > 0) pass(request, response, body, tries - 1);
      else response.writeHead(502).end();
    });
    response.on("close", () => onward.destroy());
    onward.end(body);
  };
  const listener = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => pass(request, response, Buffer.concat(chunks), targets.length));
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/mcp`,
    trail,
    set(target, url) {
      targets[target] = url;
    },
    pin(target) {
      pinned = target;
    },
    async close() {
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** A bare HTTP server that a script answers for, and that remembers what it was asked. */

import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Message } from "./raw.js";

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body as a message, where it is one. */
  readonly message: Message;
  /** In milliseconds of `performance.now()`. */
  readonly at: number;
}

export type Script = (asked: Asked, response: ServerResponse) => void;

export interface Scripted {
  readonly url: string;
  readonly asked: Asked[];
  close(): Promise<void>;
}

export async function listenScripted(script: Script): Promise<Scripted> {
  const asked: Asked[] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const one = { method, url, headers, body, message: body === "" ? {} : JSON.parse(body), at: performance.now() };
      asked.push(one);
      script(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function json(
  response: ServerResponse,
  message: object,
  headers: Record<string, string> = {},
  status = 200,
): void {
  response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(message));
}

export function events(response: ServerResponse, text: string): void {
  response.writeHead(200, { "Content-Type": "text/event-stream" }).write(text);
}

export const answer = (id: unknown, result: object): object => ({ jsonrpc: "2.0", id, result });

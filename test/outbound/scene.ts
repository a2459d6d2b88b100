/** Real servers on this machine for the guarded fetch, and a resolver that says what a test wants. */

import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { type Certificate, createCertificate } from "./certificate.js";

export interface Scene {
  readonly port: number;
  /** Of each request that came: `GET localhost:1234/path`. */
  readonly seen: string[];
}

let made: Certificate | undefined;

/** Good for `one.localhost` and `two.localhost`. */
export function certificate(): Certificate {
  made ??= createCertificate(["one.localhost", "two.localhost"]);
  return made;
}

/** A server that is closed after the test, with whatever is connected to it. */
export async function serve(listener: RequestListener, options: { tls?: boolean; host?: string } = {}): Promise<Scene> {
  const seen: string[] = [];
  const heard: RequestListener = (request, response) => {
    seen.push(`${request.method} ${request.headers.host}${request.url}`);
    listener(request, response);
  };
  const server = options.tls ? createTlsServer(certificate(), heard) : createServer(heard);
  onTestFinished(() => server.closeAllConnections());
  return { port: await listen(server, options.host), seen };
}

/** A server of plain bytes. */
export async function serveBytes(onSocket: (socket: Socket) => void): Promise<Scene> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    // A client that gives up is what these tests are about.
    socket.on("error", () => sockets.delete(socket));
    onSocket(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return { port: await listen(server), seen: [] };
}

async function listen(server: Server, host = "127.0.0.1"): Promise<number> {
  await new Promise<void>((listening) => server.listen(0, host, listening));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A resolver that answers with one list after the other, the last for ever, and remembers what it was asked. */
export function resolver(...answers: (readonly string[])[]): {
  resolve: (name: string) => readonly string[];
  asked: string[];
} {
  const asked: string[] = [];
  return {
    asked,
    resolve(name) {
      asked.push(name);
      return answers[Math.min(asked.length, answers.length) - 1] ?? [];
    },
  };
}

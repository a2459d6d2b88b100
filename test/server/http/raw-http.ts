/** HTTP as bytes on a socket, for what `fetch` does not send: foreign hosts, headers twice, bodies that stop halfway. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case; of a header that came twice, the last. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export async function dial(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  // What a server does to a bad client is seen by what can be read, and by `close`.
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** Everything up to the end of the connection, which the server closes. */
export async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  if (!socket.destroyed) await once(socket, "close");
  return Buffer.concat(chunks).toString();
}

export function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [line = "", ...rows] = text.slice(0, end).split("\r\n");
  const headers = new Map<string, string>();
  for (const row of rows) {
    const colon = row.indexOf(":");
    headers.set(row.slice(0, colon).toLowerCase(), row.slice(colon + 1).trim());
  }
  return { status: Number(line.split(" ")[1]), headers, body: text.slice(end + 4) };
}

/** One request with exactly these lines of headers, on a connection that is closed after it. */
export async function exchange(url: string, line: string, headers: readonly string[], body = ""): Promise<RawAnswer> {
  const socket = await dial(url);
  const answer = readAll(socket);
  const length = body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  socket.write(`${[`${line} HTTP/1.1`, "Connection: close", ...headers, ...length].join("\r\n")}\r\n\r\n${body}`);
  return parseAnswer(await answer);
}

/** A POST on a connection that stays open, and all of its answer as it came. */
export function converse(socket: Socket, headers: readonly string[], message: unknown): Promise<string> {
  const body = JSON.stringify(message);
  const types = ["Content-Type: application/json", "Accept: application/json, text/event-stream"];
  const lines = ["Host: 127.0.0.1", ...types, ...headers, `Content-Length: ${Buffer.byteLength(body)}`];
  return new Promise((resolve, reject) => {
    let text = "";
    const take = (chunk: Buffer): void => {
      text += chunk.toString();
      if (isWhole(text)) finish(() => resolve(text));
    };
    const lost = (): void => finish(() => reject(new Error(`The connection ended in an answer: ${text}`)));
    const finish = (settle: () => void): void => {
      socket.off("data", take);
      socket.off("close", lost);
      settle();
    };
    socket.on("data", take);
    socket.on("close", lost);
    socket.write(`POST /mcp HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
  });
}

function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = /^content-length: (\d+)/im.exec(text.slice(0, end))?.[1];
  return length === undefined ? text.endsWith("\r\n0\r\n\r\n") : text.length >= end + 4 + Number(length);
}

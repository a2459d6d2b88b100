/** A small HTTP server of a test: one function from what came to what is answered, and a list of what came. */

import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface Came {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** The body, where it is a form. */
  readonly form: URLSearchParams;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown;
}

export interface Served {
  /** Without a slash at its end. */
  readonly origin: string;
  readonly came: Came[];
  /** What came for a path, by its method. */
  at(path: string): Came[];
}

export type Answering = (came: Came) => Answer | undefined | Promise<Answer | undefined>;

/** Serves until the test is over; `undefined` from `answer` is 404. */
export async function serve(answer: Answering): Promise<Served> {
  const came: Came[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const url = new URL(request.url ?? "", "http://here");
    const { method = "", headers } = request;
    const one = {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers,
      body,
      form: new URLSearchParams(body),
    };
    came.push(one);
    const { status, headers: more = {}, body: given } = (await answer(one)) ?? { status: 404 };
    const isText = typeof given === "string" || given === undefined;
    response.writeHead(status, { ...(isText ? {} : { "content-type": "application/json" }), ...more });
    response.end(isText ? given : JSON.stringify(given));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, came, at: (path) => came.filter((one) => one.path === path) };
}

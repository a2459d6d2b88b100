/** A server's ends of HTTP: a listener of its own, and handlers to put behind somebody else's. */

import { createServer as createListener, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { ConnectionError } from "../errors.js";
import { RpcCode } from "../jsonrpc/message.js";
import type { HttpEndpoint } from "../protocol/http-endpoint.js";
import type { HttpOptions } from "../protocol/http-options.js";
import { refuse } from "../protocol/http-parts.js";
import { JSON_TYPE } from "../transport/http-exchange.js";
import { createNodeExchange, type NodeRequest } from "../transport/http-node.js";

/** Where and how to listen. */
export interface ListenOptions extends HttpOptions {
  /** Default: one that is free; see `port` of what comes back. */
  readonly port?: number;
  /** Address to listen at. Default `127.0.0.1`, so that no other machine gets there; name `allowedHosts` with any other. */
  readonly host?: string;
  /** Path of the endpoint. Default `/mcp`. */
  readonly path?: string;
  /** Bytes that the headers of a request may have; more are answered with 431. Default 16 KiB. */
  readonly maxHeaderBytes?: number;
  /** Milliseconds that a client may take to send a whole request. Default 30 000. */
  readonly requestTimeoutMs?: number;
}

/** A listener that runs. */
export interface HttpListener {
  /** Where clients connect to. */
  readonly url: string;
  /** The port that is listened at. */
  readonly port: number;
  /** Ends every session and stream, then the listening. */
  close(): Promise<void>;
}

/** Handles requests of `node:http`, and of frameworks that hand those on. `body` is what a framework has parsed. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse, body?: unknown) => void;

export function createNodeHandler(endpoint: HttpEndpoint): NodeHandler {
  return (request, response, body) => {
    // Frameworks call their `next` here, which is no body.
    const parsed = typeof body === "function" ? undefined : body;
    endpoint.handle(createNodeExchange(request as NodeRequest, response, parsed ?? (request as NodeRequest).body));
  };
}

/** How long the last answers may take to arrive when a listener closes. */
const LAST_ANSWERS_MS = 1_000;

/** @throws ConnectionError `NOT_OPEN` where the address cannot be listened at. */
export async function listen(endpoint: HttpEndpoint, options: ListenOptions): Promise<HttpListener> {
  const { port = 0, host = "127.0.0.1", path = "/mcp" } = options;
  const { maxHeaderBytes = 16_384, requestTimeoutMs = 30_000 } = options;
  const limits = {
    maxHeaderSize: maxHeaderBytes,
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(requestTimeoutMs, 5_000),
  };
  const answering = new WeakMap<Duplex, ServerResponse>();
  const listener = createListener(limits, (request, response) => {
    answering.set(request.socket, response);
    const exchange = createNodeExchange(request, response);
    if (exchange.target.split("?", 1)[0] === path) endpoint.handle(exchange);
    else if (!endpoint.publish(exchange))
      refuse(exchange, 404, RpcCode.InvalidRequest, `The endpoint is ${path}. Go there.`);
  });
  listener.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const response = answering.get(socket);
    // Into an answer that has begun nothing else may be written.
    if (socket.writable && (response === undefined || response.writableFinished || !response.headersSent))
      socket.end(unreadable(error.code, limits.maxHeaderSize));
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    listener.once("error", (cause) => {
      const problem = `Listening at ${host}:${port} failed: ${cause.message}.`;
      reject(new ConnectionError("NOT_OPEN", problem, "Choose another port or host.", cause));
    });
    listener.listen(port, host, resolve);
  });
  const { port: bound } = listener.address() as AddressInfo;
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${name}:${bound}${path}`,
    port: bound,
    async close() {
      await endpoint.close();
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      // What was answered last gets time to arrive; idle connections would hold the listener open.
      const idle = setInterval(() => listener.closeIdleConnections(), 20);
      const late = setTimeout(() => listener.closeAllConnections(), LAST_ANSWERS_MS);
      await closed;
      clearInterval(idle);
      clearTimeout(late);
    },
  };
}

/** The whole answer to bytes that never became a request, in the form of every other refusal. */
function unreadable(code: string | undefined, maxHeaderBytes: number): string {
  let [status, message] = ["400 Bad Request", "This is no HTTP request. Send HTTP/1.1."];
  if (code === "HPE_HEADER_OVERFLOW") {
    status = "431 Request Header Fields Too Large";
    message = `The headers have more than ${maxHeaderBytes} bytes. Send less.`;
  } else if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    status = "408 Request Timeout";
    message = "The request did not come in time. Send it again.";
  }
  const body = JSON.stringify({ jsonrpc: "2.0", error: { code: RpcCode.InvalidRequest, message } });
  const headers = `Connection: close\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}`;
  return `HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`;
}

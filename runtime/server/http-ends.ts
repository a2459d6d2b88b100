/** The ways of a server to HTTP, loaded when the first of them is used: who serves stdio carries nothing of it. */

import { McpWireError } from "../errors.js";
import type { HttpEndpoint, HttpOptions } from "../protocol/http-endpoint.js";
import type { HttpListener, ListenOptions, NodeHandler } from "./serve-http.js";
import { beginSession, type SessionParts } from "./session.js";

/** The members of a server that serve HTTP. */
export interface HttpEnds {
  serveHttp(options?: ListenOptions): Promise<HttpListener>;
  toNodeHandler(options?: HttpOptions): NodeHandler;
  toFetchHandler(options?: HttpOptions): (request: Request) => Promise<Response>;
}

/** @param given what sessions share; over HTTP, another process may get what this one sealed. */
export function createHttpEnds(given: SessionParts): HttpEnds {
  const parts = given.randomKey ? withWarning(given) : given;
  const openEndpoint = async (options: HttpOptions | undefined): Promise<HttpEndpoint> => {
    const { createHttpEndpoint } = await import("../protocol/http-endpoint.js");
    const endpoint = createHttpEndpoint(
      {
        selection: parts.selection,
        facts: parts.facts,
        begin: (channel, served) => beginSession(channel, parts, served).session,
      },
      options,
    );
    parts.endpoints.add(endpoint);
    return endpoint;
  };
  return {
    async serveHttp(options = {}) {
      const [endpoint, { listen }] = await Promise.all([openEndpoint(options), import("./serve-http.js")]);
      parts.endpoints.delete(endpoint);
      const listener = await listen(endpoint, options);
      const close = async (): Promise<void> => {
        parts.endpoints.delete(held);
        await listener.close();
      };
      // Closing the server closes the listener, not only what came through it.
      const held = { close };
      parts.endpoints.add(held);
      return { ...listener, close };
    },
    toNodeHandler(options) {
      const loaded = Promise.all([openEndpoint(options), import("./serve-http.js")]);
      let handler: NodeHandler | undefined;
      const ready = loaded.then(([endpoint, { createNodeHandler }]) => {
        handler = createNodeHandler(endpoint);
        return handler;
      });
      return (request, response, body) => {
        if (handler !== undefined) handler(request, response, body);
        else ready.then((now) => now(request, response, body), parts.facts.report);
      };
    },
    toFetchHandler(options) {
      const loaded = Promise.all([openEndpoint(options), import("../transport/http-fetch.js")]);
      return async (request) => {
        if (!(request instanceof Request))
          throw new McpWireError("INVALID_USE", "The handler was given no Request.", "Use `toNodeHandler` for Node's.");
        const [endpoint, { createFetchExchange }] = await loaded;
        const { exchange, response } = createFetchExchange(request);
        endpoint.handle(exchange);
        return await response;
      };
    },
  };
}

/** A retry may reach another process, or this one after a restart: told once, when it first matters. */
function withWarning(parts: SessionParts): SessionParts {
  let told = false;
  return {
    ...parts,
    sealer() {
      if (!told) {
        told = true;
        const problem = "What handlers were told is sealed with a random key, which no other process can open.";
        parts.facts.report(
          new McpWireError("RANDOM_KEY", problem, "Give `requestState.keys` where there may be several."),
        );
      }
      return parts.sealer();
    },
  };
}

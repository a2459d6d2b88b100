/** The ways of a server to HTTP; loaded when the first of them is used, since who serves stdio needs nothing of it. */

import { McpWireError, toWireError } from "../errors.js";
import { noAuthentication } from "../protocol/http-access.js";
import { createHttpEndpoint, type HttpEndpoint } from "../protocol/http-endpoint.js";
import type { HttpOptions } from "../protocol/http-options.js";
import { createFetchExchange } from "../transport/http-fetch.js";
import { joinRelay } from "./event-relay.js";
import { createServerScopes } from "./scopes.js";
import { createNodeHandler, type HttpListener, type ListenOptions, listen, type NodeHandler } from "./serve-http.js";
import { beginSession, type SessionParts } from "./session.js";

export type FetchHandler = (request: Request) => Promise<Response>;

/** Listens at an address. @throws McpWireError `NO_AUTHENTICATION` where scopes are named that nobody would judge. */
export async function serveHttp(parts: SessionParts, options: ListenOptions = {}): Promise<HttpListener> {
  const named = createServerScopes(parts).all();
  if (named.length > 0 && options.authenticate === undefined) throw noAuthentication(named);
  const endpoint = openEndpoint(parts, options);
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
}

/** What is answered where HTTP cannot be served, as with options that are of no use: nothing else is there that could answer. */
const BROKEN = '{"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error"}}';
const BROKEN_TYPE = { "Content-Type": "application/json" };

/** Answers what a listener of somebody else hands on. */
export function nodeHandler(parts: SessionParts, options: HttpOptions | undefined): NodeHandler {
  const endpoint = openOrReport(parts, options);
  if (endpoint !== undefined) return createNodeHandler(endpoint);
  return (_request, response) => void response.writeHead(500, BROKEN_TYPE).end(BROKEN);
}

/** Answers the requests of the web. The handler throws McpWireError `INVALID_USE` for what is none. */
export function fetchHandler(parts: SessionParts, options: HttpOptions | undefined): FetchHandler {
  const endpoint = openOrReport(parts, options);
  if (endpoint === undefined) return async () => new Response(BROKEN, { status: 500, headers: BROKEN_TYPE });
  return async (request) => {
    if (!(request instanceof Request))
      throw new McpWireError("INVALID_USE", "The handler was given no Request.", "Use `toNodeHandler` for Node's.");
    const { exchange, response } = createFetchExchange(request);
    endpoint.handle(exchange);
    return await response;
  };
}

/** The handler was given out already, so there is nobody to throw to. */
function openOrReport(parts: SessionParts, options: HttpOptions | undefined): HttpEndpoint | undefined {
  try {
    return openEndpoint(parts, options);
  } catch (error) {
    parts.facts.report(toWireError(error, "Beginning to serve HTTP"));
    return undefined;
  }
}

function openEndpoint(given: SessionParts, options: HttpOptions | undefined): HttpEndpoint {
  const parts = given.randomKey ? withWarning(given) : given;
  const { selection, facts } = parts;
  const relay = options?.bus === undefined ? undefined : joinRelay(given, options.bus);
  const all = relay === undefined ? parts : { ...parts, sessions: relay.sessions };
  const begin: Parameters<typeof createHttpEndpoint>[0]["begin"] = (channel, served, createId) =>
    beginSession(channel, all, served, createId).session;
  const scopes = createServerScopes(parts);
  let endpoint: HttpEndpoint;
  try {
    endpoint = createHttpEndpoint({ selection, facts, begin, scopes }, options);
  } catch (error) {
    relay?.leave();
    throw error;
  }
  const close = endpoint.close.bind(endpoint);
  if (relay !== undefined)
    endpoint.close = async () => {
      await close();
      relay.leave();
    };
  parts.endpoints.add(endpoint);
  return endpoint;
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
        const wayOut = "Give `requestState.keys` where there may be several.";
        parts.facts.report(new McpWireError("RANDOM_KEY", problem, wayOut));
      }
      return parts.sealer();
    },
  };
}

/**
 * One request to addresses that were checked: the name is resolved once, every address of it must be allowed, and the connection goes to
 * these and to no others, while TLS and `Host` keep the name (SEC-24). So a name that changes its mind in between gains nothing.
 */

import { lookup } from "node:dns/promises";
import * as http from "node:http";
import * as https from "node:https";
import { type BlockList, isIP, type LookupFunction } from "node:net";
import { ConnectionError, McpWireError } from "../errors.js";
import { addressKind, createNetworks, holds } from "./addresses.js";
import { late } from "./deadline.js";
import type { Hop, Limits } from "./hop.js";
import { isLoopbackHost, refused, shownUrl } from "./url.js";

export interface Arrived {
  readonly message: http.IncomingMessage;
  /** Whether it came from a loopback address. */
  readonly loopback: boolean;
}

/** Sends one request; resolves with what arrived, its body still to be read. */
export async function exchange(hop: Hop, limits: Limits): Promise<Arrived> {
  const { url, deadline } = hop;
  const { connectTimeoutMs } = limits;
  const timer = setTimeout(() => deadline.abort(late(url, "was not connected", connectTimeoutMs)), connectTimeoutMs);
  try {
    const { addresses, loopback } = await unlessAborted(deadline.signal, checkedAddresses(hop, limits));
    const message = await send(hop, limits, addresses, () => clearTimeout(timer));
    return { message, loopback };
  } finally {
    clearTimeout(timer);
  }
}

/** What failed on the way, told without the query of the URL. */
export function requestFailed(url: URL, cause: unknown): McpWireError {
  if (cause instanceof McpWireError) return cause;
  const { code, message } = cause as { code?: string; message?: string };
  const problem = `The request to ${shownUrl(url)} failed: ${message || code || String(cause)}.`;
  return new ConnectionError("REQUEST_FAILED", problem, "Look whether the server runs and can be reached.", cause);
}

interface Checked {
  readonly addresses: readonly string[];
  readonly loopback: boolean;
}

async function checkedAddresses({ url, allowLoopback }: Hop, limits: Limits): Promise<Checked> {
  const name = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = isIP(name) === 0 ? await resolve(name, url, limits) : [name];
  const allowed = limits.allowNetworks === undefined ? undefined : readNetworks(limits.allowNetworks);
  const kinds = addresses.map((address) => kindOf(address, allowed));
  const loopback = kinds.every((kind) => kind === "loopback");
  const wrong = kinds.find((kind) => kind !== "public" && !(allowLoopback && loopback));
  // The address itself stays untold: a message may come back to whoever supplied the name.
  if (wrong !== undefined) throw refused(url, `leads to an address that is not public (${wrong})`, wayOutOf(wrong));
  if (url.protocol === "http:" && !loopback) throw refused(url, "is without encryption", "Only https: is used.");
  return { addresses, loopback };
}

function wayOutOf(kind: string): string {
  return kind === "loopback"
    ? "Set `allowLoopback` where the server that supplied it runs on this machine."
    : "Name its network in `allowNetworks` if it is yours.";
}

function kindOf(address: string, allowed: BlockList | undefined): string {
  return allowed !== undefined && holds(allowed, address) ? "public" : addressKind(address);
}

function readNetworks(networks: readonly string[]): BlockList {
  try {
    return createNetworks(networks);
  } catch (cause) {
    const problem = "`allowNetworks` has a member that is no network.";
    throw new McpWireError("INVALID_USE", problem, "Write each as address/bits, such as 10.1.0.0/16.", cause);
  }
}

async function resolve(
  name: string,
  url: URL,
  { resolve: given = systemAddresses }: Limits,
): Promise<readonly string[]> {
  let addresses: readonly string[];
  try {
    addresses = await given(name);
  } catch (cause) {
    throw requestFailed(url, cause);
  }
  if (addresses.length > 0) return addresses;
  throw new ConnectionError("REQUEST_FAILED", `The host ${name} has no address.`, "Look whether its name is right.");
}

async function systemAddresses(name: string): Promise<readonly string[]> {
  // Not every system knows the names below localhost, and no other answer could be right.
  if (isLoopbackHost(name)) return ["127.0.0.1", "::1"];
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
}

function send(
  hop: Hop,
  limits: Limits,
  addresses: readonly string[],
  connected: () => void,
): Promise<http.IncomingMessage> {
  const { url, method, body, deadline } = hop;
  const { request } = url.protocol === "https:" ? https : http;
  const name = url.hostname.replace(/^\[|\]$/g, "");
  return new Promise((fulfil, reject) => {
    const outgoing = request({
      protocol: url.protocol,
      hostname: name,
      port: url.port,
      path: url.pathname + url.search,
      method,
      headers: headersOf(hop),
      // A connection of a pool might have been made for somebody else's reasons.
      agent: false,
      lookup: lookupOf(addresses),
      // What the environment of the process says of TLS and of lenient parsing does not count here.
      rejectUnauthorized: true,
      insecureHTTPParser: false,
      maxHeaderSize: 16_384,
      ...(isIP(name) === 0 ? { servername: name.replace(/\.$/, "") } : {}),
      ...(limits.ca === undefined ? {} : { ca: [limits.ca].flat() }),
    });
    const fail = (cause: unknown): void => {
      deadline.signal.removeEventListener("abort", onAbort);
      reject(deadline.signal.aborted ? deadline.signal.reason : requestFailed(url, cause));
    };
    const onAbort = (): void => void outgoing.destroy(new Error("given up"));
    outgoing.on("socket", (socket) => socket.once(url.protocol === "https:" ? "secureConnect" : "connect", connected));
    outgoing.on("error", fail);
    // Also where the server switches to another protocol, or says nothing at all.
    outgoing.on("close", () => fail(new Error("the connection ended without an answer")));
    outgoing.on("response", (message) => fulfil(message));
    if (deadline.signal.aborted) onAbort();
    else deadline.signal.addEventListener("abort", onAbort, { once: true });
    outgoing.end(body);
  });
}

/** Headers as Node takes them, without those that are about the connection, which is not the caller's. */
function headersOf({ headers, body, method }: Hop): Record<string, string> {
  const result: Record<string, string> = { accept: "*/*", "user-agent": "mcpwire", "accept-encoding": "identity" };
  for (const [name, value] of headers) if (!CONNECTION.has(name)) result[name] = value;
  if (body !== undefined || method === "POST" || method === "PUT")
    result["content-length"] = String(body?.byteLength ?? 0);
  return { ...result, connection: "close" };
}

const CONNECTION = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Answers with the checked addresses, whatever name is asked for. */
function lookupOf(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_name, options, callback) => {
    const wanted =
      options.family === 4 || options.family === 6 ? found.filter((one) => one.family === options.family) : found;
    const [first] = wanted;
    if (options.all || first === undefined) callback(null, wanted);
    else callback(null, first.address, first.family);
  };
}

/** What a promise gives, or the reason of the signal, whichever is first. */
function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((fulfil, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(fulfil, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

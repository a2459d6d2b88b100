/**
 * Receives the answer to a sign-in on this machine, for programs without a page of their own: a port of 127.0.0.1 that is open for one
 * answer. RFC 8252 section 7.3; requirements AUTH-32, AUTH-60, SEC-27.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AuthorizationError, McpWireError } from "../errors.js";
import { openUrl } from "../terminal/open-url.js";
import { type PageName, respondPage } from "./loopback-page.js";
import type { RedirectReceiver, RedirectRequest, RedirectVisit } from "./redirect.js";

export interface LoopbackOptions {
  /** Opens the sign-in page. Default: the browser of the system does. */
  readonly open?: (url: URL) => unknown;
  /** Told the address of the page, to be shown. With it, a page that cannot be opened is waited for: the person may open it by hand. */
  readonly onurl?: (url: URL) => void;
  /** Where to listen, for clients that are registered with that port. Default: any port that is free. */
  readonly port?: number;
  /** The path of the redirect URI. Default `/callback`. */
  readonly path?: string;
  /** How long to wait for the person, in milliseconds. Default 300,000. */
  readonly timeoutMs?: number;
}

const HOST = "127.0.0.1";
const TIMEOUT_MS = 5 * 60_000;
/** Connections at once: a browser opens a few, for icons it hopes for. */
const MAX_CONNECTIONS = 20;
/** How long the last page may take to be sent, in milliseconds. */
const LAST_PAGE_MS = 1_000;

/**
 * Makes a receiver that listens on this machine for each sign-in, and stops when that is over.
 * @throws McpWireError `INVALID_USE` for a `path` that is none.
 */
export function createLoopbackRedirect(options: LoopbackOptions = {}): RedirectReceiver {
  const { path = "/callback" } = options;
  if (!/^\/[^\s?#]*$/.test(path) || new URL(`http://${HOST}${path}`).pathname !== path) {
    const problem = `The path ${JSON.stringify(path)} of the redirect URI is none.`;
    throw new McpWireError("INVALID_USE", problem, "Give one that begins with a slash, such as /callback.");
  }
  return {
    async begin(request) {
      const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 });
      server.maxConnections = MAX_CONNECTIONS;
      const port = await listen(server, options.port, portOf(request.preferred, path));
      return new LoopbackVisit(server, `http://${HOST}:${port}${path}`, request, options);
    },
  };
}

/** The port of an earlier redirect URI, which spares a registration where it is free. */
function portOf(preferred: string | undefined, path: string): number | undefined {
  if (preferred === undefined || !URL.canParse(preferred)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(preferred);
  return protocol === "http:" && hostname === HOST && pathname === path && port !== "" ? Number(port) : undefined;
}

async function listen(server: Server, fixed: number | undefined, preferred: number | undefined): Promise<number> {
  if (fixed === undefined && preferred !== undefined) {
    try {
      return await listenAt(server, preferred);
    } catch {
      // Somebody else has it by now: any other will do.
    }
  }
  try {
    return await listenAt(server, fixed ?? 0);
  } catch (cause) {
    const where = fixed === undefined ? "a free port" : `port ${fixed}`;
    const problem = `Listening for the answer to the sign-in on ${where} of ${HOST} failed: ${(cause as Error).message}.`;
    throw new AuthorizationError("SIGN_IN_ABORTED", problem, "Look who uses the port, or leave `port` out.", { cause });
  }
}

function listenAt(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: HOST, port, exclusive: true }, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

class LoopbackVisit implements RedirectVisit {
  readonly redirectUri: string;
  readonly #server: Server;
  readonly #request: RedirectRequest;
  readonly #options: LoopbackOptions;
  readonly #answered: Promise<URL>;
  #answer: (url: URL) => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  /** The browser that brought the answer, which is told in the end what came of it. */
  #waiting: ServerResponse | undefined = undefined;
  #spent = false;

  constructor(server: Server, redirectUri: string, request: RedirectRequest, options: LoopbackOptions) {
    this.redirectUri = redirectUri;
    this.#server = server;
    this.#request = request;
    this.#options = options;
    this.#answered = new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#fail = reject;
    });
    // It may fail before anybody waits.
    this.#answered.catch(() => undefined);
    server.on("request", (incoming, response) => this.#receive(incoming, response));
  }

  async open(url: URL): Promise<URL> {
    const { timeoutMs = TIMEOUT_MS } = this.#options;
    const { signal } = this.#request;
    const abort = (): void => this.#fail(signal.reason);
    const timer = setTimeout(() => this.#fail(tooLate(timeoutMs)), Math.min(timeoutMs, 0x7fff_ffff));
    signal.addEventListener("abort", abort, { once: true });
    try {
      signal.throwIfAborted();
      await Promise.race([opened(this.#options, url), this.#answered]);
      return await this.#answered;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }

  async close(error?: unknown): Promise<void> {
    const response = this.#waiting;
    this.#waiting = undefined;
    if (response !== undefined) {
      const sent = new Promise((resolve) => response.once("close", resolve));
      respondPage(response, pageFor(error));
      await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, LAST_PAGE_MS).unref())]);
    }
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #receive(incoming: IncomingMessage, response: ServerResponse): void {
    const answer = this.#read(incoming);
    if (typeof answer === "string") {
      respondPage(response, answer);
      return;
    }
    this.#spent = true;
    this.#waiting = response;
    this.#answer(answer);
  }

  /** The answer to the sign-in, or the page for what is none. */
  #read({ headers, method, url: target = "" }: IncomingMessage): URL | PageName {
    const own = new URL(this.redirectUri);
    // Pages elsewhere may know the port, but not that their name does not lead here.
    if (headers.host !== own.host || !URL.canParse(target, own.href)) return "elsewhere";
    const url = new URL(target, own.href);
    if (url.origin !== own.origin || url.pathname !== own.pathname) return "elsewhere";
    if (method !== "GET") return "method";
    const states = url.searchParams.getAll("state");
    if (states.length !== 1 || states[0] !== this.#request.state) return "stranger";
    return this.#spent ? "spent" : url;
  }
}

async function opened({ open = openUrl, onurl }: LoopbackOptions, url: URL): Promise<void> {
  onurl?.(url);
  try {
    await open(url);
  } catch (error) {
    if (onurl === undefined) throw error;
  }
  // That it was shown says nothing yet of the answer.
  await new Promise<never>(() => undefined);
}

function pageFor(error: unknown): PageName {
  if (error === undefined) return "done";
  return error instanceof AuthorizationError && error.code === "SIGN_IN_REFUSED" ? "refused" : "failed";
}

function tooLate(timeoutMs: number): AuthorizationError {
  const problem = `Nobody signed in within ${Math.round(timeoutMs / 1_000)} s.`;
  return new AuthorizationError("SIGN_IN_ABORTED", problem, "Try again, or raise `timeoutMs`.");
}

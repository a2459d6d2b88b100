/** Puts the parts together: the options of an application, and the object that authorizes its requests. */

import { AuthorizationError } from "../errors.js";
import { stateOf } from "./authorization-code.js";
import { type ResourceFetch, type ResourceInit, type StepUps, sendAuthorized } from "./authorized-fetch.js";
import { type Demand, readDemand } from "./challenge.js";
import { requireDocumentUrl } from "./client-document.js";
import type { Place } from "./discovery.js";
import { type DpopKey, openDpopKey } from "./dpop.js";
import { type FlowSettings, type FlowState, takePending } from "./flow.js";
import type { Grant } from "./grant.js";
import { defaultFetch, type Outbound, type OutboundFetch } from "./outbound.js";
import type { Redirect } from "./redirect.js";
import { type ConfiguredClient, type Identity, identify, identifyOwner } from "./registration.js";
import { revokeTokens } from "./revocation.js";
import type { IssuerCheck } from "./server-metadata.js";
import { type Held, Session } from "./session.js";
import { type AuthStore, createKeep, createMemoryStore, type Keep } from "./store.js";
import { isLoopbackHost, shownUrl } from "./urls.js";

/** What an application says of itself, and how its people sign in. */
export interface AuthorizeOptions {
  /** How somebody is sent to the sign-in page, and how the answer comes back. Needed unless there is a `grant`. */
  readonly redirect?: Redirect;
  /** A way to a token that needs nobody. Default: somebody signs in. */
  readonly grant?: Grant;
  /** Where registrations, tokens and keys are kept. Default: in memory. */
  readonly store?: AuthStore;
  /** The name that people are shown where the client registers itself. Default `MCP client`. */
  readonly clientName?: string;
  /** A page about the client, for registration. */
  readonly clientUri?: string;
  /** The URL of the client's own document, which is its id where the authorization server takes that. */
  readonly clientMetadataUrl?: string;
  /** The client as authorization servers know it already: one, or one for each issuer. */
  readonly client?: ConfiguredClient | readonly ConfiguredClient[];
  /** What kind of application registers. Default: `web` where the redirect URI is that of a web site, else `native`. */
  readonly applicationType?: "native" | "web";
  /** Scopes to ask for from the start, in place of all that the server publishes. What the server says it needs is asked for as well. */
  readonly scopes?: readonly string[];
  /** Whether to ask for a refresh token where the authorization server has a scope for that. Default true. */
  readonly offlineAccess?: boolean;
  /** Whether tokens are bound to a key. Default `auto`: where the server wants it. */
  readonly dpop?: boolean | "auto";
  /** Chooses among several authorization servers. Default: the one of a configured client, else the first. */
  readonly chooseServer?: (issuers: readonly string[]) => string | Promise<string>;
  /** How strictly issuers are compared. Default `exact`. */
  readonly issuerCheck?: IssuerCheck;
  /** Used for metadata, registration and tokens in place of the guarded one, which goes to public addresses alone. */
  readonly fetch?: OutboundFetch;
  /** Used for the requests to the MCP server. Default: the platform's. */
  readonly resourceFetch?: ResourceFetch;
  /** Told how far an authorization is: names of states, without anything secret. */
  readonly onstep?: (at: FlowState["at"], server: URL) => void;
}

/** Authorizes requests to any number of MCP servers. */
export interface Authorization {
  /** The `fetch` for `connect({ url, fetch })`. Rejects with `AuthorizationError` where what a server asks for cannot be had. */
  readonly fetch: ResourceFetch;
  /**
   * Signs in before a request needs it, or again, with more scopes.
   * @throws AuthorizationError as `fetch`.
   */
  signIn(server: string | URL, options?: SignInOptions): Promise<SignedIn>;
  /**
   * Takes the answer to a sign-in that came to another place than `open`: the whole URL with its query.
   * @throws AuthorizationError `BAD_REDIRECT`, `SIGN_IN_REFUSED`, `GRANT_REFUSED`.
   */
  finish(answer: string | URL): Promise<SignedIn>;
  /**
   * Forgets the tokens of a server, and has them revoked where that is possible; gives whether they were.
   * @throws AuthorizationError `NOT_REVOKED`; they are forgotten all the same.
   */
  signOut(server: string | URL): Promise<boolean>;
  /** What is known of the authorization at a server, without the tokens; `undefined` where there is none. */
  status(server: string | URL): Promise<SignedIn | undefined>;
}

export interface SignInOptions {
  /** Scopes to ask for beside those that were asked for before. */
  readonly scopes?: readonly string[];
  readonly signal?: AbortSignal;
}

/** What there is at a server. */
export interface SignedIn {
  readonly server: string;
  readonly issuer: string;
  readonly resource: string;
  readonly clientId: string;
  /** What was granted, as far as that is known. */
  readonly scopes: readonly string[];
  /** In milliseconds since 1970; absent where it is not known. */
  readonly expiresAt?: number;
  readonly bound: boolean;
}

/**
 * Makes what authorizes the requests of a client. Nothing is sent before a server asks for it.
 * @throws McpWireError `INVALID_USE` for a `clientMetadataUrl` that no client may have.
 */
export function authorize(options: AuthorizeOptions = {}): Authorization {
  return new Authorizer(options);
}

class Authorizer implements Authorization {
  readonly fetch: ResourceFetch;
  readonly #options: AuthorizeOptions;
  readonly #settings: FlowSettings;
  readonly #keep: Keep;
  readonly #sessions = new Map<string, Session>();
  readonly #keys = new Map<string, Promise<DpopKey>>();
  readonly #stepUps: StepUps = new Map();

  constructor(options: AuthorizeOptions) {
    this.#options = options;
    this.#settings = settingsOf(options);
    this.#keep = createKeep(options.store ?? createMemoryStore());
    const fetch: ResourceFetch = options.resourceFetch ?? ((url, init) => globalThis.fetch(url, init));
    this.fetch = (url, init) => {
      const read = new URL(url);
      return sendAuthorized(read, init, this.#session(serverOf(read, init)), this.#stepUps, fetch);
    };
  }

  async signIn(server: string | URL, { scopes = [], signal }: SignInOptions = {}): Promise<SignedIn> {
    const url = new URL(server);
    const session = this.#session(url);
    const held = await session.ready(signal);
    const demand = await this.#ask(url, signal);
    const wanted = scopes.length === 0 ? demand.scopes : [...(demand.scopes ?? []), ...scopes];
    const asked = { ...demand, error: undefined, scopes: wanted };
    const renewal = { demand: asked, refused: held, interactive: true, anew: true };
    return signedIn(url, await session.begin(renewal, scopes, signal));
  }

  async finish(answer: string | URL): Promise<SignedIn> {
    const url = new URL(answer);
    const state = stateOf(url);
    const pending = await takePending(state, this.#keep);
    const server = new URL(pending.url);
    return signedIn(server, await this.#session(server).resume({ at: "visited", pending, state, answer: url }));
  }

  async signOut(server: string | URL): Promise<boolean> {
    const url = new URL(server);
    const held = await this.#session(url).forget();
    if (held === undefined) return false;
    const outbound = this.#outbound(url, new AbortController().signal);
    const { place, tokens } = held;
    const { identity } = this.#settings;
    const client = async (): Promise<Identity> =>
      (await identifyOwner(place.server, identity, tokens, this.#keep, outbound)) ??
      (await identify(place.server, identity, undefined, this.#keep, outbound));
    return await revokeTokens(place, tokens, client, outbound);
  }

  async status(server: string | URL): Promise<SignedIn | undefined> {
    const url = new URL(server);
    const held = await this.#session(url).peek();
    return held === undefined ? undefined : signedIn(url, held);
  }

  /** What the server asks for where nothing is presented to it. */
  async #ask(url: URL, signal: AbortSignal | undefined): Promise<Demand> {
    const fetch: ResourceFetch = this.#options.resourceFetch ?? ((where, init) => globalThis.fetch(where, init));
    const controller = new AbortController();
    const headers = new Headers({ accept: "text/event-stream" });
    const ending = signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]);
    try {
      const response = await fetch(url.href, { method: "GET", headers, signal: ending, redirect: "manual" });
      return readDemand(response.headers, this.#settings.dpop === true);
    } catch (cause) {
      signal?.throwIfAborted();
      const problem = `GET ${shownUrl(url)} failed.`;
      throw new AuthorizationError("UNREACHABLE", problem, "Look whether the MCP server can be reached.", { cause });
    } finally {
      controller.abort();
    }
  }

  #session(url: URL): Session {
    // Queries may hold secrets, and do not change who gives tokens.
    const bare = new URL(url.origin + url.pathname);
    const known = this.#sessions.get(bare.href);
    if (known !== undefined) return known;
    const session = new Session({
      url: bare,
      settings: this.#settings,
      keep: this.#keep,
      outbound: (signal) => this.#outbound(bare, signal),
      key: (server) => this.#key(server),
    });
    this.#sessions.set(bare.href, session);
    return session;
  }

  #outbound(url: URL, signal: AbortSignal): Outbound {
    const allowLoopback = isLoopbackHost(url.hostname);
    return { allowLoopback, fetch: this.#options.fetch ?? defaultFetch(allowLoopback), signal };
  }

  #key(server: Place["server"]): Promise<DpopKey> {
    const { issuer } = server;
    const opening = this.#keys.get(issuer) ?? openDpopKey(issuer, server.dpop_signing_alg_values_supported, this.#keep);
    this.#keys.set(issuer, opening);
    opening.catch(() => this.#keys.delete(issuer));
    return opening;
  }
}

/** Whose tokens a request takes: a token goes to no other origin than that of its server, whatever is said. */
function serverOf(url: URL, { server }: ResourceInit): URL {
  const named = server === undefined ? url : new URL(server);
  return named.origin === url.origin ? named : url;
}

function settingsOf(options: AuthorizeOptions): FlowSettings {
  const { client = [], clientMetadataUrl, clientName = "MCP client", clientUri } = options;
  const clients = Array.isArray(client) ? (client as readonly ConfiguredClient[]) : [client as ConfiguredClient];
  if (clientMetadataUrl !== undefined) requireDocumentUrl(clientMetadataUrl);
  const preferred = (issuers: readonly string[]): string =>
    issuers.find((issuer) => clients.some((one) => one.issuer === issuer)) ?? issuers[0] ?? "";
  return {
    discovery: { issuerCheck: options.issuerCheck ?? "exact", choose: options.chooseServer ?? preferred },
    identity: {
      clients,
      clientMetadataUrl,
      facts: {
        clientName,
        applicationType: options.applicationType,
        ...(clientUri === undefined ? {} : { clientUri }),
      },
    },
    redirect: options.redirect,
    grant: options.grant,
    scopes: options.scopes,
    offlineAccess: options.offlineAccess ?? true,
    dpop: options.dpop ?? "auto",
    onstep: (at, server) => options.onstep?.(at, server),
  };
}

function signedIn(server: URL, { tokens }: Held): SignedIn {
  const { issuer, resource, clientId, scopes, expiresAt, tokenType } = tokens;
  const bound = tokenType === "dpop";
  const facts = { server: server.origin + server.pathname, issuer, resource, clientId, scopes, bound };
  return expiresAt === undefined ? facts : { ...facts, expiresAt };
}

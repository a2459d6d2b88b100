/**
 * A resource server: looks at the token of each request, judges scopes, and publishes where tokens are to be had. What it gives is what a
 * server's HTTP ends take as `authenticate`. Authorization, resource server duties; requirements AUTH-16 to AUTH-18, AUTH-70, AUTH-74 to AUTH-78,
 * AUTH-95 to AUTH-101, SEC-12, SEC-32.
 */

import { loggable, McpWireError } from "../../errors.js";
import { readUrl } from "./addresses.js";
import { createTokenCache } from "./cache.js";
import { KnownCaller } from "./caller.js";
import { type ChallengeParts, challenge, type Refusal } from "./challenge.js";
import {
  type Caller,
  invalidToken,
  isLater,
  type NamedScopes,
  type ResourceAnswer,
  type ResourceRequest,
  type TokenClaims,
  type TokenVerifier,
  unverifiable,
  type VerifyToken,
  wrongUse,
} from "./contract.js";
import { type Credentials, isToken, readCredentials } from "./credentials.js";
import { digest } from "./digest.js";
import { createProofs, type DpopOptions } from "./dpop.js";
import { metadataPath, publishDocument, type ResourceMetadata } from "./metadata.js";

/** What is protected, by whom tokens are given out, and how they are judged. */
export interface ResourceServerOptions {
  /** The identifier of this server: the URL that clients know it by. Tokens have to name it as their audience, character for character. */
  readonly resource: string;
  /** Issuers that give out tokens for it; one or more. */
  readonly authorizationServers: readonly string[];
  /** Finds out what a token says: `createJwtVerifier`, `createIntrospectionVerifier`, or a function of your own. */
  readonly verify: TokenVerifier | VerifyToken;
  /** Values of which a token has to have one as its audience. Default: `resource` alone. */
  readonly audience?: readonly string[];
  /** Scopes to ask for at first, told to who comes without a token. Default: those that the server needs for every request. */
  readonly initialScopes?: readonly string[];
  /** Scopes to publish beside those that definitions name. Default: none. */
  readonly scopesSupported?: readonly string[];
  /** What a scope includes beside itself, such as `{ files: ["files:read", "files:write"] }`. Default: nothing. */
  readonly implies?: Readonly<Record<string, readonly string[]>>;
  /**
   * Whether a challenge for more repeats the scopes that the token has (`"granted"`), which clients that ask for exactly what they are told
   * would lose, or names those of the operation alone (`"needed"`). Default `"granted"`.
   */
  readonly challengeScopes?: "granted" | "needed";
  /** Whether requests without a token are let in, for what needs no scopes. Default false. */
  readonly anonymous?: boolean;
  /** What is asked of proofs of possession; clients are told of them where this is given. Default: tokens that are bound are proven. */
  readonly dpop?: DpopOptions;
  /** Names who calls. Default: issuer, subject and client together. */
  readonly principal?: (claims: TokenClaims) => string;
  /** Further members of the metadata document, such as `resource_name`. Default: none. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Seconds by which clocks may differ. Default 5. */
  readonly clockToleranceS?: number;
  /** Characters that a token may have. Default 8 192. */
  readonly maxTokenLength?: number;
  /** Tokens that are remembered after they were verified, for as long as their verifier says. Default 10 000. */
  readonly maxCachedTokens?: number;
  /** Told where tokens could not be judged, which callers are told as 503. Default: written to stderr. */
  readonly onerror?: (error: McpWireError) => void;
}

/** What `serveHttp`, `toNodeHandler` and `toFetchHandler` take as `authenticate`. */
export interface ResourceServer {
  /** Where the metadata document lies. */
  readonly metadataUrl: string;
  /** The document as it is now: its scopes are those of the servers that use this one. */
  metadata(): ResourceMetadata;
  /** Answers requests for the document, for frameworks with the Fetch API. */
  metadataFetch(request: Request): Response;
  /** The same for frameworks on `node:http`. */
  metadataNode(request: { readonly method?: string | undefined }, response: NodeAnswer): void;
  authenticate(
    request: ResourceRequest,
    scopes: NamedScopes,
  ): Caller | ResourceAnswer | undefined | Promise<Caller | ResourceAnswer | undefined>;
  authorize(caller: unknown, needed: readonly string[]): ResourceAnswer | undefined;
  publish(request: ResourceRequest): ResourceAnswer | undefined;
  attach(scopes: NamedScopes): void;
}

/** What of a response of `node:http` is used. */
export interface NodeAnswer {
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
}

/**
 * Makes a resource server.
 * @throws McpWireError `INVALID_USE` for addresses that are not https (or http on this machine), and where no authorization server is named.
 */
export function createResourceServer(options: ResourceServerOptions): ResourceServer {
  return new Guardian(options);
}

type Token = Extract<Credentials, { kind: "token" }>;

/** Not for clients: whether a refresh token will come is between them and the authorization server (AUTH-91). */
const OFFLINE = "offline_access";

class Guardian implements ResourceServer {
  readonly metadataUrl: string;
  readonly #options: ResourceServerOptions;
  /** Clients ask with and without the slash at the end of a resource. */
  readonly #paths: ReadonlySet<string>;
  readonly #verify: VerifyToken;
  readonly #cache: ReturnType<typeof createTokenCache>;
  readonly #proofs: ReturnType<typeof createProofs>;
  readonly #rules: ConstructorParameters<typeof KnownCaller>[1];
  readonly #attached: NamedScopes[] = [];

  readonly metadataFetch: ResourceServer["metadataFetch"] = (request) => {
    const { status, headers, body } = publishDocument(asked(request.method), () => this.metadata());
    return new Response(status === 204 ? null : body, { status, headers });
  };

  readonly metadataNode: ResourceServer["metadataNode"] = (request, response) => {
    const { status, headers, body } = publishDocument(asked(request.method), () => this.metadata());
    response.writeHead(status, headers);
    response.end(body);
  };

  constructor(options: ResourceServerOptions) {
    const url = readUrl(options.resource, "resource");
    if (url.search !== "") throw wrongUse("The resource has a query.", "Name it by its path alone.");
    if (options.authorizationServers.length === 0)
      throw wrongUse("No authorization server is named.", "Name the issuers that clients get tokens from.");
    for (const issuer of options.authorizationServers) readUrl(issuer, "issuer");
    const { verify, audience = [options.resource], clockToleranceS = 5, implies = {} } = options;
    this.#options = options;
    const path = metadataPath(url);
    const bare = path.replace(/\/$/, "");
    this.#paths = new Set([bare, `${bare}/`]);
    this.metadataUrl = url.origin + path;
    this.#verify = typeof verify === "function" ? verify : (token) => verify.verify(token);
    this.#cache = createTokenCache(
      typeof verify === "function" ? 0 : verify.cacheMs,
      options.maxCachedTokens ?? 10_000,
    );
    this.#proofs = createProofs(url.origin, options.dpop);
    this.#rules = { audience: new Set(audience), clockToleranceS, implies, principal: options.principal };
  }

  metadata(): ResourceMetadata {
    const { resource, authorizationServers, scopesSupported = [], dpop, metadata } = this.#options;
    const named = [...scopesSupported, ...this.#attached.flatMap((scopes) => scopes.all())];
    const scopes = [...new Set(named)].filter((scope) => scope !== OFFLINE);
    return {
      resource,
      authorization_servers: authorizationServers,
      ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
      bearer_methods_supported: ["header"],
      ...(dpop === undefined ? {} : { dpop_signing_alg_values_supported: this.#proofs.algorithms }),
      ...(dpop?.required === true ? { dpop_bound_access_tokens_required: true } : {}),
      ...metadata,
    };
  }

  publish(request: ResourceRequest): ResourceAnswer | undefined {
    const [path = ""] = request.target.split("?", 1);
    if (!this.#paths.has(path)) return undefined;
    return publishDocument(request, () => this.metadata());
  }

  attach(scopes: NamedScopes): void {
    this.#attached.push(scopes);
  }

  authenticate(
    request: ResourceRequest,
    scopes: NamedScopes,
  ): KnownCaller | ResourceAnswer | undefined | Promise<KnownCaller | ResourceAnswer | undefined> {
    const given = readCredentials(request);
    if (given.kind === "malformed")
      return this.#refuse({ status: 400, error: "invalid_request", description: given.why });
    if (given.kind === "none") {
      if (this.#options.anonymous === true) return undefined;
      return this.#refuse({ status: 401, scopes: this.#initial(scopes.base) });
    }
    if (given.token.length > (this.#options.maxTokenLength ?? 8_192))
      return this.#refuseToken(invalidToken("The token is too long."), given, scopes);
    const key = digest(given.token);
    if (typeof key !== "string") return key.then((later) => this.#judge(request, given, later, scopes));
    return this.#judge(request, given, key, scopes);
  }

  authorize(caller: unknown, needed: readonly string[]): ResourceAnswer | undefined {
    if (!(caller instanceof KnownCaller)) return this.#refuse({ status: 401, scopes: needed });
    if (KnownCaller.holds(caller, needed)) return undefined;
    const more = this.#options.challengeScopes === "needed" ? [] : caller.scopes;
    const scopes = [...new Set([...needed, ...more])].filter((scope) => scope !== OFFLINE);
    const description = `This needs ${needed.join(" ")}.`;
    const scheme = KnownCaller.thumbprint(caller) === undefined ? "Bearer" : "DPoP";
    return this.#refuse({ status: 403, error: "insufficient_scope", description, scopes }, scheme);
  }

  #judge(
    request: ResourceRequest,
    given: Token,
    key: string,
    scopes: NamedScopes,
  ): KnownCaller | ResourceAnswer | Promise<KnownCaller | ResourceAnswer> {
    const caller = this.#cache.get(key);
    if (caller !== undefined) return this.#prove(request, given, key, caller);
    if (!isToken(given.token)) {
      const description = "The Authorization header holds no single token.";
      return this.#refuse({ status: 400, error: "invalid_request", description });
    }
    const refuse = (error: unknown): ResourceAnswer => this.#refuseToken(error, given, scopes);
    let found: KnownCaller | Promise<KnownCaller>;
    try {
      found = this.#cache.need(key, () => this.#read(given.token));
    } catch (error) {
      return refuse(error);
    }
    if (!(found instanceof Promise)) return this.#prove(request, given, key, found);
    return found.then((later) => this.#prove(request, given, key, later), refuse);
  }

  /** At once where the verifier answers at once: a request that waits for nothing is carried out sooner. */
  #read(token: string): KnownCaller | Promise<KnownCaller> {
    const claims = this.#verify(token);
    return isLater(claims) ? Promise.resolve(claims).then((later) => this.#known(later)) : this.#known(claims);
  }

  #known(claims: TokenClaims | undefined): KnownCaller {
    if (claims === undefined) throw invalidToken("The token is not valid (any more).");
    return new KnownCaller(claims, this.#rules);
  }

  /** Whether who sends the token may use it. */
  #prove(
    request: ResourceRequest,
    { scheme }: Token,
    ath: string,
    caller: KnownCaller,
  ): KnownCaller | ResourceAnswer | Promise<KnownCaller | ResourceAnswer> {
    const thumbprint = KnownCaller.thumbprint(caller);
    const refuse = (description: string, how: "Bearer" | "DPoP"): ResourceAnswer =>
      this.#refuse({ status: 401, error: "invalid_token", description }, how);
    if (thumbprint === undefined) {
      if (scheme === "DPoP") return refuse("The token is bound to no key. Send it as Bearer.", "Bearer");
      if (this.#options.dpop?.required === true) return refuse("The token is bound to no key.", "DPoP");
      return caller;
    }
    if (scheme === "Bearer") return refuse("The token is bound to a key. Send it as DPoP, with a proof.", "DPoP");
    return this.#proofs.check(request, ath, thumbprint).then(
      (refusal) => (refusal === undefined ? caller : this.#refuse(refusal, "DPoP")),
      (error: unknown) => this.#unable(unverifiable("A proof could not be judged", error)),
    );
  }

  #initial(base: readonly string[]): readonly string[] {
    return (this.#options.initialScopes ?? base).filter((scope) => scope !== OFFLINE);
  }

  #refuseToken(error: unknown, { scheme }: Token, { base }: NamedScopes): ResourceAnswer {
    if (!(error instanceof McpWireError) || error.code !== "INVALID_TOKEN")
      return this.#unable(error instanceof McpWireError ? error : unverifiable("A token could not be verified", error));
    const refusal = {
      status: 401,
      error: "invalid_token",
      description: error.message,
      scopes: this.#initial(base),
    } as const;
    return this.#refuse(refusal, scheme);
  }

  /** The fault is on this side: a client must not throw its token away for it. */
  #unable(error: McpWireError): ResourceAnswer {
    if (this.#options.onerror === undefined) console.error(loggable(error.message));
    else this.#options.onerror(error);
    return {
      status: 503,
      headers: { "Retry-After": "5", "Content-Type": "application/json" },
      body: JSON.stringify({ error: "temporarily_unavailable" }),
    };
  }

  /** @param scheme how the token came, or should have come. */
  #refuse(refusal: Refusal, scheme?: "Bearer" | "DPoP"): ResourceAnswer {
    return challenge(refusal, this.#challengeParts(scheme));
  }

  #challengeParts(scheme: "Bearer" | "DPoP" | undefined): ChallengeParts {
    const { dpop } = this.#options;
    const offered =
      dpop === undefined
        ? (["Bearer"] as const)
        : dpop.required === true
          ? (["DPoP"] as const)
          : (["Bearer", "DPoP"] as const);
    return {
      metadataUrl: this.metadataUrl,
      schemes: scheme === undefined ? offered : [scheme],
      algorithms: this.#proofs.algorithms,
    };
  }
}

/** The document is asked for at an address that the framework knows. */
function asked(method = "GET"): ResourceRequest {
  return { method, target: "", header: () => undefined };
}

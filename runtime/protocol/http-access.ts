/**
 * Who may do what over HTTP: what authentication hands in, and the judgement of scopes that server, methods and definitions name. It comes
 * before anything is handed to an era, so that a refusal is an HTTP answer. Authorization, scopes; requirements AUTH-74 to AUTH-78, AUTH-96.
 */

import { McpWireError } from "../errors.js";
import type { HttpAccess, HttpExchange, HttpRequestInfo } from "../transport/http-exchange.js";
import type { ServerFacts } from "./era.js";

/** What authentication found out of a caller, beside whatever else it likes to hand to handlers as `ctx.origin.auth`. */
export interface Authenticated {
  /** Stable name of who calls. Sessions, tasks, and what clients carry between rounds, are good for this principal alone. */
  readonly principal: string;
  /** What the caller may do, in the words of the `scopes` of server and definitions. Default: nothing. */
  readonly scopes?: readonly string[];
}

/** An answer that ends the request. */
export interface HttpRefusal {
  /** Status of the answer, such as 401. */
  readonly status: number;
  /** Headers of the answer, such as `WWW-Authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Text of the answer. Default: none. */
  readonly body?: string;
}

/** The scopes that a server names; asked each time, since definitions come and go. */
export interface ServerScopes {
  /** What every request needs. */
  readonly base: readonly string[];
  /** Every scope that server, methods and definitions name, each once. */
  all(): readonly string[];
  /** What a message, or any message of a batch, needs beyond `base`. */
  needed(message: unknown): readonly string[];
}

type Found = Authenticated | HttpRefusal | undefined;

/** Says who calls, why not, or `undefined` for somebody who is not told apart. */
export type Authenticate = (request: HttpRequestInfo, scopes: ServerScopes) => Found | Promise<Found>;

/** Authentication that also judges scopes and answers what is public, such as `createResourceServer` of `mcpwire/auth/resource` makes it. */
export interface Authenticator {
  /** Looks at every request before its body is read. */
  readonly authenticate: Authenticate;
  /**
   * Gives the answer that refuses where the caller may not do what needs these scopes. `caller` is what `authenticate` gave. Default: each
   * has to be in the caller's `scopes`.
   */
  authorize?(caller: unknown, needed: readonly string[]): HttpRefusal | undefined;
  /** Answers what needs no authentication; `undefined` for everything else. Host and origin of the request were not looked at. */
  publish?(request: HttpRequestInfo, scopes: ServerScopes): HttpRefusal | undefined;
  /** Told once for each endpoint what the server's definitions name. */
  attach?(scopes: ServerScopes): void;
}

/** A server that names no scopes. */
export const NO_SCOPES: ServerScopes = { base: [], all: () => [], needed: () => [] };

/** What an endpoint does about callers. */
export interface Access extends HttpAccess {
  readonly authenticate: Authenticate | undefined;
  /** Answers a request for something public; `undefined` where it is none. */
  publish(request: HttpRequestInfo): HttpRefusal | undefined;
  /** The answer that refuses a request whose caller may not do what needs these scopes. */
  refusal(exchange: HttpExchange, needed: readonly string[]): HttpRefusal | undefined;
}

/** @param given `false` where callers are not to be authenticated, whatever scopes there are. */
export function createAccess(
  given: Authenticate | Authenticator | false | undefined,
  scopes: ServerScopes,
  facts: ServerFacts,
): Access {
  const authenticator: Authenticator | undefined =
    typeof given === "function" ? { authenticate: given } : given || undefined;
  authenticator?.attach?.(scopes);
  const judge = given === undefined ? unguarded(facts) : authenticator === undefined ? allow : judgeOf(authenticator);
  const refusal = (caller: unknown, needed: readonly string[]): HttpRefusal | undefined =>
    needed.length === 0 ? undefined : judge(caller, needed);
  return {
    authenticate: authenticator?.authenticate.bind(authenticator),
    publish: (request) => authenticator?.publish?.(request, scopes),
    refusal: ({ auth }, needed) => refusal(auth, needed),
    allows: (caller, needed) => refusal(caller, needed) === undefined,
  };
}

type Judge = (caller: unknown, needed: readonly string[]) => HttpRefusal | undefined;

const allow: Judge = () => undefined;

function judgeOf(authenticator: Authenticator): Judge {
  if (authenticator.authorize !== undefined) return (caller, needed) => authenticator.authorize?.(caller, needed);
  return (caller, needed) => {
    const held = (caller as Authenticated | undefined)?.scopes ?? [];
    return needed.every((scope) => held.includes(scope)) ? undefined : insufficient(needed);
  };
}

function insufficient(needed: readonly string[]): HttpRefusal {
  const scope = needed.join(" ");
  return {
    status: 403,
    headers: { "WWW-Authenticate": `Bearer error="insufficient_scope", scope="${scope}"` },
    body: `This needs the scopes ${scope}.`,
  };
}

/** Scopes that nobody could judge are kept closed: their author believes them to hold. */
function unguarded(facts: ServerFacts): Judge {
  let told = false;
  return (_caller, needed) => {
    if (!told) facts.report(noAuthentication(needed));
    told = true;
    return { status: 403, body: "This needs scopes, and nothing here can tell who has them." };
  };
}

export function noAuthentication(named: readonly string[]): McpWireError {
  const problem = `Scopes are named (${named.join(", ")}), and nothing authenticates who calls over HTTP.`;
  return new McpWireError(
    "NO_AUTHENTICATION",
    problem,
    "Give `authenticate`, or `authenticate: false` to let everybody in.",
  );
}

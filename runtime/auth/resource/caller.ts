/** Who a verified token is of: its claims read, checked against this server, and frozen for handlers. Requirements AUTH-77, AUTH-95, AUTH-100, SEC-32. */

import { isScope } from "./challenge.js";
import { type Caller, invalidToken, type TokenClaims, wrongUse } from "./contract.js";

export interface CallerRules {
  /** Values of `aud` of which a token has to have one, exactly. */
  readonly audience: ReadonlySet<string>;
  readonly clockToleranceS: number;
  /** Names who calls; `undefined` for the default: issuer, subject and client. */
  readonly principal: ((claims: TokenClaims) => string) | undefined;
  /** What a scope includes beside itself. */
  readonly implies: Readonly<Record<string, readonly string[]>>;
}

/** A caller as the resource server knows it. Shared by all requests with the same token. */
export class KnownCaller implements Caller {
  readonly principal: string;
  readonly scopes: readonly string[];
  readonly issuer: string | undefined;
  readonly subject: string | undefined;
  readonly clientId: string | undefined;
  readonly expiresAt: number | undefined;
  readonly claims: TokenClaims;
  /** The thumbprint of the key that the token is bound to. */
  readonly #thumbprint: string | undefined;
  /** The scopes with everything that they include. */
  readonly #held: ReadonlySet<string>;

  /** @throws McpWireError `INVALID_TOKEN` where the token is not for this server, not now, or not somebody's. */
  constructor(claims: TokenClaims, rules: CallerRules) {
    const { iss, sub, aud, exp } = claims;
    checkTimes(claims, rules.clockToleranceS);
    const named = typeof aud === "string" ? [aud] : Array.isArray(aud) ? (aud as readonly string[]) : [];
    if (!named.some((one) => rules.audience.has(one))) throw invalidToken("The token is not for this server.");
    this.claims = frozenCopy(claims) as TokenClaims;
    this.issuer = iss;
    this.subject = textOf(sub);
    this.clientId = textOf(claims.client_id) ?? textOf(claims.azp);
    this.expiresAt = exp;
    this.scopes = Object.freeze(scopesOf(claims));
    this.principal = rules.principal?.(claims) ?? nameOf(this);
    this.#thumbprint = thumbprintOf(claims);
    this.#held = closure(this.scopes, rules.implies);
    Object.freeze(this);
  }

  static thumbprint(caller: KnownCaller): string | undefined {
    return caller.#thumbprint;
  }

  static holds(caller: KnownCaller, needed: readonly string[]): boolean {
    return needed.every((scope) => caller.#held.has(scope));
  }
}

/**
 * Who calls, from the context of a handler.
 * @throws McpWireError `INVALID_USE` where no resource server authenticated the request, as over stdio.
 */
export function callerOf(ctx: { readonly origin: { readonly auth: unknown } | undefined }): Caller {
  const auth = ctx.origin?.auth;
  if (auth instanceof KnownCaller) return auth;
  throw wrongUse(
    "Nobody is known to call: the request came without a token.",
    "Look at `ctx.origin?.auth` where that may be.",
  );
}

function checkTimes({ exp, nbf }: TokenClaims, toleranceS: number): void {
  const now = Date.now() / 1_000;
  for (const time of [exp, nbf])
    if (time !== undefined && !Number.isFinite(time)) throw invalidToken("A time of the token is no number.");
  if (exp !== undefined && exp + toleranceS <= now) throw invalidToken("The token has expired.");
  if (nbf !== undefined && nbf - toleranceS > now) throw invalidToken("The token is not valid yet.");
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Two issuers may give out the same subject, and a client must not have what another one began. */
function nameOf({ issuer, subject, clientId }: Caller): string {
  if (subject === undefined && clientId === undefined)
    throw invalidToken("The token says neither whose nor which client's it is.");
  return JSON.stringify([issuer ?? null, subject ?? null, clientId ?? null]);
}

/** `scope` is the standard's (RFC 8693); some issuers have `scp`, as text or as a list. */
function scopesOf({ scope, scp }: TokenClaims): string[] {
  const given = scope ?? scp;
  const names: readonly unknown[] = Array.isArray(given) ? given : typeof given === "string" ? given.split(" ") : [];
  return [...new Set(names.filter((name): name is string => typeof name === "string" && isScope(name)))];
}

/** @throws McpWireError `INVALID_TOKEN` for a token that is bound to something that cannot be looked at here. */
function thumbprintOf({ cnf }: TokenClaims): string | undefined {
  if (cnf === undefined) return undefined;
  const jkt = typeof cnf === "object" && cnf !== null ? (cnf as { jkt?: unknown }).jkt : undefined;
  if (typeof jkt !== "string") throw invalidToken("The token is bound to something else than a DPoP key.");
  return jkt;
}

/** Everything that scopes include, at whatever remove. */
function closure(scopes: readonly string[], implies: CallerRules["implies"]): ReadonlySet<string> {
  const held = new Set(scopes);
  // Members that are added meanwhile are visited too, each once.
  for (const scope of held)
    for (const more of Object.hasOwn(implies, scope) ? (implies[scope] ?? []) : []) held.add(more);
  return held;
}

/** Claims are JSON, and shared by requests: nobody may change them for the others. */
function frozenCopy(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy));
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, member]) => [name, frozenCopy(member)])));
}

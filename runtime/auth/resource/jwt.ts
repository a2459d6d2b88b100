/**
 * Access tokens that are JWTs: verified by the keys that their issuer publishes, which may rotate, or by keys given once. RFC 9068; requirements
 * AUTH-95, AUTH-100.
 */

import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from "jose";
import { McpWireError } from "../../errors.js";
import { discover, fetchBounded, readUrl } from "./addresses.js";
import { invalidToken, type TokenClaims, type TokenVerifier, unverifiable, wrongUse } from "./contract.js";

/** Whose JWTs are believed, and by which keys. */
export interface JwtIssuer {
  /** The `iss` of its tokens, character for character. */
  readonly issuer: string;
  /** Where its keys are. Default: as its metadata says, which is looked up with the first token. */
  readonly jwksUri?: string;
  /** Its keys, where they are known and never change; nothing is fetched then. */
  readonly keys?: JSONWebKeySet;
}

export interface JwtOptions {
  /** Signature algorithms that are accepted. Default: every asymmetric one of JOSE; others are refused when named. */
  readonly algorithms?: readonly string[];
  /** Values of the header `typ` that are accepted. Default `["at+jwt"]`; add `"JWT"` for issuers that mark nothing. */
  readonly types?: readonly string[];
  /** Milliseconds for which a token that was verified is not verified again. Default 60 000. */
  readonly cacheMs?: number;
  /** Milliseconds after which keys are fetched anew. Default 600 000. */
  readonly keysMs?: number;
  /** Milliseconds after which a key that is not known makes them be fetched again. Default 30 000. */
  readonly cooldownMs?: number;
}

const ASYMMETRIC: readonly string[] = [
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
  ...["PS256", "PS384", "PS512", "RS256", "RS384", "RS512"],
];

/** Claims that only ID tokens have. */
const OF_ID_TOKENS: readonly string[] = ["nonce", "at_hash", "c_hash", "s_hash"];

/** Keys without a name that are tried one after the other for a token that names none. */
const MAX_TRIED = 10;

/** Whether a token holds now is judged with everything else that it says, by one clock and one tolerance. */
const ALWAYS_S = 1e12;

/** How long a failed fetch of keys is not repeated. */
const PAUSE_MS = 2_000;

/**
 * Makes a verifier of JWTs of one issuer or of several.
 * @throws McpWireError `INVALID_USE` for algorithms that are not asymmetric, for keys that are secrets, and for addresses that are not https.
 */
export function createJwtVerifier(issuers: JwtIssuer | readonly JwtIssuer[], options: JwtOptions = {}): TokenVerifier {
  const { algorithms = ASYMMETRIC, types = ["at+jwt"], cacheMs = 60_000 } = options;
  const wrong = algorithms.find((name) => !ASYMMETRIC.includes(name));
  if (wrong !== undefined || algorithms.length === 0) {
    const problem = `The algorithm ${wrong ?? ""} is no asymmetric one.`;
    throw wrongUse(
      problem,
      `Name some of ${ASYMMETRIC.join(", ")}: a server that could sign tokens should not judge them.`,
    );
  }
  const list = Array.isArray(issuers) ? (issuers as readonly JwtIssuer[]) : [issuers as JwtIssuer];
  const keysOf = new Map(list.map((one) => [one.issuer, createKeys(one, options)]));
  const wanted = types.map(plainType);
  return {
    cacheMs,
    async verify(token) {
      const { issuer, type } = read(token);
      const keys = keysOf.get(issuer);
      if (keys === undefined) throw invalidToken("The token is of another issuer.");
      if (!wanted.includes(plainType(type))) throw invalidToken("The token is of another type than an access token.");
      const how = { algorithms: [...algorithms], issuer, clockTolerance: ALWAYS_S, requiredClaims: ["exp"] };
      const claims = await verifySigned(token, keys, how);
      if (claims.token_use === "id" || OF_ID_TOKENS.some((name) => Object.hasOwn(claims, name)))
        throw invalidToken("The token is an ID token. Send an access token.");
      return claims;
    },
  };
}

/** `application/at+jwt` and `AT+JWT` are the same type (RFC 7515, 4.1.9). */
function plainType(type: unknown): string {
  return typeof type === "string" ? type.toLowerCase().replace(/^application\//, "") : "";
}

/** Who a token claims to be of: to choose keys by, no more. */
function read(token: string): { readonly issuer: string; readonly type: unknown } {
  try {
    const { iss } = decodeJwt(token);
    return { issuer: typeof iss === "string" ? iss : "", type: decodeProtectedHeader(token).typ };
  } catch (cause) {
    throw invalidToken("The token is no JWT.", cause);
  }
}

async function verifySigned(token: string, keys: JWTVerifyGetKey, how: JWTVerifyOptions): Promise<TokenClaims> {
  try {
    return (await jwtVerify(token, keys, how)).payload as TokenClaims;
  } catch (cause) {
    if (cause instanceof errors.JWKSMultipleMatchingKeys) return await tryEach(token, cause, how);
    throw sayWhy(cause);
  }
}

/** The token names no key and the issuer has several: one of them may be it. */
async function tryEach(
  token: string,
  candidates: errors.JWKSMultipleMatchingKeys,
  how: JWTVerifyOptions,
): Promise<TokenClaims> {
  let tried = 0;
  let last: unknown = candidates;
  for await (const key of candidates) {
    if (++tried > MAX_TRIED) break;
    try {
      return (await jwtVerify(token, key, how)).payload as TokenClaims;
    } catch (cause) {
      last = cause;
      if (!(cause instanceof errors.JWSSignatureVerificationFailed)) break;
    }
  }
  throw sayWhy(last);
}

function sayWhy(cause: unknown): McpWireError {
  if (cause instanceof McpWireError) return cause;
  if (cause instanceof errors.JWTClaimValidationFailed)
    return invalidToken(`The claim ${cause.claim} of the token does not hold.`, cause);
  if (cause instanceof errors.JOSEAlgNotAllowed)
    return invalidToken("The algorithm of the token is not allowed.", cause);
  return invalidToken("The signature of the token does not hold.", cause);
}

/** The keys of an issuer. What goes wrong with fetching them is no fault of a token. */
function createKeys(
  { issuer, jwksUri, keys }: JwtIssuer,
  { keysMs = 600_000, cooldownMs = 30_000 }: JwtOptions,
): JWTVerifyGetKey {
  if (keys !== undefined) {
    if (keys.keys.some(({ kty }) => kty === "oct"))
      throw wrongUse("A key of the issuer is a secret.", "Give public keys: who knows the secret can sign tokens.");
    return createLocalJWKSet(keys);
  }
  readUrl(issuer, "issuer");
  let failed: { readonly at: number; readonly error: McpWireError } | undefined;
  /** Only what would be fetched waits: keys that are known go on judging, whatever strangers make be looked for. */
  const pause = (): void => {
    if (failed !== undefined && performance.now() - failed.at < PAUSE_MS) throw failed.error;
  };
  const fetchKeys: typeof fetchBounded = async (url, init) => {
    pause();
    return await fetchBounded(url, init);
  };
  const settings = { cooldownDuration: cooldownMs, cacheMaxAge: keysMs, [customFetch]: fetchKeys };
  const find = async (): Promise<JWTVerifyGetKey> =>
    createRemoteJWKSet(
      jwksUri === undefined ? await discover(issuer, "jwks_uri") : readUrl(jwksUri, "jwksUri"),
      settings,
    );
  if (jwksUri !== undefined) readUrl(jwksUri, "jwksUri");
  let remote: Promise<JWTVerifyGetKey> | undefined;
  return async (header, token) => {
    if (remote === undefined) pause();
    try {
      remote ??= find();
      return await (await remote)(header, token);
    } catch (cause) {
      if (cause === failed?.error) throw cause;
      if (cause instanceof errors.JWKSNoMatchingKey)
        throw invalidToken("The token is signed by a key that its issuer does not have.", cause);
      if (cause instanceof errors.JWKSMultipleMatchingKeys || cause instanceof errors.JOSENotSupported) throw cause;
      const known = remote;
      // Where the keys are is asked again; where that is known, the set is kept with what it remembers.
      await known?.catch(() => {
        if (remote === known) remote = undefined;
      });
      const error = unverifiable(`The keys of ${issuer} could not be had`, cause);
      failed = { at: performance.now(), error };
      throw error;
    }
  };
}

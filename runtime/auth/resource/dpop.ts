/** Proofs that who sends a token has the key that it is bound to. RFC 9449; requirement DPOP-04. */

import { calculateJwkThumbprint, EmbeddedJWK, errors, type JWTPayload, jwtVerify } from "jose";
import type { Refusal } from "./challenge.js";
import { type ResourceRequest, wrongUse } from "./contract.js";
import { createNonces, type Nonces } from "./nonces.js";
import { createReplayMemory, type ReplayStore } from "./replays.js";

/** What is asked of proofs. */
export interface DpopOptions {
  /** Whether tokens that are bound to no key are refused. Default false. */
  readonly required?: boolean;
  /** Signature algorithms of proofs. Default `["ES256", "ES384", "EdDSA", "Ed25519", "PS256", "RS256"]`. */
  readonly algorithms?: readonly string[];
  /** Seconds that a proof is good for. Default 300. */
  readonly maxAgeS?: number;
  /** Whether proofs have to hold a value of this server's; a key of 32 bytes or more where several nodes share it. Default false. */
  readonly nonces?: boolean | Uint8Array;
  /** Where proofs are remembered. Default: in memory, at most 200 000; more within their time are refused with 503. */
  readonly replays?: ReplayStore;
  /** The address that clients call by, where something in front changes the path. Default: the origin of `resource`, and the path of the request. */
  readonly url?: (request: ResourceRequest) => string;
}

export const PROOF_ALGORITHMS: readonly string[] = ["ES256", "ES384", "EdDSA", "Ed25519", "PS256", "RS256"];

const ASYMMETRIC = /^(?:ES|PS|RS)(?:256|384|512)$|^EdDSA$|^Ed25519$/;

/** Clocks of clients may be ahead by this. */
const AHEAD_S = 60;
const MAX_PROOF = 8_192;
const MAX_JTI = 256;

export interface Proofs {
  readonly algorithms: readonly string[];
  /** Why a proof does not hold; `undefined` where it does. `ath` is the digest of the token, `thumbprint` of the key that it is bound to. */
  check(request: ResourceRequest, ath: string, thumbprint: string): Promise<Refusal | undefined>;
}

/** @throws McpWireError `INVALID_USE` for algorithms that are not asymmetric. */
export function createProofs(origin: string, options: DpopOptions = {}): Proofs {
  const { algorithms = PROOF_ALGORITHMS, maxAgeS = 300, nonces: wanted = false } = options;
  const wrong = algorithms.find((name) => !ASYMMETRIC.test(name));
  if (wrong !== undefined) throw wrongUse(`The algorithm ${wrong} is no asymmetric one.`, "Name others for proofs.");
  const nonces = wanted === false ? undefined : createNonces(wanted === true ? undefined : wanted);
  const lifeMs = (maxAgeS + AHEAD_S) * 1_000;
  const replays = options.replays ?? createReplayMemory(lifeMs, 200_000);
  const urlOf = options.url ?? ((request) => origin + (request.target.split("?", 1)[0] ?? ""));
  return {
    algorithms,
    async check(request, ath, thumbprint) {
      const proof = request.header("dpop");
      if (proof === undefined) return invalid("The DPoP header is missing.", await nonces?.current());
      if (proof.length > MAX_PROOF) return invalid("The proof is too large.");
      const claims = await readProof(proof, algorithms, thumbprint);
      if (typeof claims === "string") return invalid(claims);
      const problem = claimProblem(claims, request, urlOf(request), ath, maxAgeS);
      if (problem !== undefined) return invalid(problem);
      if (nonces !== undefined && !(await nonces.holds(claims.nonce))) return await askNonce(nonces);
      const first = await replays.claim(`${thumbprint}.${claims.jti}`, Date.now() + lifeMs);
      return first ? undefined : invalid("The proof was used before.");
    },
  };
}

function invalid(description: string, nonce?: string): Refusal {
  return { status: 401, error: "invalid_dpop_proof", description, ...(nonce === undefined ? {} : { nonce }) };
}

async function askNonce(nonces: Nonces): Promise<Refusal> {
  const description = "The proof has to hold the nonce of this answer.";
  return { status: 401, error: "use_dpop_nonce", description, nonce: await nonces.current() };
}

/** The claims of a proof by the key with this thumbprint, or what is wrong with it. */
async function readProof(
  proof: string,
  algorithms: readonly string[],
  thumbprint: string,
): Promise<JWTPayload | string> {
  try {
    const how = { typ: "dpop+jwt", algorithms: [...algorithms], requiredClaims: ["jti", "htm", "htu", "iat", "ath"] };
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, how);
    const { jwk } = protectedHeader;
    const same = jwk !== undefined && (await calculateJwkThumbprint(jwk)) === thumbprint;
    return same ? payload : "The proof is by another key than the token is bound to.";
  } catch (error) {
    if (error instanceof errors.JWTClaimValidationFailed) return `The ${error.claim} of the proof does not hold.`;
    return "The proof is none.";
  }
}

function claimProblem(
  claims: JWTPayload,
  request: ResourceRequest,
  url: string,
  ath: string,
  maxAgeS: number,
): string | undefined {
  const { jti, iat = 0, htm, htu } = claims;
  const age = Date.now() / 1_000 - iat;
  const meant = typeof htu === "string" ? plainUrl(htu) : undefined;
  if (htm !== request.method) return "The proof is for another method.";
  if (meant === undefined || meant !== plainUrl(url)) return "The proof is for another address.";
  if (claims.ath !== ath) return "The proof is for another token.";
  if (age > maxAgeS || age < -AHEAD_S) return "The proof was not made just now. Look at the clock.";
  if (typeof jti !== "string" || jti === "" || jti.length > MAX_JTI) return "The jti of the proof is of no use.";
  return undefined;
}

/** Without query and fragment, as the URL standard writes it. */
function plainUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { origin, pathname } = new URL(text);
  return origin + pathname;
}

/**
 * Proofs that whoever sends a token also has the key it is bound to, with the nonces of each server. RFC 9449; requirements DPOP-02,
 * DPOP-03.
 */

import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { AuthorizationError } from "../errors.js";
import { readDemand } from "./challenge.js";
import { isCryptoKey } from "./client-auth.js";
import { parseObject } from "./outbound.js";
import type { Keep } from "./store.js";

/** What a proof is for. */
export interface ProvenRequest {
  readonly method: string;
  readonly url: URL;
  /** The token that goes with it. */
  readonly accessToken?: string;
}

/** A key, and what its servers asked to be in its proofs. */
export interface DpopKey {
  /**
   * Sends a request with a proof of its own, and once more where the server answers that it wants a nonce. `send` gets the value of the
   * header `DPoP`.
   */
  prove(request: ProvenRequest, send: (proof: string) => Promise<Response>): Promise<Response>;
}

/** Algorithms by which keys are made here, the first that the server takes. */
const ALGORITHMS = ["ES256", "EdDSA", "ES384", "ES512", "PS256", "RS256"] as const;

interface KeptKey {
  readonly alg: string;
  readonly privateKey: CryptoKey | JWK;
  readonly publicJwk: JWK;
}

/**
 * The key for the tokens of an issuer, made when there is none yet.
 * @param supported the algorithms of its metadata; anything that is no list stands for a server that does not tell.
 * @throws AuthorizationError `NO_DPOP` where it takes none that is made here.
 */
export async function openDpopKey(issuer: string, supported: unknown, keep: Keep): Promise<DpopKey> {
  const alg = ALGORITHMS.find((one) => !Array.isArray(supported) || supported.includes(one));
  if (alg === undefined) {
    const problem = `The authorization server takes proofs of possession by none of ${ALGORITHMS.join(", ")}.`;
    throw new AuthorizationError("NO_DPOP", problem, "Whoever runs it has to allow one of them.");
  }
  // Of two keys that are made at once one would be lost, and the tokens that are bound to it.
  const kept = await keep.exclusive("dpop", [issuer], async () => {
    const known = (await keep.read("dpop", issuer)) as KeptKey | undefined;
    if (known !== undefined) return known;
    const pair = await generateKeyPair(alg, { extractable: !keep.keepsKeys });
    const publicJwk = await exportJWK(pair.publicKey);
    const made = { alg, publicJwk, privateKey: keep.keepsKeys ? pair.privateKey : await exportJWK(pair.privateKey) };
    await keep.write("dpop", made, issuer);
    return made;
  });
  return await fromKept(kept);
}

async function fromKept({ alg, privateKey, publicJwk }: KeptKey): Promise<DpopKey> {
  const key = isCryptoKey(privateKey) ? privateKey : ((await importJWK(privateKey, alg)) as CryptoKey);
  return createDpopKey(key, publicJwk, alg);
}

export function createDpopKey(key: CryptoKey, publicJwk: JWK, alg: string): DpopKey {
  /** By origin: the nonces of different servers are different. */
  const nonces = new Map<string, string>();
  const learn = ({ headers }: Response, { origin }: URL): string | undefined => {
    const nonce = headers.get("dpop-nonce") ?? undefined;
    if (nonce !== undefined) nonces.set(origin, nonce);
    return nonce;
  };
  const sign = async ({ method, url, accessToken }: ProvenRequest, nonce: string | undefined): Promise<string> => {
    const ath = accessToken === undefined ? undefined : await hashOf(accessToken);
    return await new SignJWT({
      htm: method,
      htu: url.origin + url.pathname,
      ...(ath === undefined ? {} : { ath }),
      ...(nonce === undefined ? {} : { nonce }),
    })
      .setProtectedHeader({ alg, typ: "dpop+jwt", jwk: publicJwk })
      .setIssuedAt()
      .setJti(crypto.randomUUID())
      .sign(key);
  };
  return {
    async prove(request, send) {
      const used = nonces.get(request.url.origin);
      const response = await send(await sign(request, used));
      const given = learn(response, request.url);
      // Another request may have learnt it meanwhile: what counts is what was in this proof.
      const isNew = given !== undefined && given !== used;
      if (!isNew || !(await wantsNonce(response, request.accessToken === undefined))) return response;
      await response.body?.cancel();
      const again = await send(await sign(request, given));
      learn(again, request.url);
      return again;
    },
  };
}

/** Whether a refusal is for want of a nonce: resources say it in the challenge, authorization servers in the body, which is bounded. */
async function wantsNonce(response: Response, inBody: boolean): Promise<boolean> {
  if (!inBody) return response.status === 401 && readDemand(response.headers, true).error === "use_dpop_nonce";
  if (response.status !== 400 && response.status !== 401) return false;
  return parseObject(await response.clone().text())?.error === "use_dpop_nonce";
}

async function hashOf(token: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
  return btoa(String.fromCharCode(...digest))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

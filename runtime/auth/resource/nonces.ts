/** Values that proofs have to hold, so that they were made just now: made of the time and a key, and remembered nowhere. RFC 9449, 9. */

import { base64url } from "./digest.js";

/** How long one value is given out; it is good for as long again. */
const TURN_MS = 120_000;

export interface Nonces {
  /** The one to use now. */
  current(): Promise<string>;
  /** Whether a value was given out by who has the same key, a short while ago. */
  holds(nonce: unknown): Promise<boolean>;
}

/** @param secret the same for all nodes, at least 32 bytes; without it, of this process alone. */
export function createNonces(secret: Uint8Array = crypto.getRandomValues(new Uint8Array(32))): Nonces {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = crypto.subtle.importKey("raw", new Uint8Array(secret), algorithm, false, ["sign"]);
  const made = new Map<number, Promise<string>>();
  const make = async (turn: number): Promise<string> => {
    const text = new TextEncoder().encode(`dpop ${turn}`);
    return base64url(new Uint8Array(await crypto.subtle.sign(algorithm.name, await imported, text)));
  };
  const of = (turn: number): Promise<string> => {
    const known = made.get(turn) ?? make(turn);
    if (!made.has(turn)) {
      made.set(turn, known);
      for (const old of made.keys()) if (old < turn - 1) made.delete(old);
    }
    return known;
  };
  const now = (): number => Math.floor(Date.now() / TURN_MS);
  return {
    current: () => of(now()),
    async holds(nonce) {
      if (typeof nonce !== "string") return false;
      const turn = now();
      return nonce === (await of(turn)) || nonce === (await of(turn - 1));
    },
  };
}

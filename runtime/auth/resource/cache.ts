/** Tokens that were verified a moment ago, by their digests, and tokens that are being verified, so that none is twice at once. Bounded. */

import type { KnownCaller } from "./caller.js";
import { unverifiable } from "./contract.js";

/** Tokens that may be on their way to be verified; beyond it callers are sent away, and not the authorization server. */
const MAX_PENDING = 1_000;

interface Entry {
  readonly caller: KnownCaller;
  /** By `Date.now()`. */
  readonly until: number;
}

export interface TokenCache {
  /** The caller of a token that was verified and still holds. */
  get(key: string): KnownCaller | undefined;
  /** The caller of a token that is verified now, or is being so already. Throws and rejects as `verify` does. */
  need(key: string, verify: () => KnownCaller | Promise<KnownCaller>): KnownCaller | Promise<KnownCaller>;
}

/** @param cacheMs how long a token is remembered; 0 for not at all. */
export function createTokenCache(cacheMs: number, maxTokens: number): TokenCache {
  const known = new Map<string, Entry>();
  const pending = new Map<string, Promise<KnownCaller>>();
  const keep = (key: string, caller: KnownCaller): void => {
    const { expiresAt } = caller;
    const until = Math.min(
      Date.now() + cacheMs,
      expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt * 1_000,
    );
    if (cacheMs <= 0 || maxTokens <= 0 || until <= Date.now()) return;
    const [oldest] = known.keys();
    if (known.size >= maxTokens && oldest !== undefined) known.delete(oldest);
    known.set(key, { caller, until });
  };
  return {
    get(key) {
      const entry = known.get(key);
      if (entry === undefined || entry.until > Date.now()) return entry?.caller;
      known.delete(key);
      return undefined;
    },
    need(key, verify) {
      const running = pending.get(key);
      if (running !== undefined) return running;
      if (pending.size >= MAX_PENDING)
        return Promise.reject(unverifiable(`${pending.size} tokens are being verified, which is the limit`, undefined));
      const found = verify();
      if (!(found instanceof Promise)) {
        keep(key, found);
        return found;
      }
      const verified = found
        .then((caller) => {
          keep(key, caller);
          return caller;
        })
        .finally(() => pending.delete(key));
      pending.set(key, verified);
      return verified;
    },
  };
}

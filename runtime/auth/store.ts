/**
 * What is kept between requests and between runs: registrations and tokens by issuer, keys, and sign-ins on their way. Everything goes
 * through this contract, so that an application can keep it where its platform keeps secrets. Requirements AUTH-41, AUTH-86, AUTH-87.
 */

import { AuthorizationError, toWireError } from "../errors.js";
import type { Place } from "./discovery.js";
import type { Registration } from "./registration.js";
import type { TokenSet } from "./token.js";

/** A place for secrets. Keys are printable text; values are JSON, or hold a `CryptoKey` where `keepsKeys` is true. */
export interface AuthStore {
  get(key: string): unknown;
  set(key: string, value: unknown): unknown;
  delete(key: string): unknown;
  /** Whether values may hold a `CryptoKey`, whose secret then never becomes text. Default false. */
  readonly keepsKeys?: boolean;
  /** Runs one after the other what several processes must not do at once, such as spending a refresh token. Default: it just runs. */
  exclusive?<T>(key: string, run: () => Promise<T>): Promise<T>;
}

/** A sign-in that waits for its answer; it is spent by the first one. */
export interface PendingSignIn {
  readonly url: string;
  readonly place: Place;
  readonly clientId: string;
  /** Of a client that registered itself. */
  readonly registration?: Registration;
  readonly verifier: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Where an MCP server sends its clients for tokens. */
export interface ServerLink {
  readonly place: Place;
}

/** The keys of a store, and what is kept under them. */
export interface Records {
  link: ServerLink;
  tokens: TokenSet;
  registration: Registration;
  /** The issuer that a configured client was first used at. */
  pin: { readonly issuer: string };
  dpop: unknown;
  pending: PendingSignIn;
}

/** Typed access to a store; what goes wrong in it is `STORE_FAILED`. */
export interface Keep {
  readonly keepsKeys: boolean;
  read<K extends keyof Records>(kind: K, ...names: string[]): Promise<Records[K] | undefined>;
  write<K extends keyof Records>(kind: K, value: Records[K], ...names: string[]): Promise<void>;
  drop(kind: keyof Records, ...names: string[]): Promise<void>;
  exclusive<T>(kind: keyof Records, names: readonly string[], run: () => Promise<T>): Promise<T>;
}

export function createKeep(store: AuthStore): Keep {
  const keyOf = (kind: string, names: readonly string[]): string => [kind, ...names].join(" ");
  const guarded = async <T>(doing: string, run: () => T | Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (cause) {
      throw storeFailed(`${doing} the store of authorizations`, cause);
    }
  };
  return {
    keepsKeys: store.keepsKeys === true,
    async read<K extends keyof Records>(kind: K, ...names: string[]) {
      const value = await guarded("Reading", () => store.get(keyOf(kind, names)));
      return (value ?? undefined) as Records[K] | undefined;
    },
    async write(kind, value, ...names) {
      await guarded("Writing", () => store.set(keyOf(kind, names), value));
    },
    async drop(kind, ...names) {
      await guarded("Deleting from", () => store.delete(keyOf(kind, names)));
    },
    exclusive(kind, names, run) {
      const key = keyOf(kind, names);
      return inTurn(store, key, () => store.exclusive?.(key, run) ?? run());
    },
  };
}

/** What runs in this process, by store and key, so that every user of a store takes turns. */
const turns = new WeakMap<AuthStore, Map<string, Promise<unknown>>>();

async function inTurn<T>(store: AuthStore, key: string, run: () => Promise<T>): Promise<T> {
  const ofStore = turns.get(store) ?? new Map<string, Promise<unknown>>();
  turns.set(store, ofStore);
  const before = ofStore.get(key) ?? Promise.resolve();
  const mine = before.then(run, run);
  // Whoever comes after waits for the end, whatever it is.
  const ended = mine.then(
    () => undefined,
    () => undefined,
  );
  ofStore.set(key, ended);
  try {
    return await mine;
  } finally {
    if (ofStore.get(key) === ended) ofStore.delete(key);
  }
}

/** Keeps everything as long as this process runs. */
export function createMemoryStore(): AuthStore {
  const kept = new Map<string, unknown>();
  return {
    keepsKeys: true,
    get: (key) => kept.get(key),
    set: (key, value) => kept.set(key, value),
    delete: (key) => kept.delete(key),
  };
}

/** The error for a store that did not do what it has to. */
export function storeFailed(doing: string, cause: unknown): AuthorizationError {
  if (cause instanceof AuthorizationError) return cause;
  const { message } = toWireError(cause, doing);
  return new AuthorizationError("STORE_FAILED", message, "Look at the store given as `store`.", { cause });
}

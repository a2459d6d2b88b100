/**
 * The sealed `requestState`: what a handler was told so far, kept by the client between rounds and readable by this server alone.
 * AES-256-GCM, bound to the method and the params of the request, with an expiry. Requirements MRTR-21 to MRTR-25, SEC-17, SEC-44.
 */

import { McpWireError, RpcError } from "../../errors.js";
import { RpcCode } from "../../jsonrpc/message.js";
import { isObject } from "../envelope.js";
import { nodeCrypto } from "../node-modules.js";

/** How `requestState` is sealed. */
export interface SealingOptions {
  /**
   * Secrets of at least 32 bytes (as text or bytes). The first one seals, all of them open, so a new key goes to the front and the old one
   * stays until its states have expired. Default: one at random for this process, which no other process can open.
   */
  readonly keys?: readonly (string | Uint8Array)[];
  /** Milliseconds that a state is good for. Default 600 000. */
  readonly ttlMs?: number;
}

/** What is remembered between the rounds of a request. */
export interface Memory {
  /** Answers by the key of the question. */
  readonly answers: Record<string, unknown>;
  /** Results of `once` by key. An effect that gave nothing has run all the same, so that its entry stays though its value does not. */
  readonly kept: Record<string, { readonly value?: unknown }>;
  /** Method of each question that was asked in the last round, by key. */
  readonly asked: Record<string, string>;
}

/** What a state is good for: this request, as first sent, by this principal. */
export interface Binding {
  readonly method: string;
  readonly params: unknown;
  /** What the transport knows of the sender; its `principal`, a string, counts. */
  readonly origin: unknown;
}

export interface Sealer {
  seal(memory: Memory, binding: Binding): string;
  /** @throws RpcError −32602 where the text was not sealed here, for this request, or is too old. */
  open(state: string, binding: Binding): Memory;
}

interface Key {
  readonly id: Buffer;
  readonly secret: Buffer;
}

const ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = ID_BYTES + NONCE_BYTES + TAG_BYTES;
const MIN_SECRET = 32;

/** @throws McpWireError `INVALID_USE` for a key that is too short. */
export function createSealer(options: SealingOptions = {}): Sealer {
  const keys = (options.keys ?? [nodeCrypto().randomBytes(MIN_SECRET)]).map(keyOf);
  const [first] = keys;
  if (first === undefined)
    throw new McpWireError("INVALID_USE", "`keys` is empty.", "Give one secret, or leave it out for a random one.");
  const ttlMs = options.ttlMs ?? 600_000;
  return {
    seal(memory, binding) {
      const nonce = nodeCrypto().randomBytes(NONCE_BYTES);
      const cipher = nodeCrypto().createCipheriv("aes-256-gcm", first.secret, nonce);
      cipher.setAAD(digestOf(binding));
      const text = JSON.stringify({ ...memory, until: Date.now() + ttlMs });
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([first.id, nonce, cipher.getAuthTag(), sealed]).toString("base64url");
    },
    open(state, binding) {
      const memory = decipher(state, keys, digestOf(binding));
      if (memory === undefined) throw refusal("it was not sealed by this server for this request");
      if (!(memory.until > Date.now())) throw refusal("it has expired");
      return memory;
    },
  };
}

function keyOf(secret: string | Uint8Array): Key {
  const bytes = typeof secret === "string" ? Buffer.from(secret, "utf8") : Buffer.from(secret);
  if (bytes.length < MIN_SECRET) {
    const problem = `A key for requestState has ${bytes.length} bytes.`;
    throw new McpWireError("INVALID_USE", problem, `Give at least ${MIN_SECRET} random bytes.`);
  }
  const derived = Buffer.from(nodeCrypto().hkdfSync("sha256", bytes, "", "mcpwire requestState", 32 + ID_BYTES));
  return { secret: derived.subarray(0, 32), id: derived.subarray(32) };
}

function decipher(state: string, keys: readonly Key[], digest: Buffer): (Memory & { until: number }) | undefined {
  const bytes = Buffer.from(state, "base64url");
  const key = keys.find(({ id }) => bytes.subarray(0, ID_BYTES).equals(id));
  if (key === undefined || bytes.length <= HEAD_BYTES) return undefined;
  // Decoding passes over what is no base64url, and over spare bits at the end.
  if (bytes.toString("base64url") !== state) return undefined;
  const nonce = bytes.subarray(ID_BYTES, ID_BYTES + NONCE_BYTES);
  const cipher = nodeCrypto().createDecipheriv("aes-256-gcm", key.secret, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(digest);
  cipher.setAuthTag(bytes.subarray(ID_BYTES + NONCE_BYTES, HEAD_BYTES));
  try {
    const text = Buffer.concat([cipher.update(bytes.subarray(HEAD_BYTES)), cipher.final()]).toString("utf8");
    return JSON.parse(text) as Memory & { until: number };
  } catch {
    // Only that it fails matters: telling why would help whoever forges states.
    return undefined;
  }
}

function refusal(why: string): RpcError {
  return new RpcError(RpcCode.InvalidParams, `requestState is refused: ${why}. Send the request again without it.`);
}

function digestOf({ method, params, origin }: Binding): Buffer {
  const given = isObject(params) ? params : {};
  const { _meta, inputResponses: _responses, requestState: _state, ...own } = given;
  const principal = isObject(origin) && typeof origin.principal === "string" ? origin.principal : null;
  return nodeCrypto()
    .createHash("sha256")
    .update(canonical([method, principal, own]))
    .digest();
}

/** JSON text that does not depend on the order of members: clients may write a retry in another one. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

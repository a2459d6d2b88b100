/** The sealed `requestState`: only what was sealed here opens, only for the request and the caller that it was sealed for, and unchanged. */

import fc from "fast-check";
import { RpcError } from "../../../runtime/errors.js";
import { type Binding, createSealer, type Memory } from "../../../runtime/protocol/stateless/state.js";
import { json, odd } from "../bytes.js";
import { defineTarget, holds, same, type Target } from "../target.js";

interface Input {
  readonly answers: Record<string, unknown>;
  readonly method: string;
  readonly params: unknown;
  readonly principal: string | null;
  readonly other: { readonly method: string; readonly params: unknown; readonly principal: string | null };
  /** What is done to the text: kind, place, and a character. */
  readonly damage: {
    readonly kind: "change" | "cut" | "add" | "swap" | "junk" | "case";
    readonly at: number;
    readonly text: string;
  };
}

const method = fc.constantFrom("tools/call", "prompts/get", "resources/read");
const principal = fc.option(fc.oneof(odd, fc.constantFrom("alice", "bob", "null", "")), { nil: null });
const params = fc.oneof(fc.dictionary(odd, json, { maxKeys: 3 }), json);

const sealer = createSealer({ keys: ["k".repeat(32), "o".repeat(40)] });
const older = createSealer({ keys: ["o".repeat(40)] });
const foreign = createSealer({ keys: ["f".repeat(32)] });

export const state: Target = defineTarget<Input>({
  name: "state",
  inputs: fc.record({
    answers: fc.dictionary(odd, json, { maxKeys: 3 }),
    method,
    params,
    principal,
    other: fc.record({ method, params, principal }),
    damage: fc.record({
      kind: fc.constantFrom("change", "cut", "add", "swap", "junk", "case"),
      at: fc.nat(2_000),
      text: fc.oneof(odd, fc.constantFrom("A", "=", "-", "_", "+", "/", " ", "\n", "A".repeat(100))),
    }),
  }),
  corpus: [
    {
      answers: { __proto__x: 1 },
      method: "tools/call",
      params: { name: "a", arguments: JSON.parse('{"__proto__":{"admin":true}}') as unknown },
      principal: "alice",
      other: { method: "tools/call", params: { name: "a", arguments: {} }, principal: "alice" },
      damage: { kind: "add", at: 0, text: "=" },
    },
  ],
  run({ answers, method: asked, params: given, principal: who, other, damage }) {
    const binding = bindingOf(asked, given, who);
    const memory = { answers, kept: { x: {} }, asked: {} } as Memory;
    const state = sealer.seal(memory, binding);
    const opened = sealer.open(state, bindingOf(asked, reordered(given), who));
    same(opened.answers, answers, "What was sealed");
    same(sealer.open(older.seal(memory, binding), binding).kept, memory.kept, "What an older key sealed");
    refused(() => sealer.open(foreign.seal(memory, binding), binding), "What a foreign key sealed");
    refused(() => older.open(state, binding), "What a newer key sealed");
    const another = bindingOf(other.method, other.params, other.principal);
    if (canonical(binding) !== canonical(another))
      refused(() => sealer.open(state, another), "What is for another request");
    const whole = sealer.seal(memory, another);
    const spoilt = spoil(state, damage, whole);
    // The other one is good where both are for the same.
    if (spoilt !== state && spoilt !== whole) refused(() => sealer.open(spoilt, binding), "What was changed");
  },
});

function bindingOf(method: string, params: unknown, who: string | null): Binding {
  return { method, params, origin: who === null ? {} : { principal: who } };
}

/** What binds, written anew and in full, by sorted names. */
function canonical({ method, params, origin }: Binding): string {
  const isRecord = typeof params === "object" && params !== null && !Array.isArray(params);
  const own = isRecord
    ? Object.entries(params).filter(([key]) => !["_meta", "inputResponses", "requestState"].includes(key))
    : [];
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return ["list", ...value.map(sorted)];
    if (typeof value !== "object" || value === null) return value ?? null;
    return [
      "members",
      ...Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, inner]) => [key, sorted(inner)]),
    ];
  };
  return JSON.stringify([
    method,
    (origin as { principal?: string }).principal ?? null,
    sorted(Object.fromEntries(own)),
  ]);
}

/** The same params with their members the other way round. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reordered(inner)]),
  );
}

function spoil(state: string, { kind, at, text }: Input["damage"], swapped: string): string {
  const place = at % state.length;
  switch (kind) {
    case "change":
      return state.slice(0, place) + (text[0] ?? "A") + state.slice(place + 1);
    case "cut":
      return state.slice(0, place);
    case "add":
      return state.slice(0, place) + text + state.slice(place);
    case "swap":
      // One half of a state for another request, with a tag of its own.
      return state.slice(0, place) + swapped.slice(place);
    case "case":
      return state.toUpperCase();
    default:
      return text;
  }
}

function refused(open: () => unknown, what: string): void {
  let opened: unknown;
  try {
    opened = open();
  } catch (error) {
    holds(error instanceof RpcError && error.rpcCode === -32602, `${what} is refused by ${String(error)}`);
    return;
  }
  throw new Error(`${what} opens: ${JSON.stringify(opened)}`);
}

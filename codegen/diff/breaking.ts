/**
 * Who breaks. The rules, once, for every kind of change:
 *
 * - **Payloads.** A change that makes values invalid (a property becomes required, an enumeration loses a member, a limit
 *   appears) breaks the senders of the payload. A change that makes new values valid (a required property may be left out, a
 *   union gains a member) breaks its receivers. Objects are open, so an optional property that comes or goes breaks nobody, and
 *   a member that the old revision did not name is taken as not sent.
 * - **Who sends a payload** is read from the methods: params travel with the request, results against it. Only directions that
 *   both revisions have count, the others are changes of the method. What no message carries breaks nobody.
 * - **Methods.** One that goes away breaks those who send it. A new request breaks those who can be asked and have not opted in
 *   by a capability of their own; a new notification breaks nobody, since unknown ones are ignored. What an extension adds
 *   travels only between peers that declared it, so it breaks nobody.
 * - **Gates.** A demand on the sender that appears (capability, header mirror, required params) breaks senders; one that goes
 *   away breaks the receivers that rely on it.
 * - **Errors.** A code that goes away breaks those who answer with it. A new one breaks nobody: codes are open.
 * - **Traits** say themselves whether they allow or demand something, and of whom. A change of **era** breaks everyone.
 */

import { type Model, referencesOf, type Side } from "../model.js";
import type { Breaks } from "./types.js";

export const SIDES: readonly Side[] = ["client", "server"];

export const NOBODY: Breaks = { sender: [], receiver: [] };
export const EVERYBODY: Breaks = { sender: SIDES, receiver: SIDES };

/** What a change does to the set of valid values. */
export interface Effect {
  /** Something valid is invalid now. */
  readonly narrowed: boolean;
  /** Something invalid is valid now. */
  readonly widened: boolean;
}

/** Who breaks where something that `senders` send changes by `effect`. */
export function breaksBy(effect: Effect, senders: readonly Side[]): Breaks {
  return { sender: effect.narrowed ? senders : [], receiver: effect.widened ? othersOf(senders) : [] };
}

/** Those on the other end of what `sides` send. */
export function othersOf(sides: readonly Side[]): readonly Side[] {
  return SIDES.filter((side) => sides.some((sender) => sender !== side));
}

export function isBreaking(breaks: Breaks): boolean {
  return breaks.sender.length + breaks.receiver.length > 0;
}

/** The sides that send each definition of a revision; one that no message carries is absent. */
export function sendersOf(model: Model): ReadonlyMap<string, ReadonlySet<Side>> {
  const senders = new Map<string, Set<Side>>();
  const mark = (name: string | undefined, sides: readonly Side[]): void => {
    const definition = name === undefined ? undefined : model.definitions[name];
    if (name === undefined || definition === undefined) return;
    const known = senders.get(name) ?? new Set<Side>();
    const added = sides.filter((side) => !known.has(side));
    if (added.length === 0) return;
    senders.set(name, new Set([...known, ...added]));
    for (const reference of referencesOf(definition.shape)) mark(reference, added);
  };
  for (const [name, sides] of entryPoints(model)) mark(name, sides);
  return senders;
}

/** Definitions that begin a message or stand in a fixed place of one, and who sends them there. */
function* entryPoints(model: Model): Generator<readonly [string | undefined, readonly Side[]]> {
  for (const method of model.methods) {
    const answerers = othersOf(method.from);
    yield [method.definition, method.from];
    yield [method.params, method.from];
    yield [method.result, answerers];
    yield [method.result === undefined ? undefined : `${method.result}Response`, answerers];
    for (const alternative of method.alternatives) yield [alternative.definition, answerers];
  }
  for (const error of model.errors) yield [error.definition, answerersOf(model)];
  const requesters = sendersOfKind(model, "request");
  for (const name of ["JSONRPCRequest", "JSONRPCBatchRequest"]) yield [name, requesters];
  yield ["JSONRPCNotification", sendersOfKind(model, "notification")];
  for (const name of answersOf(model)) yield [name, answerersOf(model)];
}

/**
 * The JSON-RPC answers by all the names that revisions gave them. Where there is a `JSONRPCResultResponse`, the older name
 * means either answer and is no message of its own (TRAP-31).
 */
function answersOf(model: Model): readonly string[] {
  const result = model.definitions.JSONRPCResultResponse === undefined ? "JSONRPCResponse" : "JSONRPCResultResponse";
  return [result, "JSONRPCBatchResponse", "JSONRPCErrorResponse", "JSONRPCError"];
}

/** The sides that answer requests, and so are the ones who send errors. */
export function answerersOf(model: Model): readonly Side[] {
  return othersOf(sendersOfKind(model, "request"));
}

function sendersOfKind(model: Model, kind: "request" | "notification"): readonly Side[] {
  const methods = model.methods.filter((method) => method.kind === kind);
  return SIDES.filter((side) => methods.some((method) => method.from.includes(side)));
}

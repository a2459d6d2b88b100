/**
 * The check of a whole conversation: it is fed one message after another, learns the revision from the handshake or from the
 * per-request `_meta`, matches responses to their requests, and says of each message whether it fits.
 */

import type { Failure } from "../../generated/prelude.js";
import { latest, type Revision, revisions, tables } from "../../generated/revisions.js";
import { checkMessage, otherSide } from "./check.js";
import { effectOf } from "./effects.js";
import { failureAt, isId, isObject } from "./envelope.js";
import { isRevision, isStateful, knownRevisions } from "./revision.js";
import { below, type RequestId, type Side, type Verdict } from "./verdict.js";

export interface ConversationOptions {
  /** Take this revision from the start, whatever the handshake says. */
  readonly revision?: Revision;
  /** Identifiers of the extensions in use. Default: all that the vocabulary knows. */
  readonly extensions?: readonly string[];
}

/** A message and who sent it; without `from`, the side is inferred where the message tells it. */
export interface Recorded {
  readonly from?: Side;
  readonly message: unknown;
}

/** The verdict on one message of a conversation. */
export type Report = Verdict & {
  readonly from: Side;
  /** The revision that the message was checked against. */
  readonly revision: Revision;
};

export interface ConversationChecker {
  /** Checks the next message. Never throws for what a message holds. */
  feed(recorded: Recorded): Report;
  /** The revision that is spoken, as far as the conversation has shown it. */
  readonly revision: Revision | undefined;
  /** Requests that no response has answered so far. */
  pending(): readonly { readonly from: Side; readonly id: RequestId; readonly method: string }[];
}

interface Pending {
  readonly id: RequestId;
  readonly method: string;
  readonly revision: Revision;
  readonly params: unknown;
}

interface State {
  revision: Revision | undefined;
  readonly fixed: boolean;
  readonly extensions: readonly string[] | undefined;
  /** Requests in flight and ids ever used, by the side that sent them. */
  readonly inFlight: Record<Side, Map<RequestId, Pending>>;
  readonly used: Record<Side, Set<RequestId>>;
  /** The method that a task was made for, by task id (2025-11-25). */
  readonly tasks: Map<string, string>;
  /** The requests for input that wait for answers, by request state or method (2026-07-28). */
  readonly inputs: Map<string, unknown>;
}

/** Makes a checker for one conversation, that is, for one session or one connection. */
export function createConversationChecker(options: ConversationOptions = {}): ConversationChecker {
  const state: State = {
    revision: options.revision,
    fixed: options.revision !== undefined,
    extensions: options.extensions,
    inFlight: { client: new Map(), server: new Map() },
    used: { client: new Set(), server: new Set() },
    tasks: new Map(),
    inputs: new Map(),
  };
  return {
    feed: (recorded) => feed(state, recorded),
    get revision() {
      return state.revision;
    },
    pending: () =>
      (["client", "server"] as const).flatMap((from) =>
        [...state.inFlight[from].values()].map(({ id, method }) => ({ from, id, method })),
      ),
  };
}

function feed(state: State, { from, message }: Recorded): Report {
  const side = from ?? inferSide(message, state);
  const revision = revisionOf(message, side, state);
  const options = {
    revision,
    from: side,
    answering: (id: RequestId) => answeredMethod(id, side, state),
    ...extensionsOf(state),
  };
  const verdict = checkMessage(message, options);
  const items = Array.isArray(message)
    ? message.map((item, index) => [`/${index}`, item] as const)
    : [["", message] as const];
  const failures = items.flatMap(([pointer, item]) => below(pointer, follow(item, side, revision, state)));
  return { ...withFailures(verdict, failures), from: side, revision };
}

function extensionsOf({ extensions }: State): { extensions?: readonly string[] } {
  return extensions === undefined ? {} : { extensions };
}

function withFailures(verdict: Verdict, failures: readonly Failure[]): Verdict {
  if (failures.length === 0) return verdict;
  if (!verdict.ok) return { ...verdict, failures: [...verdict.failures, ...failures] };
  const { kind, method } = verdict;
  const code = failures.some(({ pointer }) => /^(\/\d+)?\/id$/.test(pointer)) ? -32600 : -32602;
  return { ok: false, code, failures, kind, ...(method === undefined ? {} : { method }) };
}

/** Takes note of what a message changes, and reports what only the conversation can show. */
function follow(message: unknown, from: Side, revision: Revision, state: State): Failure[] {
  if (!isObject(message)) return [];
  const { id, method, params, result } = message;
  if (typeof method === "string") {
    if (!state.fixed && effectOf(method) !== "negotiates") state.revision = namedRevision(message) ?? state.revision;
    return isId(id) ? followRequest({ id, method, revision, params }, from, state) : [];
  }
  if (!isId(id)) return [];
  const asked = state.inFlight[otherSide(from)];
  const request = asked.get(id);
  if (request === undefined)
    return [failureAt("/id", `id of a request of the ${otherSide(from)} that awaits its answer`, id)];
  asked.delete(id);
  return result === undefined ? [] : followResult(request, result, state);
}

function followRequest(request: Pending, from: Side, state: State): Failure[] {
  const { id, params } = request;
  const open = state.inFlight[from];
  const reused = isStateful(request.revision) ? state.used[from].has(id) : open.has(id);
  open.set(id, request);
  state.used[from].add(id);
  const answers = isObject(params) ? inputFailures(request, params, state) : [];
  return reused ? [failureAt("/id", `id that the ${from} has not used before`, id), ...answers] : answers;
}

function followResult(request: Pending, result: unknown, state: State): Failure[] {
  if (!isObject(result)) return [];
  const { taskId, requestState, inputRequests, protocolVersion } = result;
  const made = isObject(result.task) ? result.task.taskId : taskId;
  if (typeof made === "string" && effectOf(request.method) === "makesTask") state.tasks.set(made, request.method);
  if (isObject(inputRequests)) state.inputs.set(inputKey(request.method, requestState), inputRequests);
  if (effectOf(request.method) !== "negotiates") return [];
  return negotiated(protocolVersion, state);
}

/** The server's choice of revision; the client must end the session where it does not know it (LIFE-14). */
function negotiated(version: unknown, state: State): Failure[] {
  if (state.fixed) return [];
  if (isRevision(version)) {
    state.revision = version;
    return [];
  }
  return typeof version === "string"
    ? [failureAt("/result/protocolVersion", `one of ${knownRevisions()}`, version)]
    : [];
}

/** Answers to requests for input have no type of their own: the request that they answer tells it (TRAP-46). */
function inputFailures(request: Pending, params: Readonly<Record<string, unknown>>, state: State): Failure[] {
  const { inputResponses, requestState } = params;
  const asked = state.inputs.get(inputKey(request.method, requestState));
  if (!isObject(inputResponses) || !isObject(asked)) return [];
  return Object.keys(inputResponses).flatMap((key) => {
    const input = Object.hasOwn(asked, key) ? asked[key] : undefined;
    const method = isObject(input) && typeof input.method === "string" ? input.method : "";
    const { methods } = tables[request.revision];
    const row = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (row?.kind !== "input" || row.isResult === undefined || row.isResult(inputResponses[key])) return [];
    const pointer = `/params/inputResponses/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    return [failureAt(pointer, `${row.result}, the answer to ${method}`, inputResponses[key])];
  });
}

function inputKey(method: string, requestState: unknown): string {
  return typeof requestState === "string" ? `state ${requestState}` : `method ${method}`;
}

/** The method of the request with this id; the answer to `tasks/result` is that of the request which made the task. */
function answeredMethod(id: RequestId, from: Side, state: State): string | undefined {
  const request = state.inFlight[otherSide(from)].get(id);
  if (request === undefined) return undefined;
  if (effectOf(request.method) !== "fetchesTask" || !isObject(request.params)) return request.method;
  return state.tasks.get(String(request.params.taskId)) ?? request.method;
}

/** The revision to check a message against: what it names itself, what its request was checked against, what is spoken. */
function revisionOf(message: unknown, from: Side, state: State): Revision {
  if (state.fixed && state.revision !== undefined) return state.revision;
  const first = Array.isArray(message) ? message[0] : message;
  if (!isObject(first)) return state.revision ?? latest;
  const named = namedRevision(first);
  if (named !== undefined) return named;
  const request =
    isId(first.id) && first.method === undefined ? state.inFlight[otherSide(from)].get(first.id) : undefined;
  if (request !== undefined) return answeringRevision(request, first.result);
  return state.revision ?? newestWith(first.method);
}

/** A handshake is checked by the revision that the server chose. */
function answeringRevision(request: Pending, result: unknown): Revision {
  const chosen = isObject(result) ? result.protocolVersion : undefined;
  return effectOf(request.method) === "negotiates" && isRevision(chosen) ? chosen : request.revision;
}

/** The revision that a request names: in its handshake params, or in its own `_meta`. */
function namedRevision({ method, params }: Readonly<Record<string, unknown>>): Revision | undefined {
  if (typeof method !== "string" || !isObject(params)) return undefined;
  const meta = isObject(params._meta) ? params._meta["io.modelcontextprotocol/protocolVersion"] : undefined;
  const named = effectOf(method) === "negotiates" ? params.protocolVersion : meta;
  return isRevision(named) ? named : undefined;
}

/** Before a revision is known: the newest that has the method at all. */
function newestWith(method: unknown): Revision {
  const known = revisions.findLast(
    ({ revision }) => typeof method === "string" && Object.hasOwn(tables[revision].methods, method),
  );
  return known?.revision ?? latest;
}

/** Who sent a message, where only one side can have: by the direction of its method, or by the request that it answers. */
function inferSide(message: unknown, state: State): Side {
  const first = Array.isArray(message) ? message[0] : message;
  if (!isObject(first)) return "client";
  const { id, method } = first;
  if (typeof method !== "string") return isId(id) && state.inFlight.client.has(id) ? "server" : "client";
  const { methods } = tables[state.revision ?? newestWith(method)];
  const from = Object.hasOwn(methods, method) ? (methods[method]?.from ?? []) : [];
  return from.length === 1 && from[0] !== undefined ? from[0] : "client";
}

/**
 * The client's side of the stateless era: every request says who asks and in which revision, results may ask back, and events come
 * under a subscription. Requirements LIFE-43 to LIFE-64, MRTR-12 to MRTR-20, SUB-01 to SUB-17, BASE-31 to BASE-34.
 */

import type { MethodEntry } from "../../../generated/method-table.js";
import type { DiscoverResult, Implementation, SubscriptionFilter } from "../../../generated/neutral/types.js";
import type { Failure } from "../../../generated/prelude.js";
import { type Revision, tables } from "../../../generated/revisions.js";
import { CancelledError, ConnectionError, McpWireError, MessageError, toWireError } from "../../errors.js";
import { admitQuestion } from "../answering.js";
import { capabilitiesIn } from "../capabilities.js";
import { isObject } from "../envelope.js";
import type {
  ClientEra,
  ClientFacts,
  ClientLink,
  ListenFilter,
  Listening,
  PeerFacts,
  Resend,
  SealOptions,
  ServerEvent,
} from "../era.js";
import { eventOf } from "../events.js";
import { fitsNotification } from "../fit.js";
import { type Meta, MetaKey, metaOf, withMeta } from "../meta.js";
import { whileWanted } from "../patience.js";
import { readResult } from "../reading.js";
import { methodsFrom } from "../revision.js";
import { hasExtension, taskFormIn } from "../task-facts.js";
import { createSubscriptions, type Subscriptions } from "./subscriptions.js";

/** @param discovered the answer to the probe that found the server. */
export function createStatelessClient(
  revision: Revision,
  discovered: unknown,
  facts: ClientFacts,
  link: ClientLink,
): ClientEra {
  return new Stateless(revision, discovered, facts, link);
}

/** The params of a probe, before anything else is known (LIFE-69). */
export function probeParams(revision: Revision, facts: ClientFacts): object {
  return { _meta: metaIn(revision, facts) };
}

function metaIn(revision: Revision, facts: ClientFacts): Meta {
  const capabilities = capabilitiesIn(revision, "client", facts.capabilities);
  const form = facts.tasks ? taskFormIn(revision) : undefined;
  const extensions =
    form !== undefined && "extension" in form
      ? { extensions: { ...capabilities.extensions, [form.extension]: {} } }
      : undefined;
  return {
    [MetaKey.protocolVersion]: revision,
    ...(facts.sendInfo ? { [MetaKey.clientInfo]: facts.info } : {}),
    [MetaKey.clientCapabilities]: extensions === undefined ? capabilities : { ...capabilities, ...extensions },
  };
}

class Stateless implements ClientEra {
  readonly #revision: Revision;
  readonly #discovered: unknown;
  readonly #facts: ClientFacts;
  readonly #meta: Meta;
  readonly #methods: ReadonlyMap<string, MethodEntry>;
  readonly #serverMethods: ReadonlyMap<string, MethodEntry>;
  readonly #subscriptions: Subscriptions;
  readonly #ended = new AbortController();
  #server: Implementation | undefined = undefined;

  constructor(revision: Revision, discovered: unknown, facts: ClientFacts, link: ClientLink) {
    this.#revision = revision;
    this.#discovered = discovered;
    this.#facts = facts;
    this.#meta = metaIn(revision, facts);
    this.#methods = methodsFrom(revision, "client");
    this.#serverMethods = methodsFrom(revision, "server");
    this.#subscriptions = createSubscriptions(link, facts);
  }

  async open(): Promise<PeerFacts> {
    const result = this.#readOne("server/discover", this.#discovered) as DiscoverResult;
    this.#server = metaOf(result)?.[MetaKey.serverInfo] as Implementation | undefined;
    return {
      revision: this.#revision,
      serverCapabilities: result.capabilities,
      serverInfo: this.#server,
      instructions: result.instructions,
    };
  }

  seal(method: string, params: unknown, { logLevel }: SealOptions): unknown {
    if (this.#rowOf(method) === undefined) {
      const problem = `${method} does not exist in the revision ${this.#revision}, which was agreed on.`;
      throw new McpWireError("NOT_IN_REVISION", problem, "Look at `client.peer.revision` first.");
    }
    if (params === undefined && logLevel === undefined) return { _meta: this.#meta };
    return withMeta(params, logLevel === undefined ? this.#meta : { ...this.#meta, [MetaKey.logLevel]: logLevel });
  }

  read(method: string, params: unknown, result: unknown, resend: Resend, signal: AbortSignal | undefined): unknown {
    if (isObject(result) && result.resultType === "input_required")
      return this.#rounds(method, params, result, resend, signal);
    return this.#readOne(method, result);
  }

  /** Others than complete results were looked at when they were read. */
  isTask(_params: unknown, result: unknown): boolean {
    return isObject(result) && result.resultType === "task";
  }

  cancel(): boolean {
    return true;
  }

  listen(filter: ListenFilter, onevent: (event: ServerEvent) => void): Promise<Listening> {
    const notifications: SubscriptionFilter = {
      ...(filter.tools === true ? { toolsListChanged: true } : {}),
      ...(filter.prompts === true ? { promptsListChanged: true } : {}),
      ...(filter.resources === true ? { resourcesListChanged: true } : {}),
      ...(filter.uris === undefined ? {} : { resourceSubscriptions: [...filter.uris] }),
    };
    return this.#subscriptions.begin({ _meta: this.#meta, notifications }, (event) => {
      this.#facts.onevent(event);
      onevent(event);
    });
  }

  notice(method: string, params: unknown): boolean {
    if (!fitsNotification(this.#serverMethods.get(method), params)) return false;
    const id = metaOf(params)?.[MetaKey.subscriptionId];
    if (method === "notifications/subscriptions/acknowledged") return this.#subscriptions.acknowledged(id, params);
    if (method === "notifications/cancelled")
      return this.#subscriptions.cancelled((params as { requestId?: unknown }).requestId);
    const event = eventOf(method, params);
    return event === undefined || this.#subscriptions.event(id, event);
  }

  /** A result that was asked for in this revision, with what older servers leave out tolerated (BASE-34, BASE-89). */
  #readOne(method: string, result: unknown): unknown {
    const type = isObject(result) ? result.resultType : undefined;
    if (type !== undefined && type !== "complete") {
      const other = this.#rowOf(method)?.alternatives?.find(({ resultType }) => resultType === type);
      if (other?.extension !== undefined && this.#declares(other.extension) && other.isResult(result)) return result;
      const problem = `The result of ${method} is of the type ${JSON.stringify(type)}, which this client does not know.`;
      throw new MessageError("INVALID_RESULT", problem, "The server uses an extension that was not agreed on.");
    }
    return readResult(this.#rowOf(method), method, result, this.#facts, this.#revision, isHint);
  }

  /** What the revision says of a method; of extensions, where the requests declare them. */
  #rowOf(method: string): MethodEntry | undefined {
    const known = this.#methods.get(method);
    if (known !== undefined) return known;
    const { methods } = tables[this.#revision];
    const row = Object.hasOwn(methods, method) ? methods[method] : undefined;
    const { extension } = row ?? {};
    return extension !== undefined && row?.from.includes("client") === true && this.#declares(extension)
      ? row
      : undefined;
  }

  #declares(extension: string): boolean {
    return hasExtension(this.#meta[MetaKey.clientCapabilities] as object, extension);
  }

  async #rounds(
    method: string,
    params: unknown,
    first: object,
    resend: Resend,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    let result: unknown = first;
    for (let round = 1; isObject(result) && result.resultType === "input_required"; round++) {
      if (round > this.#facts.maxRounds) {
        const problem = `${method} asked for input ${this.#facts.maxRounds} times and was not done.`;
        throw new McpWireError("TOO_MANY_ROUNDS", problem, "Raise `maxRounds` if it may ask more often.");
      }
      const asked = result;
      result = await resend(
        await whileWanted(
          [
            [signal, () => cancelled(method, signal?.reason)],
            [this.#ended.signal, () => closed(method)],
          ],
          (wanted) => this.#nextParams(method, params, asked, round, wanted),
        ),
      );
    }
    return this.#readOne(method, result);
  }

  /** The original params, with the answers and the state of the last round alone (MRTR-14 to MRTR-19). */
  async #nextParams(
    method: string,
    params: unknown,
    result: Readonly<Record<string, unknown>>,
    round: number,
    signal: AbortSignal,
  ): Promise<object> {
    const row = this.#methods.get(method)?.alternatives?.find(({ resultType }) => resultType === "input_required");
    if (
      row === undefined ||
      !row.isResult(result) ||
      (result.inputRequests === undefined && result.requestState === undefined)
    ) {
      const problem = `${method} was answered with a wish for input that is none.`;
      throw new MessageError("INVALID_RESULT", problem, "The peer has to mend it.");
    }
    const { inputRequests, requestState } = result;
    const inputResponses = isObject(inputRequests) ? await this.#answerAll(inputRequests, signal) : undefined;
    // Nothing to answer means "come again": not at once for ever, and not with everybody else (MRTR-13, BASE-92).
    if (inputResponses === undefined) await pause(Math.min(50 * 2 ** round, 2_000) * (0.5 + Math.random() / 2));
    const { inputResponses: _responses, requestState: _state, ...own } = isObject(params) ? params : {};
    return {
      ...own,
      ...(inputResponses === undefined ? {} : { inputResponses }),
      ...(requestState === undefined ? {} : { requestState }),
    };
  }

  /** Asks once all are known to be questions that are answered here: nobody fills in a form for nothing (MRTR-12, MRTR-20). */
  async #answerAll(requests: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<object> {
    const admitted = Object.entries(requests).map(([key, request]) => {
      const { method, params } = request as { method: string; params?: unknown };
      return [key, this.#admit(method, params)] as const;
    });
    const answers = admitted.map(async ([key, answer]) => [key, await answer(signal)] as const);
    return Object.fromEntries(await Promise.all(answers));
  }

  async answerInput(method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    return await this.#admit(method, params)(signal);
  }

  /** Looks at a question, and gives what asks it. @throws McpWireError `NOT_ANSWERED`; what is given throws it too. */
  #admit(method: string, params: unknown): (signal: AbortSignal) => Promise<unknown> {
    const rows = tables[this.#revision].methods;
    const row = Object.hasOwn(rows, method) ? rows[method] : undefined;
    try {
      const answer = admitQuestion({ row, method, params, revision: this.#revision }, this.#facts);
      return async (signal) => {
        try {
          return await answer({ signal, server: this.#server });
        } catch (error) {
          throw unanswered(method, error);
        }
      };
    } catch (error) {
      throw unanswered(method, error);
    }
  }

  end(): void {
    this.#ended.abort();
  }
}

function unanswered(method: string, error: unknown): McpWireError {
  const cause = toWireError(error, `Answering ${method}`);
  const problem = `The server needs ${method}, which failed here: ${cause.message.replace(/\.$/, "")}.`;
  return new McpWireError("NOT_ANSWERED", problem, "Give a callback that answers it.", cause);
}

function cancelled(method: string, reason: unknown): CancelledError {
  return new CancelledError(`${method} was cancelled by its caller.`, "`cause` is the reason the caller gave.", reason);
}

function closed(method: string): ConnectionError {
  const problem = `The connection was closed while ${method} waited for answers that the server needs.`;
  return new ConnectionError("CLOSED", problem, "Connect again.");
}

/** Members that have a meaning when they are not there: complete, and stale at once. So has a time below zero. */
function isHint({ pointer, actual }: Failure): boolean {
  if (pointer === "/ttlMs") return actual === "missing" || actual.startsWith("number -");
  return (pointer === "/resultType" || pointer === "/cacheScope") && actual === "missing";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The client's side of the stateful era: the handshake, then requests in both directions. Requirements LIFE-07 to LIFE-26. */

import type { MethodEntry } from "../../../generated/method-table.js";
import type { InitializeResult } from "../../../generated/neutral/types.js";
import type { Revision } from "../../../generated/revisions.js";
import { ConnectionError, McpWireError, MessageError, RpcError } from "../../errors.js";
import type { IncomingCall } from "../../jsonrpc/incoming.js";
import { admitQuestion, answerQuestion } from "../answering.js";
import { capabilitiesIn, declares } from "../capabilities.js";
import { isObject } from "../envelope.js";

import type { ClientEra, ClientFacts, Link, ListenFilter, Listening, PeerFacts, ServerEvent } from "../era.js";
import { concerns, eventOf } from "../events.js";
import { checkRequest, fitsNotification } from "../fit.js";
import { judgeHandshake, judgeRefusedHandshake } from "../negotiate.js";
import { readResult } from "../reading.js";
import { methodsFrom, type Selection } from "../revision.js";

/** @param offer the revision to offer in the handshake. */
export function createStatefulClient(offer: Revision, own: Selection, facts: ClientFacts, link: Link): ClientEra {
  return new Stateful(offer, own, facts, link);
}

interface Listener {
  readonly filter: ListenFilter;
  readonly onevent: (event: ServerEvent) => void;
  end(reason: McpWireError | undefined): void;
}

class Stateful implements ClientEra {
  readonly #own: Selection;
  readonly #facts: ClientFacts;
  readonly #link: Link;
  #revision: Revision;
  #methods: ReadonlyMap<string, MethodEntry>;
  #serverMethods: ReadonlyMap<string, MethodEntry>;
  #peer: PeerFacts | undefined = undefined;
  readonly #listeners = new Set<Listener>();

  constructor(offer: Revision, own: Selection, facts: ClientFacts, link: Link) {
    this.#revision = offer;
    this.#own = own;
    this.#facts = facts;
    this.#link = link;
    this.#methods = methodsFrom(offer, "client");
    this.#serverMethods = methodsFrom(offer, "server");
  }

  async open(): Promise<PeerFacts> {
    const result = await this.#shakeHands(this.#revision);
    const revision = judgeHandshake(result.protocolVersion, this.#own);
    if (revision === undefined) {
      const problem = `The server answered with the revision ${String(result.protocolVersion)}, which this client does not speak.`;
      throw new McpWireError("NO_COMMON_REVISION", problem, `It speaks ${this.#own.stateful.join(", ")}.`);
    }
    this.#revision = revision;
    this.#methods = methodsFrom(revision, "client");
    this.#serverMethods = methodsFrom(revision, "server");
    readResult(this.#methods.get("initialize"), "initialize", result, this.#facts, revision);
    const { capabilities, serverInfo, instructions } = result;
    this.#peer = { revision, serverCapabilities: capabilities, serverInfo, instructions };
    await this.#link.notify("notifications/initialized");
    return this.#peer;
  }

  seal(method: string, params: unknown): unknown {
    if (this.#peer !== undefined && !this.#methods.has(method)) {
      const problem = `${method} does not exist in the revision ${this.#revision}, which was agreed on.`;
      throw new McpWireError("NOT_IN_REVISION", problem, "Look at `client.peer.revision` first.");
    }
    return params;
  }

  read(method: string, params: unknown, result: unknown): unknown {
    if (method === "tools/call" && this.isTask(params, result)) return result;
    return readResult(this.#methods.get(method), method, result, this.#facts, this.#revision);
  }

  /** What was asked for as a task is answered by one, unless the server knows none (TASK-16). */
  isTask(params: unknown, result: unknown): boolean {
    if (!isObject(params) || params.task === undefined) return false;
    const { alternatives } = this.#methods.get("tools/call") ?? {};
    return alternatives?.some(({ request, isResult }) => request === "params.task" && isResult(result)) ?? false;
  }

  cancel(method: string): boolean {
    return method !== "initialize";
  }

  async listen(filter: ListenFilter, onevent: (event: ServerEvent) => void): Promise<Listening> {
    const capabilities = this.#peer?.serverCapabilities;
    const uris = declares(capabilities, "resources.subscribe") ? (filter.uris ?? []) : [];
    let end = (_reason: McpWireError | undefined): void => undefined;
    const ended = new Promise<McpWireError | undefined>((resolve) => {
      end = resolve;
    });
    const listener: Listener = { filter, onevent, end };
    this.#listeners.add(listener);
    const done: string[] = [];
    try {
      for (const uri of uris) {
        await this.#link.request("resources/subscribe", { uri });
        done.push(uri);
      }
    } catch (error) {
      this.#listeners.delete(listener);
      throw error;
    }
    return {
      agreed: {
        tools: filter.tools === true && declares(capabilities, "tools.listChanged"),
        prompts: filter.prompts === true && declares(capabilities, "prompts.listChanged"),
        resources: filter.resources === true && declares(capabilities, "resources.listChanged"),
        uris,
      },
      ended,
      close: async () => {
        if (!this.#listeners.delete(listener)) return;
        end(undefined);
        // Somebody else may still listen for the same resource.
        const others = new Set([...this.#listeners].flatMap((one) => one.filter.uris ?? []));
        for (const uri of done) if (!others.has(uri)) await this.#link.request("resources/unsubscribe", { uri });
      },
    };
  }

  answer(method: string, params: unknown, call: IncomingCall): unknown {
    if (method === "ping") return {};
    const row = this.#serverMethods.get(method);
    const asked = { row, method, params, revision: this.#revision };
    const server = this.#peer?.serverInfo;
    const { answerTasks } = this.#facts;
    if (answerTasks !== undefined && method.startsWith("tasks/")) {
      checkRequest(row, method, params);
      return answerTasks.answer(method, params, call.signal);
    }
    if (answerTasks !== undefined && this.#isTaskWanted(row, params)) {
      const run = admitQuestion(asked, this.#facts);
      return answerTasks.start({
        method,
        params,
        revision: this.#revision,
        run: (how) =>
          run({
            server,
            get signal() {
              return how.signal;
            },
          }),
        tell: (what, said) => this.#link.notify(what, said),
      });
    }
    return answerQuestion(asked, this.#facts, {
      server,
      get signal() {
        return call.signal;
      },
    });
  }

  /** What was not declared is answered plainly (TASK-06). */
  #isTaskWanted(row: MethodEntry | undefined, params: unknown): boolean {
    return row?.taskAugmentable === true && isObject(params) && params.task !== undefined;
  }

  notice(method: string, params: unknown): boolean {
    if (!fitsNotification(this.#serverMethods.get(method), params)) return false;
    const event = eventOf(method, params);
    if (event === undefined) return true;
    this.#facts.onevent(event);
    for (const { filter, onevent } of this.#listeners) if (concerns(event, filter)) onevent(event);
    return true;
  }

  end(reason: McpWireError | undefined): void {
    const lost = new ConnectionError(
      "CLOSED",
      `The connection was closed${reason === undefined ? "." : `: ${reason.message}`}`,
      "Connect and subscribe again.",
      reason,
    );
    for (const listener of this.#listeners) listener.end(lost);
    this.#listeners.clear();
  }

  async #shakeHands(offer: Revision): Promise<InitializeResult> {
    const params = {
      protocolVersion: offer,
      capabilities: capabilitiesIn(offer, "client", this.#facts.capabilities),
      clientInfo: this.#facts.info,
    };
    try {
      const result = await this.#link.request("initialize", params, { cancellable: false });
      if (typeof result === "object" && result !== null) return result as InitializeResult;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const again = judgeRefusedHandshake(error.data, offer, this.#own);
      if (again === undefined) throw refused(error);
      // The offers get fewer, so this ends.
      return await new Stateful(again, without(this.#own, offer), this.#facts, this.#link).#shakeHands(again);
    }
    throw new MessageError("INVALID_RESULT", "The result of initialize is no object.", "The peer has to mend it.");
  }
}

/** A server that refuses the handshake and names what it speaks has no revision in common; any other refusal is the server's own. */
function refused(error: RpcError): McpWireError {
  if (!isObject(error.data) || !Array.isArray(error.data.supported)) return error;
  const problem = `No revision is spoken by both sides: the server refused the handshake: ${error.message}`;
  return new McpWireError("NO_COMMON_REVISION", problem, "Allow more `revisions`.", error);
}

function without(own: Selection, refused: Revision): Selection {
  return { ...own, stateful: own.stateful.filter((revision) => revision !== refused) };
}

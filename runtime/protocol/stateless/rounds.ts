/**
 * The rounds of one request whose handler asks for input: which questions are answered, which are open, and when the round ends.
 * Multi round-trip requests; requirements MRTR-01 to MRTR-11, MRTR-26, MRTR-27.
 */

import type { AsyncLocalStorage } from "node:async_hooks";
import type { MethodEntry } from "../../../generated/method-table.js";
import { McpWireError } from "../../errors.js";
import { isObject } from "../envelope.js";
import { nodeAsyncHooks, nodeCrypto } from "../node-modules.js";
import { fitting } from "./responses.js";
import { canonical, type Memory } from "./state.js";

const NAMES: Readonly<Record<string, string>> = {
  "elicitation/create": "elicit",
  "sampling/createMessage": "sample",
  "roots/list": "roots",
};

/** Ends a round with open questions, and with what the next round has to know. */
export type Suspend = (requests: Readonly<Record<string, unknown>>, memory: Memory) => void;

/** Tells what an effect does from what the handler does beside it. */
let effects: AsyncLocalStorage<Rounds> | undefined;

/** The round waits for the effect and the effect would wait for the round. */
function insideEffect(method: string): McpWireError {
  const problem = `${method} was asked inside \`ctx.once\`, where no answer can come.`;
  return new McpWireError("INVALID_USE", problem, "Ask first, and keep what comes of it.");
}

/**
 * Names the questions of one run by what they ask. Only the same question is counted: which of several is ready to be asked first may
 * differ from run to run, and an answer must find its question all the same.
 */
export function createQuestionNames(): (method: string, params: unknown) => string {
  const asked = new Map<string, number>();
  return (method, params) => {
    const digest = nodeCrypto()
      .createHash("sha256")
      .update(canonical([method, params ?? {}]))
      .digest("base64url")
      .slice(0, 8);
    const count = (asked.get(digest) ?? 0) + 1;
    asked.set(digest, count);
    return `${NAMES[method] ?? "ask"}-${count}-${digest}`;
  };
}

/** The questions and effects of one run of a handler. */
export class Rounds {
  readonly #memory: Memory;
  readonly #responses: unknown;
  readonly #names = new Set<string>();
  readonly #open: Record<string, { method: string; params?: unknown }> = {};
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #nameOf = createQuestionNames();
  #scheduled = false;
  #over = false;
  readonly #suspend: Suspend;

  /**
   * @param memory of the rounds before; none in the first.
   * @param responses the answers that came with the request; those to questions with a name count whether or not they were asked.
   */
  constructor(memory: Memory | undefined, responses: unknown, suspend: Suspend) {
    this.#memory = memory ?? { answers: {}, kept: {}, asked: {} };
    this.#responses = responses;
    this.#suspend = suspend;
  }

  /**
   * The answer to the next question of this run, or a promise that stays open: the round ends with the question.
   * @throws RpcError −32602 where an answer does not fit; McpWireError `INVALID_USE` for a name used twice, and inside an effect.
   */
  ask(row: MethodEntry, method: string, params: unknown, name: string | undefined): unknown {
    if (effects?.getStore() === this) throw insideEffect(method);
    const { answers } = this.#memory;
    const key = name ?? this.#nameOf(method, params);
    if (name !== undefined) {
      this.#claim(name);
      const early = !Object.hasOwn(answers, name) && isObject(this.#responses) && Object.hasOwn(this.#responses, name);
      if (early) answers[name] = fitting(row, method, name, (this.#responses as { [name: string]: unknown })[name]);
    }
    // A copy: the handler may change what it was given, and the next run begins with the answer as it came.
    if (Object.hasOwn(answers, key)) return structuredClone(answers[key]);
    this.#open[key] = params === undefined ? { method } : { method, params };
    this.#settle();
    return new Promise(() => undefined);
  }

  #claim(name: string): void {
    if (this.#names.has(name)) {
      const problem = `Two questions of one request have the key ${JSON.stringify(name)}.`;
      throw new McpWireError("INVALID_USE", problem, "Give each question a key of its own.");
    }
    this.#names.add(name);
  }

  /**
   * Runs an effect unless an earlier round did. The round does not end while one is at work, or it would run twice; once it has ended none
   * begins, since the next round would know nothing of it.
   */
  keep(key: string, run: () => unknown): unknown {
    const { kept } = this.#memory;
    if (Object.hasOwn(kept, key)) return structuredClone(kept[key]?.value);
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    if (this.#over) return new Promise(() => undefined);
    effects ??= new (nodeAsyncHooks().AsyncLocalStorage)<Rounds>();
    const promise = effects
      .run(this, async () => run())
      .then((value) => {
        kept[key] = { value: copyOf(value, key) };
        return value;
      });
    this.#running.set(key, promise);
    const done = (): void => {
      this.#running.delete(key);
      this.#settle();
    };
    promise.then(done, done);
    return promise;
  }

  /** Questions that start together go out together: the round ends when nothing else happens in this turn. */
  #settle(): void {
    if (this.#scheduled || Object.keys(this.#open).length === 0 || this.#running.size > 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#running.size > 0) return;
      this.#over = true;
      const asked = Object.fromEntries(Object.entries(this.#open).map(([key, { method }]) => [key, method]));
      this.#suspend(this.#open, { ...this.#memory, asked });
    });
  }
}

/** As the next run will see it. @throws McpWireError `INVALID_USE` for what is no JSON. */
function copyOf(value: unknown, key: string): unknown {
  if (value === undefined) return undefined;
  try {
    const text = JSON.stringify(value);
    return text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    const problem = `What \`ctx.once\` got for ${JSON.stringify(key)} is no JSON, so that the next run cannot have it.`;
    throw new McpWireError("INVALID_USE", problem, "Give what can be written as JSON, or nothing.", error);
  }
}

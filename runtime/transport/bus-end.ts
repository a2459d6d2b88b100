/** One sender and listener on a bus: what it sends goes in order and counts once, although a bus may carry a message twice. */

import { type McpWireError, toWireError } from "../errors.js";
import type { Bus } from "./bus.js";

/** What is sent. JSON, with a `kind` to tell it apart. */
export type BusMessage = { readonly kind: string } & { readonly [key: string]: unknown };

export interface BusEndParts {
  readonly bus: Bus;
  /** Unique over everything on the bus. */
  readonly id: string;
  readonly topics: readonly string[];
  onmessage(message: BusMessage, from: string): void;
  /** Messages may have been missed. */
  onmissed(): void;
  report(error: McpWireError): void;
}

/** Senders whose last message is remembered. Nodes come and go; those that were heard last are those that are there. */
const REMEMBERED = 1_024;

interface Envelope {
  readonly from: string;
  readonly n: number;
  readonly message: BusMessage;
}

export class BusEnd {
  readonly id: string;
  /** Resolves when every topic is listened to. */
  readonly ready: Promise<void>;
  readonly #parts: BusEndParts;
  readonly #heard = new Map<string, number>();
  readonly #stops: (() => void)[];
  #sent = 0;
  #chain: Promise<unknown> = Promise.resolve();
  #listening = 0;

  constructor(parts: BusEndParts) {
    this.#parts = parts;
    this.id = parts.id;
    let begun = (): void => undefined;
    this.ready = new Promise((resolve) => {
      begun = resolve;
    });
    this.#stops = parts.topics.map((topic) => {
      let listens = false;
      return parts.bus.subscribe(topic, (text) => {
        if (text !== undefined) this.#take(text);
        else if (listens) this.#guard(() => parts.onmissed());
        else if (++this.#listening === parts.topics.length) begun();
        listens = true;
      });
    });
  }

  /** Sends after everything that was sent before, and says how many it reached. Rejects where the bus fails. */
  publish(topic: string, message: BusMessage): Promise<number> {
    const text = JSON.stringify({ from: this.id, n: ++this.#sent, message } satisfies Envelope);
    const sent = this.#chain.then(() => this.#parts.bus.publish(topic, text));
    // One that failed was reported to its sender; the next is sent all the same.
    this.#chain = sent.then(undefined, () => undefined);
    return sent;
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #take(text: string): void {
    this.#guard(() => {
      const { from, n, message } = JSON.parse(text) as Envelope;
      const last = this.#heard.get(from);
      if (last !== undefined && n <= last) return;
      this.#heard.delete(from);
      this.#heard.set(from, n);
      if (this.#heard.size > REMEMBERED) this.#heard.delete(this.#heard.keys().next().value as string);
      this.#parts.onmessage(message, from);
    });
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#parts.report(toWireError(error, "Taking a message from the bus"));
    }
  }
}

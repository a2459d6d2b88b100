/** A node among others that serve the same sessions: tells one or all of them something, and asks one of them, which may be gone. */

import { randomBytes } from "node:crypto";
import { McpWireError, toWireError } from "../errors.js";
import type { Bus } from "../transport/bus.js";
import { BusEnd, type BusMessage } from "../transport/bus-end.js";

/** What every node hears. */
export const EVERYBODY = "all";

export interface NodeEvents {
  /** Answers what another node asks, or takes what it tells. */
  onmessage(message: BusMessage, from: string): unknown;
  onmissed(): void;
  report(error: McpWireError): void;
}

/** Milliseconds in which a node that is there answers; one that does not is taken for gone. */
const REPLY_MS = 5_000;

export class Node {
  /** Not secret, and unique: it stands in ids of requests and streams. Holds no dot. */
  readonly id: string = randomBytes(9).toString("base64url");
  readonly #end: BusEnd;
  readonly #events: NodeEvents;
  readonly #asked = new Map<number, (reply: unknown) => void>();
  #hears = false;
  #lastAsked = 0;
  #lastId = 0;

  constructor(bus: Bus, events: NodeEvents) {
    this.#events = events;
    this.#end = new BusEnd({
      bus,
      id: this.id,
      topics: [EVERYBODY, topicOf(this.id)],
      onmessage: (message, from) => this.#take(message, from),
      onmissed: () => events.onmissed(),
      report: (error) => events.report(error),
    });
    void this.#end.ready.then(() => {
      this.#hears = true;
    });
  }

  /** Resolves once this hears the others. @throws McpWireError `BUS_SILENT` where it does not in the time in which nodes answer. */
  get ready(): Promise<void> {
    return this.#hears ? this.#end.ready : this.#untilReady();
  }

  /** An id for a request, unique over all nodes, which says who asks. */
  createId(): string {
    return `${this.id}.${(++this.#lastId).toString(36)}`;
  }

  /** Whether it reached the node. */
  async tell(node: string, message: BusMessage): Promise<boolean> {
    return (await this.#end.publish(topicOf(node), message)) > 0;
  }

  /** This node hears it too, in its place among what others say. */
  async tellAll(message: BusMessage): Promise<void> {
    await this.#end.publish(EVERYBODY, message);
  }

  /** Tells in the background; what fails is reported. */
  send(node: string | undefined, message: BusMessage): void {
    const sent = node === undefined ? this.tellAll(message) : this.tell(node, message);
    sent.catch((error: unknown) => this.#events.report(toWireError(error, "Telling other nodes")));
  }

  /** The answer of a node; `undefined` where it is gone. */
  async ask(node: string, message: BusMessage): Promise<unknown> {
    const ref = ++this.#lastAsked;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const answered = new Promise<unknown>((resolve) => {
      this.#asked.set(ref, resolve);
      timer = setTimeout(() => resolve(undefined), REPLY_MS);
    });
    try {
      return (await this.tell(node, { ...message, ref })) ? await answered : undefined;
    } finally {
      clearTimeout(timer);
      this.#asked.delete(ref);
    }
  }

  close(): void {
    this.#end.close();
    for (const answer of this.#asked.values()) answer(undefined);
  }

  async #untilReady(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(silent()), REPLY_MS);
    });
    try {
      await Promise.race([this.#end.ready, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #take(message: BusMessage, from: string): void {
    if (message.kind === "reply") {
      this.#asked.get(message.ref as number)?.(message.reply);
      return;
    }
    const { ref } = message;
    const given = this.#events.onmessage(message, from);
    if (ref === undefined) return;
    const reply = (value: unknown): void => this.send(from, { kind: "reply", ref, reply: value });
    const failed = (error: unknown): void => this.#events.report(toWireError(error, "Answering another node"));
    Promise.resolve(given).then(reply, failed);
  }
}

/** The node that an id of {@link Node.createId} names. */
export function nodeIn(id: unknown): string | undefined {
  if (typeof id !== "string") return undefined;
  const dot = id.indexOf(".");
  return dot <= 0 ? undefined : id.slice(0, dot);
}

function silent(): McpWireError {
  const problem = "The bus does not say that it listens, so nothing would be heard of other nodes.";
  return new McpWireError("BUS_SILENT", problem, "Look at the way to the bus; requests can be sent again.");
}

function topicOf(node: string): string {
  return `node.${node}`;
}

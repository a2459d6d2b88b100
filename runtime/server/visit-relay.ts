/**
 * Tells other nodes that a person is done at a page: the web side is at any node, and which one sent the person there is known to that one
 * alone. Requirements ELIC-34, ELIC-35.
 */

import { toWireError } from "../errors.js";
import type { ServerFacts } from "../protocol/era.js";
import type { Bus } from "../transport/bus.js";
import { BusEnd, type BusMessage } from "../transport/bus-end.js";

export interface VisitRelay {
  /** Gives whether a client was told by another node. Never rejects. */
  complete(elicitationId: string): Promise<boolean>;
  close(): void;
}

const VISITS = "visits";
/** Milliseconds in which a node that is there answers. */
const REPLY_MS = 2_000;

export function createVisitRelay(facts: ServerFacts, bus: Bus): VisitRelay {
  const waiting = new Map<number, (told: boolean) => void>();
  const id = crypto.randomUUID();
  let last = 0;
  const failed = (error: unknown): void => facts.report(toWireError(error, "Telling other nodes of a visit"));
  const answer = async ({ visit, ref }: BusMessage, from: string): Promise<void> => {
    const { completeHere } = await import("./visits.js");
    await end.publish(`${VISITS}.${from}`, { kind: "told", ref, told: completeHere(facts, visit as string) });
  };
  const end = new BusEnd({
    bus,
    id,
    topics: [VISITS, `${VISITS}.${id}`],
    onmessage(message, from) {
      if (message.kind === "told") waiting.get(message.ref as number)?.(message.told === true);
      else if (message.kind === "visited" && from !== id) answer(message, from).catch(failed);
    },
    // Who misses an answer waits no longer for it than for one that never comes.
    onmissed: () => undefined,
    report: (error) => facts.report(error),
  });
  return {
    complete: (visit) =>
      new Promise((resolve) => {
        const ref = ++last;
        let answers = 0;
        let others = Number.POSITIVE_INFINITY;
        const finish = (told: boolean): void => {
          clearTimeout(patience);
          waiting.delete(ref);
          resolve(told);
        };
        const patience = setTimeout(() => finish(false), REPLY_MS);
        waiting.set(ref, (told) => {
          answers++;
          if (told || answers >= others) finish(told);
        });
        const sent = end.publish(VISITS, { kind: "visited", ref, visit });
        sent.then(
          (reached) => {
            // This one was reached too.
            others = reached - 1;
            if (answers >= others) finish(false);
          },
          (error: unknown) => {
            failed(error);
            finish(false);
          },
        );
      }),
    close: () => end.close(),
  };
}

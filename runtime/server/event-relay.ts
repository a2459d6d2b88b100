/** Tells the clients of every node what happened at one of them. What is told goes by way of the bus, also to clients of the same node: once, and in one order. */

import { toWireError } from "../errors.js";
import type { ServerEvent } from "../protocol/era.js";
import { EVERYBODY } from "../protocol/nodes.js";
import type { Bus } from "../transport/bus.js";
import { BusEnd } from "../transport/bus-end.js";
import type { Session, SessionParts } from "./session.js";
import { createVisitRelay } from "./visit-relay.js";

/** The part of a relay that one endpoint has. */
export interface RelayEnd {
  /** Where sessions are put that hear of events by the bus. */
  readonly sessions: Set<Session>;
  leave(): void;
}

interface Relay {
  readonly sessions: Set<Session>;
  readonly close: () => void;
  ends: number;
}

const relays = new WeakMap<SessionParts["facts"], Map<Bus, Relay>>();

/** Joins the relay of a server on a bus: all its endpoints share one. */
export function joinRelay(parts: SessionParts, bus: Bus): RelayEnd {
  const own = relays.get(parts.facts) ?? new Map<Bus, Relay>();
  relays.set(parts.facts, own);
  const relay = own.get(bus) ?? createRelay(parts, bus);
  own.set(bus, relay);
  relay.ends++;
  return {
    sessions: relay.sessions,
    leave() {
      if (--relay.ends > 0) return;
      own.delete(bus);
      relay.close();
    },
  };
}

function createRelay(parts: SessionParts, bus: Bus): Relay {
  const sessions = new Set<Session>();
  const tell = (all: Iterable<Session>, event: ServerEvent): void => {
    for (const session of all) session.publish(event);
  };
  const end = new BusEnd({
    bus,
    id: crypto.randomUUID(),
    topics: [EVERYBODY],
    onmessage(message, from) {
      if (message.kind !== "event") return;
      const event = message.event as ServerEvent;
      tell(sessions, event);
      if (from === end.id) return;
      for (const session of parts.sessions) if (session !== speaker) session.publish(event);
    },
    onmissed() {
      const { tools, prompts, resources } = parts.facts.capabilities();
      if (tools?.listChanged === true) tell(sessions, { type: "toolsChanged" });
      if (prompts?.listChanged === true) tell(sessions, { type: "promptsChanged" });
      if (resources?.listChanged === true) tell(sessions, { type: "resourcesChanged" });
    },
    report: (error) => parts.facts.report(error),
  });
  const visits = createVisitRelay(parts.facts, bus);
  // Among the connections of the server, this one stands for those that are told by way of the bus.
  const speaker: Session = {
    publish(event) {
      end.publish(EVERYBODY, { kind: "event", event }).catch((error: unknown) => {
        parts.facts.report(toWireError(error, `Telling other nodes of ${event.type}`));
        tell(sessions, event);
      });
    },
    complete: (elicitationId) => visits.complete(elicitationId),
    close: async () => undefined,
  };
  parts.sessions.add(speaker);
  const close = (): void => {
    parts.sessions.delete(speaker);
    end.close();
    visits.close();
  };
  return { sessions, close, ends: 0 };
}

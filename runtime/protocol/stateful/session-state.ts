/** What requests and notifications change of a session, for the nodes that did not see them. Requirements LIFE-07 to LIFE-26, LOG-03, RES-07, RES-08. */

import type { InitializeRequestParams, LoggingLevel } from "../../../generated/neutral/types.js";
import { isRequestId } from "../../jsonrpc/message.js";
import { isObject } from "../envelope.js";
import { isRevision } from "../revision.js";
import type { SessionRecord } from "../session-store.js";

/** Makes the next record of a session, but for its version. */
export type SessionChange = (record: SessionRecord) => Partial<SessionRecord>;

/** The first record of a session; `undefined` where its handshake was refused. */
export function openedBy(
  asked: unknown,
  answer: unknown,
): Omit<SessionRecord, "id" | "principal" | "home"> | undefined {
  if (!isObject(asked) || asked.method !== "initialize" || !isObject(answer) || !isObject(answer.result))
    return undefined;
  const { clientInfo, capabilities } = asked.params as InitializeRequestParams;
  const { protocolVersion } = answer.result;
  if (!isRevision(protocolVersion)) return undefined;
  const state = { revision: protocolVersion, operating: false, capabilities, subscribed: [], version: 1 };
  return { ...state, client: clientInfo, logLevel: "info" };
}

/** What one message changes, and how. A request by its name alone, which has no id, is none and changes nothing. */
export function changeBy(message: unknown): SessionChange | undefined {
  if (!isObject(message)) return undefined;
  if ((message.method === "notifications/initialized") === isRequestId(message.id)) return undefined;
  const params = message.params as { readonly level: LoggingLevel; readonly uri: string };
  switch (message.method) {
    case "notifications/initialized":
      return () => ({ operating: true });
    case "logging/setLevel":
      return () => ({ logLevel: params.level });
    case "resources/subscribe":
      return ({ subscribed }) => ({ subscribed: [...subscribed.filter((uri) => uri !== params.uri), params.uri] });
    case "resources/unsubscribe":
      return ({ subscribed }) => ({ subscribed: subscribed.filter((uri) => uri !== params.uri) });
    default:
      return undefined;
  }
}

/** The changes that an answer, or the answers of a batch, brought into effect. */
export function changesIn(asked: unknown, answer: unknown): readonly SessionChange[] {
  if (!Array.isArray(asked) && changeBy(asked) === undefined) return [];
  const answers: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
  const fine = new Set(answers.filter((one) => isObject(one) && one.result !== undefined).map((one) => idIn(one)));
  const messages: readonly unknown[] = Array.isArray(asked) ? asked : [asked];
  return messages.flatMap((message) => {
    const change = idIn(message) === undefined || fine.has(idIn(message)) ? changeBy(message) : undefined;
    return change === undefined ? [] : [change];
  });
}

function idIn(message: unknown): unknown {
  return isObject(message) ? message.id : undefined;
}

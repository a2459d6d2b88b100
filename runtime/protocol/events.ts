/** The notifications behind events, and which subscriptions an event concerns. Requirements RES-05, SUB-04, SUB-08. */

import { isObject } from "./envelope.js";
import type { ListenFilter, ServerEvent } from "./era.js";

const METHOD_OF: Readonly<Record<ServerEvent["type"], string>> = {
  toolsChanged: "notifications/tools/list_changed",
  promptsChanged: "notifications/prompts/list_changed",
  resourcesChanged: "notifications/resources/list_changed",
  resourceUpdated: "notifications/resources/updated",
};

/** The notification for an event; `params` is absent where there is nothing to say. */
export function noticeOf(event: ServerEvent): { readonly method: string; readonly params: object | undefined } {
  return { method: METHOD_OF[event.type], params: event.type === "resourceUpdated" ? { uri: event.uri } : undefined };
}

/** The event that a notification tells of. */
export function eventOf(method: string, params: unknown): ServerEvent | undefined {
  switch (method) {
    case METHOD_OF.toolsChanged:
      return { type: "toolsChanged" };
    case METHOD_OF.promptsChanged:
      return { type: "promptsChanged" };
    case METHOD_OF.resourcesChanged:
      return { type: "resourcesChanged" };
    case METHOD_OF.resourceUpdated:
      return isObject(params) && typeof params.uri === "string"
        ? { type: "resourceUpdated", uri: params.uri }
        : undefined;
    default:
      return undefined;
  }
}

/** Whether somebody who listens for `filter` hears of the event. */
export function concerns(event: ServerEvent, filter: ListenFilter): boolean {
  switch (event.type) {
    case "toolsChanged":
      return filter.tools === true;
    case "promptsChanged":
      return filter.prompts === true;
    case "resourcesChanged":
      return filter.resources === true;
    case "resourceUpdated":
      return filter.uris?.some((uri) => covers(uri, event.uri)) ?? false;
  }
}

/** Whether a resource is the subscribed one or one below it. */
export function covers(subscribed: string, uri: string): boolean {
  return uri === subscribed || uri.startsWith(subscribed.endsWith("/") ? subscribed : `${subscribed}/`);
}

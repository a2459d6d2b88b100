/** What a subscription is granted of what it wants. Requirements SUB-04, SUB-05. */

import type { SubscriptionFilter } from "../../../generated/neutral/types.js";
import { isObject } from "../envelope.js";
import type { ListenFilter } from "../era.js";

/** What of a filter the server offers; the rest is left out of the acknowledgement (SUB-05). */
export function grant(wanted: SubscriptionFilter, capabilities: object): SubscriptionFilter {
  const has = (feature: string, flag: string): boolean => {
    const declared = (capabilities as Record<string, unknown>)[feature];
    return isObject(declared) && declared[flag] === true;
  };
  return {
    ...(wanted.toolsListChanged === true && has("tools", "listChanged") ? { toolsListChanged: true } : {}),
    ...(wanted.promptsListChanged === true && has("prompts", "listChanged") ? { promptsListChanged: true } : {}),
    ...(wanted.resourcesListChanged === true && has("resources", "listChanged") ? { resourcesListChanged: true } : {}),
    ...(wanted.resourceSubscriptions !== undefined && has("resources", "subscribe")
      ? { resourceSubscriptions: wanted.resourceSubscriptions }
      : {}),
  };
}

/** A granted filter as the events know filters. */
export function filterOf(granted: SubscriptionFilter): ListenFilter {
  return {
    tools: granted.toolsListChanged === true,
    prompts: granted.promptsListChanged === true,
    resources: granted.resourcesListChanged === true,
    uris: granted.resourceSubscriptions ?? [],
  };
}

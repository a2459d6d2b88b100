/**
 * The subscriptions of a client: each is a request that stays open, and its events are told apart by its id (SUB-01 to SUB-17).
 */

import { ConnectionError, type McpWireError, toWireError } from "../../errors.js";
import { isObject } from "../envelope.js";
import type { ClientFacts, ClientLink, ListenFilter, Listening, ServerEvent } from "../era.js";

export interface Subscriptions {
  /** Resolves when the server acknowledged it; rejects where it refused. */
  begin(params: object, onevent: (event: ServerEvent) => void): Promise<Listening>;
  acknowledged(id: unknown, params: unknown): boolean;
  event(id: unknown, event: ServerEvent): boolean;
  cancelled(id: unknown): boolean;
}

interface Open {
  readonly onevent: (event: ServerEvent) => void;
  acknowledge(granted: ListenFilter): void;
  stop(): void;
}

export function createSubscriptions(link: ClientLink, facts: ClientFacts): Subscriptions {
  const byId = new Map<unknown, Open>();
  return {
    begin: (params, onevent) => begin(params, onevent, link, byId),
    acknowledged(id, params) {
      const found = byId.get(id);
      found?.acknowledge(grantedIn(params));
      return found !== undefined;
    },
    event(id, event) {
      const found = byId.get(id);
      if (found === undefined) return false;
      try {
        found.onevent(event);
      } catch (error) {
        facts.report(toWireError(error, "The listener of a subscription"));
      }
      return true;
    },
    cancelled(id) {
      const found = byId.get(id);
      found?.stop();
      return found !== undefined;
    },
  };
}

function begin(
  params: object,
  onevent: (event: ServerEvent) => void,
  link: ClientLink,
  byId: Map<unknown, Open>,
): Promise<Listening> {
  const controller = new AbortController();
  return new Promise<Listening>((resolve, reject) => {
    let end = (_error: McpWireError | undefined): void => undefined;
    const ended = new Promise<McpWireError | undefined>((settle) => {
      end = settle;
    });
    const close = async (): Promise<void> => {
      forget();
      controller.abort("the subscription was closed");
    };
    const one: Open = {
      onevent,
      acknowledge: (agreed) => resolve({ agreed, ended, close }),
      stop: () => void close(),
    };
    const forget = (): void => {
      byId.delete(id);
      end(undefined);
    };
    const options = { signal: controller.signal, timeoutMs: Number.POSITIVE_INFINITY };
    const listening = link.request("subscriptions/listen", params, options);
    const id = link.lastId();
    byId.set(id, one);
    listening.then(
      () => {
        forget();
        reject(new ConnectionError("CLOSED", "The server ended the subscription before it began.", "Subscribe again."));
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        const cause = toWireError(error, "Listening");
        end(cause);
        forget();
        reject(cause);
      },
    );
  });
}

function grantedIn(params: unknown): ListenFilter {
  const granted = isObject(params) && isObject(params.notifications) ? params.notifications : {};
  return {
    tools: granted.toolsListChanged === true,
    prompts: granted.promptsListChanged === true,
    resources: granted.resourcesListChanged === true,
    uris: Array.isArray(granted.resourceSubscriptions)
      ? granted.resourceSubscriptions.filter((uri) => typeof uri === "string")
      : [],
  };
}

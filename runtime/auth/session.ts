/** What is known of the authorization at one MCP server, and how that is renewed: once for all requests that want it at the same time. */

import type { Demand } from "./challenge.js";
import type { Place } from "./discovery.js";
import type { DpopKey } from "./dpop.js";
import { type FlowParts, type FlowSettings, type FlowState, type Provenance, runFlow } from "./flow.js";
import type { Outbound } from "./outbound.js";
import { keyFor, refresh } from "./refresh.js";
import { createSingleFlight, type SingleFlight } from "./single-flight.js";
import type { Keep } from "./store.js";
import { isOver, type TokenSet } from "./token.js";

/** A token in use. */
export interface Held {
  readonly tokens: TokenSet;
  readonly place: Place;
  readonly by: Provenance;
  /** In milliseconds since 1970. */
  readonly since: number;
  /** Whether the server has taken it. */
  accepted: boolean;
}

export interface SessionParts {
  readonly url: URL;
  readonly settings: FlowSettings;
  readonly keep: Keep;
  outbound(signal: AbortSignal): Outbound;
  key(server: Place["server"]): Promise<DpopKey>;
}

/** What a renewal is for. */
export interface Renewal {
  readonly demand: Demand;
  /** Headers of the request that was refused. */
  readonly headers?: Headers;
  readonly refused: Held | undefined;
  readonly interactive: boolean;
  /** Whether nothing that there is will do. */
  readonly anew?: boolean;
}

export class Session {
  readonly #parts: SessionParts;
  readonly #flight: SingleFlight<Held> = createSingleFlight();
  /** Whether the run that is on its way may ask somebody. */
  #asks = false;
  #held: Held | undefined = undefined;
  #loading: Promise<void> | undefined = undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** The token to send, renewed where that needs nobody and it is over; `undefined` where there is none. */
  async ready(signal: AbortSignal | undefined): Promise<Held | undefined> {
    const held = await this.peek();
    if (held === undefined || !isOver(held.tokens, held.since)) return held;
    if (held.tokens.refreshToken === undefined && this.#parts.settings.grant === undefined) return held;
    try {
      const start = (ending: AbortSignal): Promise<Held> => {
        this.#asks = false;
        return this.#renewOver(held, ending);
      };
      return await this.#flight.join(start, signal);
    } catch (error) {
      // As long as it is not quite over, the server may take it.
      if (signal?.aborted !== true && !isOver(held.tokens, Number.POSITIVE_INFINITY)) return held;
      throw error;
    }
  }

  /** Gets another token after a refusal, or joins whoever is about it. @throws AuthorizationError as {@link runFlow}. */
  async renew(renewal: Renewal, signal: AbortSignal | undefined): Promise<Held> {
    const isOther = ({ tokens }: Held): boolean => tokens.accessToken !== renewal.refused?.tokens.accessToken;
    if (this.#held !== undefined && isOther(this.#held)) return this.#held;
    return await this.#joinOrRun(renewal, isOther, signal);
  }

  /** Gets a token for these scopes whether or not there is one; somebody who signs in just now for as much is not asked twice. */
  async begin(renewal: Renewal, scopes: readonly string[], signal: AbortSignal | undefined): Promise<Held> {
    const isMeant = ({ by, tokens }: Held): boolean =>
      by === "granted" && scopes.every((scope) => tokens.requested.includes(scope));
    return await this.#joinOrRun(renewal, isMeant, signal);
  }

  /** The token as it is, over or not. */
  async peek(): Promise<Held | undefined> {
    this.#loading ??= this.#load();
    await this.#loading;
    return this.#held;
  }

  /** Takes up a sign-in whose answer came, whatever else goes on: the answer is good once. */
  async resume(state: FlowState & { at: "visited" }): Promise<Held> {
    return await this.#run(state, false, new AbortController().signal);
  }

  /** Forgets the token, here and in the store, and gives it back. */
  async forget(): Promise<Held | undefined> {
    const held = await this.peek();
    const { keep, url } = this.#parts;
    if (held !== undefined) {
      await keep.drop("tokens", held.tokens.issuer, held.tokens.resource);
      await keep.drop("link", url.href);
    }
    this.#held = undefined;
    return held;
  }

  /** The key that a token is bound to. */
  async keyOf({ place, tokens }: Held): Promise<DpopKey | undefined> {
    if (tokens.tokenType !== "dpop") return undefined;
    return await keyFor(place, this.#flowParts(false, new AbortController().signal), true);
  }

  async #load(): Promise<void> {
    const { keep, url } = this.#parts;
    const link = await keep.read("link", url.href);
    if (link === undefined) return;
    const { place } = link;
    const tokens = await keep.read("tokens", place.server.issuer, place.resource);
    if (tokens !== undefined) this.#held ??= { tokens, place, by: "stored", since: Date.now(), accepted: false };
  }

  async #renewOver(held: Held, ending: AbortSignal): Promise<Held> {
    const { place, tokens } = held;
    const parts = this.#flowParts(false, ending);
    const fresh = await refresh(place, tokens, parts);
    if (fresh !== undefined) return await this.#keep({ at: "done", place, tokens: fresh, by: "refreshed" });
    if (this.#parts.settings.grant === undefined) return held;
    return await this.#run({ at: "choosing", place, scopes: tokens.requested }, false, ending);
  }

  /**
   * Waits for what goes on already, where that may do, and goes on itself where it did not: a run that asks nobody may fail for that alone,
   * and one that asked somebody is an answer to all.
   */
  async #joinOrRun(renewal: Renewal, does: (held: Held) => boolean, signal: AbortSignal | undefined): Promise<Held> {
    const { interactive } = renewal;
    const start = (ending: AbortSignal): Promise<Held> => {
      this.#asks = interactive;
      return this.#run(firstState(renewal), interactive, ending);
    };
    while (this.#flight.running) {
      const isAnswer = this.#asks || !interactive;
      try {
        const held = await this.#flight.join(start, signal);
        if (does(held)) return held;
      } catch (error) {
        if (isAnswer || signal?.aborted === true) throw error;
      }
    }
    return await this.#flight.join(start, signal);
  }

  async #run(first: FlowState, interactive: boolean, ending: AbortSignal): Promise<Held> {
    return await this.#keep(await runFlow(first, this.#flowParts(interactive, ending)));
  }

  async #keep({ place, tokens, by }: FlowState & { at: "done" }): Promise<Held> {
    const { keep, url } = this.#parts;
    await keep.write("link", { place }, url.href);
    if (by === "granted") await keep.write("tokens", tokens, tokens.issuer, tokens.resource);
    this.#held = { tokens, place, by, since: Date.now(), accepted: false };
    return this.#held;
  }

  #flowParts(interactive: boolean, ending: AbortSignal): FlowParts {
    const { url, settings, keep, key, outbound } = this.#parts;
    return { url, settings, keep, key, interactive, outbound: outbound(ending) };
  }
}

function firstState({ demand, headers, refused, anew = false }: Renewal): FlowState {
  const state = { at: "refused" as const, demand, anew, ...(headers === undefined ? {} : { headers }) };
  if (refused === undefined) return state;
  // What was just refreshed and is refused is not refreshed again.
  const useless = refused.by === "refreshed" && !refused.accepted;
  const { refreshToken, ...rest } = refused.tokens;
  return { ...state, tokens: useless || refreshToken === undefined ? rest : { ...rest, refreshToken } };
}

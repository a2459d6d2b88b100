/**
 * The pages that servers send the person to, as a client sees it: which address passes, who is asked, when the person is done there, and a
 * request that waits for it. Requirements ELIC-36 to ELIC-45, ELIC-50 to ELIC-53, ELIC-58.
 */

import type { ElicitRequestURLParams, ElicitResult } from "../../generated/neutral/types.js";
import { CancelledError, ConnectionError, type McpWireError, toWireError } from "../errors.js";
import type { AnswerContext } from "../protocol/era.js";
import { whileWanted } from "../protocol/patience.js";
import { type RequiredPage, requiredPages } from "../protocol/url-required.js";
import { openableUrl } from "../terminal/address.js";

/** A page that a server sends the person to. The address is the server's: show all of it before it is opened, and fetch none of it. */
export type UrlPage = ElicitRequestURLParams & {
  /** Where the address leads, as ASCII: show it apart. One that begins with `xn--` may look like a well-known name. */
  readonly host: string;
};

/** What the callback for a page may want to know beside it. */
export interface UrlContext extends AnswerContext {
  /**
   * Resolves when the server says that the person is done, or `complete` was called. It may never: let the person go on or give up by
   * themselves (ELIC-38). `undefined` where the server has no way to say so.
   */
  readonly completed: Promise<void> | undefined;
  /** Takes the person's word that they are done: what waits for the server to say so goes on. */
  complete(): void;
}

/** Asks the person whether to open a page, and opens it in the browser of the system. */
export type AskUrl = (page: UrlPage, how: UrlContext) => ElicitResult | Promise<ElicitResult>;

/** How pages are asked for. */
export interface VisitLimits {
  /** How often a request is sent again after the pages that it was refused for were visited; 0 leaves that to the caller. Default 3. */
  readonly urlRetries?: number;
  /** Milliseconds that a request waits for the server to say that the person is done. Default 600 000. */
  readonly urlWaitMs?: number;
}

interface Visit {
  readonly completed: Promise<void>;
  done: boolean;
  complete(): void;
}

/** Visits that a client remembers; the oldest are forgotten first. */
const MOST = 1_000;

export class Visits {
  readonly #ask: AskUrl;
  readonly #limits: VisitLimits;
  readonly #report: (error: McpWireError) => void;
  readonly #open = new Map<string, Visit>();
  readonly #ended = new AbortController();

  constructor(ask: AskUrl, limits: VisitLimits, report: (error: McpWireError) => void) {
    this.#ask = ask;
    this.#limits = limits;
    this.#report = report;
  }

  /** Asks the person; an address that must not be opened is declined before anybody sees it as one to click on. */
  async answer(params: ElicitRequestURLParams, how: AnswerContext): Promise<unknown> {
    let host: string;
    try {
      ({ host } = openableUrl(params.url));
    } catch (error) {
      this.#report(toWireError(error, "Looking at an address"));
      return { action: "decline" };
    }
    const visit = params.elicitationId === undefined ? undefined : this.#begin(params.elicitationId);
    const answer = await this.#ask(
      { ...params, host },
      {
        server: how.server,
        completed: visit?.completed,
        complete: () => visit?.complete(),
        get signal() {
          return how.signal;
        },
      },
    );
    if (answer?.action === undefined) return answer;
    // What the person did at the page is between them and the page.
    const { content: _content, ...rest } = answer;
    return rest;
  }

  /** The server says that somebody is done. Ids that are not known, or done already, mean nothing (ELIC-36). */
  hear(params: unknown): void {
    this.#open.get((params as { readonly elicitationId: string }).elicitationId)?.complete();
  }

  /** Nobody waits any more: the connection is over. */
  end(): void {
    this.#ended.abort();
  }

  /**
   * Lets the person visit the pages that a request was refused for, one after the other, and sends it again once they are done at all.
   * Gives up with the refusal, so that the caller may do as well: after as many times as allowed, at a no, or when the time is over.
   */
  async retry(error: unknown, how: AnswerContext, resend: () => Promise<unknown>): Promise<unknown> {
    const { urlRetries = 3 } = this.#limits;
    let refusal = error;
    for (let left = urlRetries; left > 0; left--) {
      const pages = requiredPages(refusal);
      if (pages === undefined || !(await this.#visit(pages, how))) throw refusal;
      try {
        return await resend();
      } catch (again) {
        refusal = again;
      }
    }
    throw refusal;
  }

  /** Whether the person is done at all of them. */
  #visit(pages: readonly RequiredPage[], { server, signal: caller }: AnswerContext): Promise<boolean> {
    return whileWanted(
      [
        [caller, () => cancelled(caller.reason)],
        [this.#ended.signal, closed],
      ],
      async (signal) => {
        // All of them before anybody is asked: the person may be done before the callback is, and at several pages by one visit.
        const visits = pages.map(({ elicitationId }) => this.#begin(elicitationId));
        for (const [index, page] of pages.entries()) {
          if (visits[index]?.done === true) continue;
          if (!(await this.#agreed(page, { server, signal }))) return false;
        }
        return await this.#allDone(visits, signal);
      },
    );
  }

  async #agreed(page: RequiredPage, how: AnswerContext): Promise<boolean> {
    try {
      const answer = (await this.answer(page, how)) as Partial<ElicitResult> | undefined;
      return answer?.action === "accept";
    } catch (error) {
      throw toWireError(error, "Asking whether to open a page");
    }
  }

  #allDone(visits: readonly Visit[], signal: AbortSignal): Promise<boolean> {
    const { urlWaitMs = 600_000 } = this.#limits;
    return new Promise<boolean>((resolve) => {
      const settle = (done: boolean): void => {
        clearTimeout(patience);
        signal.removeEventListener("abort", giveUp);
        resolve(done);
      };
      const giveUp = (): void => settle(false);
      const patience = setTimeout(giveUp, urlWaitMs);
      signal.addEventListener("abort", giveUp);
      void Promise.all(visits.map(({ completed }) => completed)).then(() => settle(true));
    });
  }

  /** The visit of this id: one that is under way goes on. */
  #begin(id: string): Visit {
    const known = this.#open.get(id);
    if (known !== undefined) return known;
    let resolve = (): void => undefined;
    const completed = new Promise<void>((done) => {
      resolve = done;
    });
    const visit: Visit = {
      completed,
      done: false,
      complete: () => {
        visit.done = true;
        if (this.#open.get(id) === visit) this.#open.delete(id);
        resolve();
      },
    };
    this.#open.set(id, visit);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MOST && oldest !== undefined) this.#open.delete(oldest);
    return visit;
  }
}

/**
 * The pages of an error that a server answers with when the person has to visit them first: `undefined` for any other error. Each has a
 * message, an address and an id; the server says with `notifications/elicitation/complete` that the person is done.
 */
export function urlsRequiredBy(error: unknown): readonly UrlPage[] | undefined {
  return requiredPages(error)?.map((page) => ({ ...page, host: URL.canParse(page.url) ? new URL(page.url).host : "" }));
}

function cancelled(reason: unknown): CancelledError {
  return new CancelledError("The request was given up while the person was at a page.", "Send it again.", reason);
}

function closed(): ConnectionError {
  return new ConnectionError("CLOSED", "The connection was closed while the person was at a page.", "Connect again.");
}

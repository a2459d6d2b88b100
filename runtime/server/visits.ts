/**
 * The pages that handlers send people to: what may be sent, whom to tell when somebody is done at one, and a handler that waits for that.
 * Loaded with the first question. Requirements ELIC-15, ELIC-34 to ELIC-46, ELIC-62, ELIC-65.
 */

import type { ElicitResult } from "../../generated/neutral/types.js";
import { McpWireError, RpcError } from "../errors.js";
import { writeQuestion } from "../protocol/asking.js";
import { clientDeclares } from "../protocol/capabilities.js";
import type { HandlerEra, ServerFacts, WriteQuestion } from "../protocol/era.js";
import { untold } from "../protocol/stateful/tasks.js";
import { ELICITATION_COMPLETE, hasElicitationIds, type RequiredPage, URL_REQUIRED } from "../protocol/url-required.js";
import { openableUrl } from "../terminal/address.js";
import type { CallContext, PageToVisit, VisitOptions } from "./context.js";
import type { Session } from "./session.js";

/** Pages and completions that are remembered, of each; the oldest are forgotten first. */
const MOST = 10_000;
/** How often a handler that waits looks by itself: what it waits for may have happened in another process. */
const LOOK_MS = 500;
const WAIT_MS = 25_000;

/** What one server knows of the pages it sent people to. */
class Visits {
  /** Who was sent where, by id: the connection, for as long as it is there. */
  readonly asked = new Map<string, WeakRef<HandlerEra>>();
  readonly completed = new Set<string>();
  readonly waiting = new Map<string, Set<() => void>>();

  complete(id: string, facts: ServerFacts): boolean {
    this.completed.add(id);
    forgetOldest(this.completed);
    for (const look of this.waiting.get(id) ?? []) look();
    const era = this.asked.get(id)?.deref();
    this.asked.delete(id);
    if (era?.tell === undefined) return false;
    try {
      era.tell(ELICITATION_COMPLETE, { elicitationId: id });
      return true;
    } catch (error) {
      // A client that is gone hears of nothing any more, and its person is done all the same.
      const wrong = untold(error, ELICITATION_COMPLETE);
      if (wrong !== undefined) facts.report(wrong);
      return false;
    }
  }

  /** Resolves when somebody is done at the page, after some time, or when nobody waits any more. */
  change(id: string, waitMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const lookers = this.waiting.get(id) ?? new Set();
      this.waiting.set(id, lookers);
      const look = (): void => {
        clearTimeout(patience);
        signal.removeEventListener("abort", look);
        lookers.delete(look);
        if (lookers.size === 0) this.waiting.delete(id);
        resolve();
      };
      const patience = setTimeout(look, waitMs);
      lookers.add(look);
      signal.addEventListener("abort", look);
    });
  }
}

const ofServer = new WeakMap<ServerFacts, Visits>();

function visitsOf(facts: ServerFacts): Visits {
  const visits = ofServer.get(facts) ?? new Visits();
  ofServer.set(facts, visits);
  return visits;
}

function forgetOldest(kept: Map<string, unknown> | Set<string>): void {
  if (kept.size <= MOST) return;
  for (const oldest of kept.keys()) {
    kept.delete(oldest);
    return;
  }
}

/** Writes questions that go out by one connection, and remembers which pages went there (ELIC-35). */
export function writerFor(era: HandlerEra): WriteQuestion {
  return (row, method, params, terms, facts) => {
    const { mode, url } = (params ?? {}) as { readonly mode?: unknown; readonly url?: unknown };
    if (mode === "url") checkAddress(url);
    const written = writeQuestion(row, method, params, terms, facts);
    const id = mode === "url" ? (written as { readonly elicitationId?: unknown }).elicitationId : undefined;
    if (typeof id === "string") remember(id, era, facts);
    return written;
  };
}

function remember(id: string, era: HandlerEra, facts: ServerFacts): void {
  const { asked } = visitsOf(facts);
  asked.set(id, new WeakRef(era));
  forgetOldest(asked);
}

/** @throws McpWireError `INVALID_USE` for an address that no client may open, or that gives something away. */
function checkAddress(url: unknown): void {
  try {
    openableUrl(String(url));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new McpWireError("INVALID_USE", `Nobody was sent to the page: ${why}`, "Clients open nothing else.", error);
  }
}

/** Takes note that somebody is done at a page. Gives whether the client that asked them was told by this node. */
export function completeHere(facts: ServerFacts, id: string): boolean {
  return visitsOf(facts).complete(id, facts);
}

/** Takes note of it here and at other nodes. Gives whether the client that asked them was told. */
export async function completeVisit(facts: ServerFacts, id: string, sessions: Iterable<Session>): Promise<boolean> {
  const elsewhere: Promise<boolean>[] = [];
  for (const session of sessions) if (session.complete !== undefined) elsewhere.push(session.complete(id));
  if (completeHere(facts, id)) return true;
  const told = await Promise.all(elsewhere);
  return told.includes(true);
}

/** A page, and the name of its question. */
interface Named {
  readonly page: PageToVisit;
  readonly key: string;
}

/** A page that is still to be visited. */
interface Open extends Named {
  readonly id: string;
  readonly url: string;
}

/** What {@link Context.requireUrl} does. */
export async function requireUrl(
  ctx: CallContext,
  facts: ServerFacts,
  pages: readonly PageToVisit[],
  { waitMs = WAIT_MS }: VisitOptions,
): Promise<void> {
  const { entry, terms } = ctx;
  const era = entry?.era as HandlerEra;
  const named = withKeys(ctx, pages);
  let open: readonly Open[] = await openOf(ctx, named, visitsOf(facts));
  if (open.length === 0) return;
  // The work of a task goes on behind the answer: it has no request left to refuse, and as much time as it needs.
  const isTask = era.status !== undefined;
  if (!isTask && hasElicitationIds(terms.revision)) throw refusalFor(open, ctx, facts);
  for (let round = 1; open.length > 0; round++) {
    const answers = open.map(({ page: { message }, key, id, url }) =>
      ctx.elicitUrl({ message, url, elicitationId: id }, { key: round === 1 ? key : `${key}-${round}` }),
    );
    refused(await Promise.all(answers));
    // Kept, so that a run after the next question does not wait all over again for the answers before it.
    const until = isTask
      ? Number.POSITIVE_INFINITY
      : await ctx.once(`${named[0]?.key} until ${round}`, () => Date.now() + waitMs);
    const done = await Promise.all(open.map((one) => untilDone(one, until, ctx, visitsOf(facts))));
    open = open.filter((_, index) => !done[index]);
  }
}

/** Pages of one run without a key of their own. */
const unnamed = new WeakMap<CallContext, number>();

/** Counted before anything is waited for, over all calls of a run: no page may pass for one of an earlier call. */
function withKeys(ctx: CallContext, pages: readonly PageToVisit[]): readonly Named[] {
  let count = unnamed.get(ctx) ?? 0;
  const named = pages.map((page) => ({ page, key: page.key ?? `url-${++count}` }));
  unnamed.set(ctx, count);
  return named;
}

async function openOf(ctx: CallContext, pages: readonly Named[], visits: Visits): Promise<readonly Open[]> {
  const open: Open[] = [];
  for (const { page, key } of pages) {
    if ((await page.done?.()) === true) continue;
    const id = page.elicitationId ?? (await ctx.once(`${key} id`, () => crypto.randomUUID()));
    if (visits.completed.has(id)) continue;
    open.push({ page, key, id, url: typeof page.url === "string" ? page.url : page.url(id) });
  }
  return open;
}

/** @throws McpWireError `NOT_DECLARED` where the client opens no pages. */
function refusalFor(open: readonly Open[], { terms, entry }: CallContext, facts: ServerFacts): RpcError {
  if (!clientDeclares(terms.clientCapabilities, "elicitation.url")) {
    const problem = "Nobody was sent to a page: the client did not declare elicitation.url.";
    throw new McpWireError("NOT_DECLARED", problem, "Look at `ctx.client` first, or do without.");
  }
  const elicitations = open.map(({ page: { message }, id, url }): RequiredPage => {
    checkAddress(url);
    return { mode: "url", message, url, elicitationId: id };
  });
  for (const { id } of open) remember(id, entry?.era as HandlerEra, facts);
  const what = elicitations.map(({ message }) => message).join(" ");
  return new RpcError(URL_REQUIRED, `A page has to be visited first: ${what}`, { elicitations });
}

/** @throws McpWireError `ASK_REFUSED` where the person did not agree to a page. */
function refused(answers: readonly ElicitResult[]): void {
  const no = answers.find(({ action }) => action !== "accept");
  if (no === undefined) return;
  const what = no.action === "decline" ? "refused to open the page" : "closed the question without opening the page";
  throw new McpWireError("ASK_REFUSED", `The person ${what}.`, "Ask again, or go on without it.");
}

async function untilDone({ page, id }: Open, until: number, ctx: CallContext, visits: Visits): Promise<boolean> {
  for (;;) {
    if (visits.completed.has(id) || (await page.done?.()) === true) return true;
    const left = until - Date.now();
    if (left <= 0) return false;
    ctx.signal.throwIfAborted();
    await visits.change(id, Math.min(left, LOOK_MS), ctx.signal);
  }
}

/**
 * The way from a refusal to a token, as states and the step out of each. Every step looks at its state alone; what it asks of the world it
 * does by the parts that it is given. A sign-in that is answered elsewhere is taken up again at `visited`.
 */

import { generateRandomState } from "oauth4webapi";
import { AuthorizationError } from "../errors.js";
import { beginSignIn, finishSignIn, requirePkce } from "./authorization-code.js";
import type { Demand } from "./challenge.js";
import { type DiscoverySettings, discover, type Place } from "./discovery.js";
import type { DpopKey } from "./dpop.js";
import type { Grant } from "./grant.js";
import type { Outbound } from "./outbound.js";
import { beginVisit, type Redirect, type RedirectVisit, readAnswer } from "./redirect.js";
import { keyFor, refresh } from "./refresh.js";
import {
  dropRegistration,
  type Identity,
  type IdentitySettings,
  identify,
  identifyOwner,
  redirectUriOf,
} from "./registration.js";
import { chooseScopes, missingScopes } from "./scope.js";
import type { Keep, PendingSignIn } from "./store.js";
import { isOver, type TokenSet } from "./token.js";
import { shown } from "./urls.js";

/** How a token was come by. */
export type Provenance = "stored" | "refreshed" | "granted";

export type FlowState =
  /** The server refused; why, and what was presented to it. With `anew`, nothing that there is will do. */
  | {
      readonly at: "refused";
      readonly demand: Demand;
      readonly headers?: Headers;
      readonly tokens?: TokenSet;
      readonly anew?: boolean;
    }
  /** It is known who gives tokens. */
  | {
      readonly at: "placed";
      readonly demand: Demand;
      readonly place: Place;
      readonly tokens?: TokenSet;
      readonly anew: boolean;
    }
  /** A person, or a grant, has to give what is missing. */
  | { readonly at: "choosing"; readonly place: Place; readonly scopes: readonly string[] }
  /** It is known where the answer will come, and who the client is. */
  | {
      readonly at: "inviting";
      readonly place: Place;
      readonly scopes: readonly string[];
      readonly client: Identity;
      readonly state: string;
      readonly visit: RedirectVisit;
    }
  /** The answer came. */
  | { readonly at: "visited"; readonly pending: PendingSignIn; readonly state: string; readonly answer: URL }
  | { readonly at: "done"; readonly place: Place; readonly tokens: TokenSet; readonly by: Provenance };

export interface FlowSettings {
  readonly discovery: DiscoverySettings;
  readonly identity: IdentitySettings;
  readonly redirect: Redirect | undefined;
  readonly grant: Grant | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly offlineAccess: boolean;
  readonly dpop: boolean | "auto";
  /** Told each state that is reached. */
  onstep(at: FlowState["at"], server: URL): void;
}

/** One run for one MCP server. */
export interface FlowParts {
  readonly url: URL;
  readonly settings: FlowSettings;
  readonly keep: Keep;
  readonly outbound: Outbound;
  /** Whether somebody may be asked. */
  readonly interactive: boolean;
  /** The key for tokens of an issuer, the same each time. */
  key(server: Place["server"]): Promise<DpopKey>;
}

/** Goes on from a state until there is a token. @throws AuthorizationError as the steps say. */
export async function runFlow(first: FlowState, parts: FlowParts): Promise<FlowState & { at: "done" }> {
  let state = first;
  let visit: RedirectVisit | undefined;
  let problem: unknown;
  try {
    for (;;) {
      parts.settings.onstep(state.at, parts.url);
      if (state.at === "done") return state;
      if (state.at === "inviting") visit = state.visit;
      state = await step(state, parts);
      parts.outbound.signal.throwIfAborted();
    }
  } catch (error) {
    problem = error;
    throw error;
  } finally {
    await visit?.close?.(problem);
  }
}

function step(state: Exclude<FlowState, { at: "done" }>, parts: FlowParts): Promise<FlowState> {
  switch (state.at) {
    case "refused":
      return place(state, parts);
    case "placed":
      return renew(state, parts);
    case "choosing":
      return parts.settings.grant === undefined ? prepare(state, parts) : obtain(state, parts.settings.grant, parts);
    case "inviting":
      return invite(state, parts);
    case "visited":
      return redeem(state, parts);
  }
}

async function place(refused: FlowState & { at: "refused" }, parts: FlowParts): Promise<FlowState> {
  const { demand, headers, tokens, anew = false } = refused;
  const { url, settings, outbound } = parts;
  const found = await discover(url, demand, headers, settings.discovery, outbound);
  // Tokens of another authorization server, or for another resource, are never shown to this one (AUTH-41, AUTH-85).
  const same = tokens?.issuer === found.server.issuer && tokens.resource === found.resource;
  const stored = await parts.keep.read("tokens", found.server.issuer, found.resource);
  if (same && (stored === undefined || stored.accessToken === tokens.accessToken))
    return { at: "placed", demand, place: found, tokens, anew };
  if (stored === undefined) return { at: "placed", demand, place: found, anew };
  // These were got by another URL of the same resource, or in another run, and have not been refused yet.
  return anew || isOver(stored, Date.now())
    ? { at: "placed", demand: { ...demand, error: undefined }, place: found, tokens: stored, anew }
    : { at: "done", place: found, tokens: stored, by: "stored" };
}

/** A refresh token is enough where the server does not ask for more than was granted. */
async function renew(placed: FlowState & { at: "placed" }, parts: FlowParts): Promise<FlowState> {
  const { demand, place, tokens, anew } = placed;
  const insufficient = demand.error === "insufficient_scope";
  const fresh = insufficient || anew ? undefined : await refresh(place, tokens, parts);
  if (fresh !== undefined) return { at: "done", place, tokens: fresh, by: "refreshed" };
  if (!parts.interactive && parts.settings.grant === undefined) throw needsSomebody();
  const facts = {
    challenged: demand.scopes,
    supported: place.scopesSupported,
    wanted: parts.settings.scopes,
    before: tokens?.requested,
    insufficient,
  };
  const scopes = chooseScopes(facts);
  if (insufficient && tokens !== undefined && missingScopes(scopes, tokens.requested).length === 0)
    throw notGranted(demand.scopes ?? scopes);
  return { at: "choosing", place, scopes };
}

async function obtain(
  { place, scopes }: FlowState & { at: "choosing" },
  grant: Grant,
  parts: FlowParts,
): Promise<FlowState> {
  const { identity } = parts.settings;
  const requireClient = (): Promise<Identity> =>
    identify(place.server, identity, undefined, parts.keep, parts.outbound);
  const client = async (): Promise<Identity | undefined> =>
    identity.clients.length === 0 ? undefined : await requireClient();
  const dpop = await keyFor(place, parts, false);
  const { outbound } = parts;
  const given = await grant.obtain({ place, scopes, dpop, outbound, client, requireClient });
  // Whoever decided on this token is asked about the next one too: a policy may have changed by then (CC-08, EMA-11).
  const { refreshToken: _not, ...tokens } = given;
  return { at: "done", place, tokens, by: "granted" };
}

async function prepare({ place, scopes }: FlowState & { at: "choosing" }, parts: FlowParts): Promise<FlowState> {
  const { settings, keep, outbound } = parts;
  // Before anybody is registered or asked: it would be for nothing.
  requirePkce(place.server);
  const state = generateRandomState();
  const preferred = redirectUriOf(await keep.read("registration", place.server.issuer));
  const visit = await beginVisit(settings.redirect, { state, preferred, signal: outbound.signal });
  try {
    const wish = { redirectUri: visit.redirectUri };
    const client = await identify(place.server, settings.identity, wish, keep, outbound);
    return { at: "inviting", place, scopes, client, state, visit };
  } catch (error) {
    await visit.close?.(error);
    throw error;
  }
}

async function invite(inviting: FlowState & { at: "inviting" }, parts: FlowParts): Promise<FlowState> {
  const { place, scopes, client, state, visit } = inviting;
  const { url, settings, keep, outbound } = parts;
  const { redirectUri } = visit;
  const { offlineAccess } = settings;
  const page = await beginSignIn({ url, place, client, redirectUri, state, scopes, offlineAccess }, outbound);
  // Whoever gets the answer finds here what belongs to it, also in another process (AUTH-63).
  await keep.write("pending", page.pending, state);
  let answer: URL | string | undefined;
  try {
    answer = await visit.open(page.url);
  } catch (error) {
    await keep.drop("pending", state);
    throw error;
  }
  if (answer === undefined) {
    const problem = "Somebody was sent to sign in, and the answer comes elsewhere.";
    throw new AuthorizationError("SIGN_IN_ELSEWHERE", problem, "Call `finish` with it, then try again.");
  }
  const pending = await takePending(state, keep);
  return { at: "visited", pending, state, answer: readAnswer(answer, redirectUri) };
}

/** A sign-in on its way, which nobody else can take then. @throws AuthorizationError `BAD_REDIRECT` where there is none of that state. */
export async function takePending(state: string, keep: Keep): Promise<PendingSignIn> {
  const pending = await keep.exclusive("pending", [state], async () => {
    const found = await keep.read("pending", state);
    await keep.drop("pending", state);
    return found;
  });
  if (pending !== undefined && pending.expiresAt > Date.now()) return pending;
  const problem = "The answer belongs to no sign-in that is on its way, or to one that took too long.";
  throw new AuthorizationError("BAD_REDIRECT", problem, "Sign in again.");
}

async function redeem({ pending, state, answer }: FlowState & { at: "visited" }, parts: FlowParts): Promise<FlowState> {
  const { place } = pending;
  const { settings, keep, outbound } = parts;
  const client = await identifyOwner(place.server, settings.identity, pending, keep, outbound);
  if (client === undefined) {
    const problem = `The sign-in was begun as ${shown(pending.clientId)}, which this client is no more.`;
    throw new AuthorizationError("BAD_REDIRECT", problem, "Sign in again.");
  }
  const dpop = await keyFor(place, parts, false);
  try {
    const tokens = await finishSignIn(answer, state, pending, client, dpop, outbound);
    return { at: "done", place, tokens, by: "granted" };
  } catch (error) {
    const unknown = error instanceof AuthorizationError && error.oauthError === "invalid_client";
    if (unknown) await dropRegistration(place.server.issuer, client, keep);
    throw error;
  }
}

function needsSomebody(): AuthorizationError {
  const problem = "The server wants somebody to sign in, which is not done for this request.";
  return new AuthorizationError("SIGN_IN_NEEDED", problem, "Call `signIn`, or send another request first.");
}

function notGranted(scopes: readonly string[]): AuthorizationError {
  const problem = `The server wants the scopes ${scopes.map(shown).join(" ")}, which were asked for already and do not do.`;
  const wayOut = "Whoever signed in may not have them; `signIn` asks again.";
  return new AuthorizationError("SCOPE_NOT_GRANTED", problem, wayOut);
}

/**
 * A `fetch` that sends a token, and that meets what a refusal asks for before it sends the request again. Bounded: no refusal leads to
 * more than a few rounds. Requirements AUTH-21, AUTH-79, AUTH-82 to AUTH-84, AUTH-94.
 */

import { AuthorizationError } from "../errors.js";
import { type Demand, readDemand } from "./challenge.js";
import { parseObject } from "./outbound.js";
import type { Held, Session } from "./session.js";
import { shownUrl } from "./urls.js";

/** What is needed of a `fetch`, and what the one that is made here takes. */
export type ResourceFetch = (url: string, init: ResourceInit) => Promise<Response>;

export interface ResourceInit {
  readonly method: string;
  readonly headers: Headers;
  readonly body?: string;
  readonly signal: AbortSignal;
  readonly redirect: "manual";
  /** Told of what has to be waited for before the request can go. */
  readonly onhold?: ((until: Promise<unknown>) => void) | undefined;
  /** The address of the MCP server, where the request goes to another path that the server named for messages. */
  readonly server?: string;
}

/** Renewals that one request may lead to, whatever the server says each time. */
const MAX_RENEWALS = 6;
/** Rounds of asking for more, after which an operation is given up until it has succeeded in another way. */
const MAX_STEP_UPS = 3;
/** Operations whose rounds are remembered. */
const MAX_OPERATIONS = 1_000;
/** How long a token that was just granted and is refused keeps others from asking again, in milliseconds. */
const HOPELESS_MS = 5 * 60_000;

/** Rounds of asking for more that did not help, by operation, and the token that was refused last. */
export type StepUps = Map<string, { readonly rounds: number; readonly token: string | undefined }>;

/** Sends a request of one session. @throws AuthorizationError where what the server asks for cannot be had. */
export async function sendAuthorized(
  url: URL,
  init: ResourceInit,
  session: Session,
  stepUps: StepUps,
  fetch: ResourceFetch,
): Promise<Response> {
  let held = await session.ready(init.signal);
  for (let renewals = 0; ; renewals++) {
    const response = await sendOnce(url, init, held, session, fetch);
    const demand = demandOf(response, held);
    if (demand === undefined) {
      if (held !== undefined && response.status !== 403) held.accepted = true;
      if (stepUps.size > 0 && response.ok) stepUps.delete(operationOf(url, init));
      return response;
    }
    await response.body?.cancel();
    if (response.status === 401) requireHope(url, held, renewals);
    else countStepUp(url, init, stepUps, held?.tokens.accessToken);
    if (renewals >= MAX_RENEWALS) throw notAccepted(url);
    // Taking leave is not worth asking anybody.
    const interactive = init.method !== "DELETE";
    const renewal = { demand, headers: discoveryHeaders(init), refused: held, interactive };
    const renewed = session.renew(renewal, init.signal);
    init.onhold?.(renewed);
    held = await renewed;
  }
}

async function sendOnce(
  url: URL,
  init: ResourceInit,
  held: Held | undefined,
  session: Session,
  fetch: ResourceFetch,
): Promise<Response> {
  const headers = new Headers(init.headers);
  if (held === undefined) return await fetch(url.href, init);
  const { accessToken } = held.tokens;
  const key = await session.keyOf(held);
  if (key === undefined) {
    headers.set("authorization", `Bearer ${accessToken}`);
    return await fetch(url.href, { ...init, headers });
  }
  return await key.prove({ method: init.method, url, accessToken }, (proof) => {
    headers.set("authorization", `DPoP ${accessToken}`);
    headers.set("dpop", proof);
    return fetch(url.href, { ...init, headers });
  });
}

/** What a refusal asks for; `undefined` for every answer that a token does not change. */
function demandOf(response: Response, held: Held | undefined): Demand | undefined {
  if (response.status !== 401 && response.status !== 403) return undefined;
  const demand = readDemand(response.headers, held?.tokens.tokenType === "dpop");
  return response.status === 401 || demand.error === "insufficient_scope" ? demand : undefined;
}

/** A token that the server has never taken, though it was got as the server says, will not get better by getting another. */
function requireHope(url: URL, held: Held | undefined, renewals: number): void {
  if (held === undefined || held.by !== "granted" || held.accepted) return;
  if (renewals > 0 || Date.now() - held.since < HOPELESS_MS) throw notAccepted(url);
}

function countStepUp(url: URL, init: ResourceInit, stepUps: StepUps, token: string | undefined): void {
  const operation = operationOf(url, init);
  const last = stepUps.get(operation);
  // Requests that went at the same time are of the same round.
  if (last !== undefined && last.token === token) return;
  const rounds = (last?.rounds ?? 0) + 1;
  if (rounds > MAX_STEP_UPS) {
    const problem = `${shownUrl(url)} asked for more scopes ${MAX_STEP_UPS} times and is still not content.`;
    const wayOut = "Nobody is asked again for this request. Whoever runs the MCP server has to mend it.";
    throw new AuthorizationError("SCOPE_NOT_GRANTED", problem, wayOut);
  }
  if (stepUps.size >= MAX_OPERATIONS) stepUps.clear();
  stepUps.set(operation, { rounds, token });
}

/** What a request does, as far as that can be told: the same call of the same tool is the same operation. */
function operationOf(url: URL, { method, body }: ResourceInit): string {
  const { method: called = "", params } = parseObject(body ?? "") ?? {};
  const { name, uri } = (typeof params === "object" && params !== null ? params : {}) as Record<string, unknown>;
  return [method, url.origin + url.pathname, called, name ?? uri ?? ""].map(String).join(" ");
}

/** The headers of a request that tell discovery what the client speaks; a handshake says it in its body. */
function discoveryHeaders({ headers, body }: ResourceInit): Headers {
  const version = headers.get("mcp-protocol-version");
  if (version !== null) return new Headers({ "mcp-protocol-version": version });
  const { params } = parseObject(body ?? "") ?? {};
  const { protocolVersion } = (typeof params === "object" && params !== null ? params : {}) as Record<string, unknown>;
  const told = typeof protocolVersion === "string" && /^[\x21-\x7e]+$/.test(protocolVersion);
  return new Headers(told ? { "mcp-protocol-version": protocolVersion } : {});
}

function notAccepted(url: URL): AuthorizationError {
  const problem = `${shownUrl(url)} refuses the token that was got where it says.`;
  const wayOut = "Whoever runs the MCP server has to look at why: audience, issuer or keys may not fit.";
  return new AuthorizationError("TOKEN_NOT_ACCEPTED", problem, wayOut);
}

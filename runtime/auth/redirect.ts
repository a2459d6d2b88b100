/** The contract for sending a person to the sign-in page and getting the answer back; how that is done is the application's. */

import { AuthorizationError } from "../errors.js";

/** What a sign-in needs of the redirect. */
export interface RedirectRequest {
  /** The `state` that the answer has to carry. */
  readonly state: string;
  /** The redirect URI that was used before, which is worth using again. */
  readonly preferred: string | undefined;
  /** Aborts when nobody waits for the sign-in any more. */
  readonly signal: AbortSignal;
}

/** One sign-in on its way. */
export interface RedirectVisit {
  readonly redirectUri: string;
  /**
   * Shows the page, and gives the URL that the person was sent back to, with its query. Gives nothing where the answer comes to another
   * place, which then calls `finish`.
   */
  open(url: URL): Promise<URL | string | undefined> | URL | string | undefined;
  /** Called once, with what the sign-in failed with, if it did: the person can be told. */
  close?(error?: unknown): unknown;
}

/** A receiver that is made anew for each sign-in, such as one that listens on a port. */
export interface RedirectReceiver {
  begin(request: RedirectRequest): Promise<RedirectVisit> | RedirectVisit;
}

/** A redirect URI that is always the same, such as that of a web application or of a scheme of one's own. */
export interface FixedRedirect {
  readonly redirectUri: string;
  /** As {@link RedirectVisit.open}. */
  open(url: URL, request: RedirectRequest): Promise<URL | string | undefined> | URL | string | undefined;
}

export type Redirect = RedirectReceiver | FixedRedirect;

/** Begins a sign-in. @throws AuthorizationError `SIGN_IN_NEEDED` where there is no way to show anything. */
export async function beginVisit(redirect: Redirect | undefined, request: RedirectRequest): Promise<RedirectVisit> {
  if (redirect === undefined) {
    const wayOut = "Give `redirect` to sign somebody in, or a `grant` that needs nobody.";
    throw new AuthorizationError("SIGN_IN_NEEDED", "The server wants somebody to sign in.", wayOut);
  }
  if ("begin" in redirect) return await redirect.begin(request);
  return { redirectUri: redirect.redirectUri, open: (url) => redirect.open(url, request) };
}

/** What a person came back with, as a URL. @throws AuthorizationError `BAD_REDIRECT`. */
export function readAnswer(answer: URL | string, redirectUri: string): URL {
  if (URL.canParse(String(answer), redirectUri)) return new URL(String(answer), redirectUri);
  const problem = "The answer to the sign-in is no URL.";
  throw new AuthorizationError("BAD_REDIRECT", problem, "`open` has to give the URL that the person was sent back to.");
}

/** What URLs of others must look like before anything is done with them, and how they are shown. Requirements AUTH-32, SEC-27, SEC-30. */

import { AuthorizationError } from "../errors.js";

/** Whether a host can be nothing but this machine. */
export function isLoopbackHost(hostname: string): boolean {
  const name = hostname.replace(/\.$/, "").toLowerCase();
  return name === "localhost" || name.endsWith(".localhost") || name === "[::1]" || /^127(?:\.\d+){3}$/.test(name);
}

/**
 * Reads a URL that another side supplied: https, or http to this machine where `allowLoopback` says so, without credentials and fragment.
 * @throws AuthorizationError `UNSAFE_URL`, which does not repeat the text: it may hold anything.
 */
export function readUrl(text: unknown, what: string, allowLoopback: boolean): URL {
  const refuse = (why: string): AuthorizationError =>
    new AuthorizationError("UNSAFE_URL", `${what} ${why}.`, "It is not used; ask whoever runs that server to mend it.");
  if (typeof text !== "string" || /[\p{Cc}\p{Cf}\p{Cs}\s\\]/u.test(text) || !URL.canParse(text))
    throw refuse("is no absolute URL");
  const url = new URL(text);
  const local = url.protocol === "http:" && allowLoopback && isLoopbackHost(url.hostname);
  if (url.protocol !== "https:" && !local)
    throw refuse(
      `is no https: URL but begins with ${url.protocol}${allowLoopback ? "" : ", or leads to this machine"}`,
    );
  if (url.username !== "" || url.password !== "") throw refuse("holds credentials");
  if (url.hash !== "") throw refuse("has a fragment");
  return url;
}

/** A URL for messages: without its query, which may hold secrets. */
export function shownUrl(url: URL): string {
  return url.origin + url.pathname;
}

const MAX_SHOWN = 300;

/** Words of another side for messages: one line, without characters that hide or rearrange text, and not endless. */
export function shown(text: string): string {
  const clean = text.slice(0, MAX_SHOWN).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ");
  return text.length > MAX_SHOWN ? `${clean}…` : clean;
}

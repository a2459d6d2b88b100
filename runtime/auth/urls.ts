/** What URLs of others must look like before anything is done with them, and how others' words are shown. Requirements AUTH-32, SEC-27, SEC-30. */

import { AuthorizationError } from "../errors.js";
import { readOutboundUrl, refused } from "../outbound/url.js";

export { isLoopbackHost, shownUrl } from "../outbound/url.js";

/**
 * Reads a URL that another side supplied: https, or http to this machine where `allowLoopback` says so, without credentials and fragment.
 * @param what it is, for the message.
 * @throws AuthorizationError `UNSAFE_URL`
 */
export function readUrl(text: unknown, what: string, allowLoopback: boolean): URL {
  try {
    const url = readOutboundUrl(typeof text === "string" ? text : "", { allowLoopback });
    if (url.hash !== "") throw refused(url, "has a fragment", "Leave it out.");
    return url;
  } catch (cause) {
    throw new AuthorizationError("UNSAFE_URL", `${what} is not used.`, (cause as Error).message, { cause });
  }
}

const MAX_SHOWN = 300;

/** Words of another side for messages: one line, without characters that hide or rearrange text, and not endless. */
export function shown(text: string): string {
  const clean = text.slice(0, MAX_SHOWN).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ");
  return text.length > MAX_SHOWN ? `${clean}…` : clean;
}

/**
 * Which addresses may be opened at all. They come from servers, which may be anybody's: what is not plainly a web address passes for none.
 * Requirements SEC-27, SEC-30, ELIC-58.
 */

import { McpWireError } from "../errors.js";
import { visibleText } from "./visible.js";

/**
 * The address, if it is one to open: `https`, or `http` on this machine, written without anything that programs read in different ways
 * (backslashes, spaces, control characters, a user's name before the host, slashes too few or too many). The host is in its ASCII form, so that a look-alike of a
 * known name shows as `xn--…`.
 *
 * Throws `McpWireError` `URL_REFUSED`.
 */
export function openableUrl(address: string | URL): URL {
  const text = typeof address === "string" ? address : address.href;
  const refuse = (why: string): McpWireError =>
    new McpWireError(
      "URL_REFUSED",
      `The address "${visibleText(text)}" is not opened: ${why}.`,
      "Only https addresses, and http addresses of this machine, are.",
    );
  if (/[\\\s\p{C}]/u.test(text)) throw refuse("it has backslashes, spaces or invisible characters");
  if (!URL.canParse(text)) throw refuse("it is no absolute URL");
  const url = new URL(text);
  const { protocol, hostname, username, password } = url;
  if (protocol !== "https:" && !(protocol === "http:" && isLoopback(hostname)))
    throw refuse(protocol === "http:" ? "it is not encrypted" : `its scheme is ${protocol.slice(0, -1)}`);
  if (!/^https?:\/\/[^/?#]/i.test(text)) throw refuse("its host does not stand behind two slashes");
  if (username !== "" || password !== "")
    throw refuse(`it names a user, so that its host, ${url.host}, is easily misread`);
  return url;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

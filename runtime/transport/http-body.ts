/** The body of a request as text, for every kind of exchange. */

import type { HttpBody } from "./http-exchange.js";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Why bytes are no text. */
export const NO_UTF8 = "the body is no UTF-8";

/** Bytes as text, where they are UTF-8. */
export function readUtf8(bytes: Uint8Array): HttpBody {
  try {
    return { kind: "text", text: utf8.decode(bytes) };
  } catch {
    return { kind: "unreadable", why: NO_UTF8 };
  }
}

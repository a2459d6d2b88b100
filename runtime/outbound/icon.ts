/**
 * Pictures that a server names for itself and its features. They come from a stranger and go into somebody's window, so where they come
 * from and what they are is checked, and they are told apart by their first bytes and not by what is said of them (ICON-02 to ICON-06).
 */

import { McpWireError } from "../errors.js";
import { createGuardedFetch, type GuardedFetchOptions } from "./guarded-fetch.js";
import { isLoopbackHost, readOutboundUrl } from "./url.js";

/** Types of pictures. */
export type IconType = "image/png" | "image/jpeg" | "image/webp" | "image/svg+xml";

export interface IconOptions {
  /** The URL of the server that named the icon; absent for a server that has none, such as one on stdio, whose icons are `data:` only. */
  readonly server?: string | URL;
  /** Types that are taken. Default PNG, JPEG and WebP: SVG can hold scripts, so take it only where it is shown by `<img>`. */
  readonly types?: readonly IconType[];
  /** The most that a picture may have, in bytes. Default 256 KiB. */
  readonly maxBytes?: number;
  /** For the guarded fetch. Default none. */
  readonly fetch?: Pick<GuardedFetchOptions, "ca" | "resolve" | "timeoutMs" | "allowNetworks">;
}

/** A picture that was looked at. */
export interface FetchedIcon {
  /** What it is, by its content. */
  readonly type: IconType;
  readonly bytes: Uint8Array;
}

/**
 * Gets an icon: from a `data:` URL, or by `https:` from the origin of the server that named it, without credentials and without leaving that origin.
 *
 * Rejects with `McpWireError` `ICON_REFUSED` for what is no icon, and as the guarded fetch does.
 */
export async function fetchIcon(src: string, options: IconOptions = {}): Promise<FetchedIcon> {
  const { types = ["image/png", "image/jpeg", "image/webp"], maxBytes = 256 * 1024 } = options;
  const bytes = /^data:/i.test(src) ? readData(src, maxBytes) : await fetchBytes(src, options, maxBytes);
  const type = typeOf(bytes);
  if (type === undefined) throw refused("is no picture of a known type");
  if (!types.includes(type)) throw refused(`is ${type}, which is not taken`);
  return { type, bytes };
}

function refused(why: string, wayOut = "Show none in its place."): McpWireError {
  return new McpWireError("ICON_REFUSED", `An icon was refused: it ${why}.`, wayOut);
}

async function fetchBytes(src: string, { server, fetch }: IconOptions, maxBytes: number): Promise<Uint8Array> {
  const home = server === undefined ? undefined : new URL(server);
  const allowLoopback = home !== undefined && isLoopbackHost(home.hostname);
  const url = readOutboundUrl(src, { allowLoopback });
  if (url.origin !== home?.origin) throw refused("lies at another origin than its server");
  const contentTypes = ["image/*"];
  const guarded = createGuardedFetch({ ...fetch, allowLoopback, maxBytes, contentTypes, redirects: "same-origin" });
  const response = await guarded(url, { headers: { Accept: "image/*" } });
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  await response.body?.cancel();
  throw refused(`could not be had (status ${response.status})`);
}

function readData(src: string, maxBytes: number): Uint8Array {
  // Base64 is a third longer than what it stands for.
  if (src.length > maxBytes * 1.4 + 200) throw refused(`has more than ${maxBytes} bytes`);
  const comma = src.indexOf(",");
  const head = src.slice(0, comma);
  if (comma === -1 || !/^data:image\/[\w.+-]+;base64$/i.test(head)) throw refused("is no picture in base64");
  const text = src.slice(comma + 1);
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw refused("is no picture in base64");
  }
  if (binary.length > maxBytes) throw refused(`has more than ${maxBytes} bytes`);
  return Uint8Array.from(binary, (unit) => unit.charCodeAt(0));
}

/** Type → whether a picture of it begins so. */
const STARTS: readonly (readonly [IconType, (start: string) => boolean])[] = [
  ["image/png", (start) => start.startsWith("\x89PNG\r\n\x1a\n")],
  ["image/jpeg", (start) => start.startsWith("\xff\xd8\xff")],
  ["image/webp", (start) => start.startsWith("RIFF") && start.startsWith("WEBP", 8)],
  // Whatever else begins like a document is none.
  ["image/svg+xml", (start) => /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)?<svg[\s>]/.test(start)],
];

function typeOf(bytes: Uint8Array): IconType | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 1000));
  return STARTS.find(([, begins]) => begins(start))?.[0];
}

/** Event streams as they are written. HTML standard, server-sent events; the reading side is in `sse-reader.ts`. */

import type { FlatHeaders } from "./http-exchange.js";

/** Buffering proxies are asked to let events through at once (HTTP-94). */
export const EVENT_STREAM_HEADERS: FlatHeaders = [
  "Content-Type",
  "text/event-stream",
  "Cache-Control",
  "no-cache, no-transform",
  "X-Accel-Buffering",
  "no",
];

/** A comment, which clients ignore: it keeps what stands between from closing an idle connection (HTTP-95). */
export const KEEP_ALIVE = ":\n\n";

/** One event with the text of one message, which holds no line break. `id` and `name` are left out where they are absent. */
export function formatEvent(data: string, id?: string, name?: string): string {
  const head = name === undefined ? "" : `event: ${name}\n`;
  return id === undefined ? `${head}data: ${data}\n\n` : `${head}id: ${id}\ndata: ${data}\n\n`;
}

/** An event without data, by which a client learns an id to come back with (HTTP-47). */
export function formatPriming(id: string, retryMs: number): string {
  return `id: ${id}\nretry: ${retryMs}\ndata: \n\n`;
}

/** Tells a client how long to wait before it comes back (HTTP-49). */
export function formatRetry(retryMs: number): string {
  return `retry: ${retryMs}\n\n`;
}

/**
 * What a stranger answered, as a `Response` whose body ends where the bounds are: in size after decompression, and in time.
 */

import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { McpWireError } from "../errors.js";
import type { Hop, Limits } from "./hop.js";
import { requestFailed } from "./pinned.js";
import { shownUrl } from "./url.js";

/** What may stand behind a status, by the grammar of HTTP. */
const REASON = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The answer for the caller. What follows is up to who reads the body; one that is never read is dropped when the time is over.
 * @throws McpWireError `ANSWER_REFUSED` where its headers already say that it will not do
 */
export function toResponse(message: IncomingMessage, hop: Hop, limits: Limits, redirected: boolean): Response {
  const { statusCode: status = 0, statusMessage: reasonGiven = "", rawHeaders } = message;
  // Node lets more through there than a `Response` takes; it says nothing that counts.
  const statusText = REASON.test(reasonGiven) ? reasonGiven : "";
  const headers = new Headers();
  // As they came: objects of headers by name stumble over `constructor` on some versions of Node.
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    headers.append(rawHeaders[index] as string, rawHeaders[index + 1] as string);
  const reason = problemOf(status, headers, hop, limits);
  if (reason !== undefined) {
    message.destroy();
    throw answerRefused(hop.url, reason);
  }
  const empty = hop.method === "HEAD" || [204, 205, 304].includes(status);
  if (empty) drop(message, hop);
  const body = empty ? null : readBody(decoded(message, headers), message, hop, limits.maxBytes);
  const response = new Response(body, { status, statusText, headers });
  Object.defineProperties(response, { url: { value: hop.url.href }, redirected: { value: redirected } });
  return response;
}

/** Lets go of an answer that nobody will read. */
export function drop(message: IncomingMessage, hop: Hop): void {
  message.destroy();
  hop.deadline.end();
}

function problemOf(status: number, headers: Headers, { method }: Hop, limits: Limits): string | undefined {
  if (status < 200 || status > 599) return `has the status ${status}`;
  const length = headers.get("content-length");
  if (method !== "HEAD" && length !== null && Number(length) > limits.maxBytes) return tooLarge(limits.maxBytes);
  const encoding = headers.get("content-encoding");
  if (encoding !== null && !/^(?:identity|gzip|x-gzip|br|deflate)?$/i.test(encoding))
    return `has the content encoding ${JSON.stringify(encoding.slice(0, 50))}`;
  if (limits.contentTypes === undefined || status >= 300 || status === 204) return undefined;
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (limits.contentTypes.some((pattern) => fits(type, pattern.toLowerCase()))) return undefined;
  return `has the media type ${JSON.stringify(type.slice(0, 100))}, not ${limits.contentTypes.join(" or ")}`;
}

/** Whether a media type is the one of a pattern that may hold one `*`. */
function fits(type: string, pattern: string): boolean {
  const [start = "", end] = pattern.split("*");
  if (end === undefined) return type === pattern;
  return type.length > start.length + end.length && type.startsWith(start) && type.endsWith(end);
}

function tooLarge(maxBytes: number): string {
  return `has a body of more than ${maxBytes} bytes`;
}

function answerRefused(url: URL, why: string): McpWireError {
  const wayOut = "If it is what you want, allow it in the options of the guarded fetch.";
  return new McpWireError("ANSWER_REFUSED", `The answer of ${shownUrl(url)} was refused: it ${why}.`, wayOut);
}

function decoded(message: IncomingMessage, headers: Headers): Readable {
  const encoding = headers.get("content-encoding")?.toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity") return message;
  const decoder =
    encoding === "br" ? createBrotliDecompress() : encoding === "deflate" ? createInflate() : createGunzip();
  // A failure of either reaches who reads the decoder; nothing is left to do here.
  return pipeline(message, decoder, () => undefined);
}

function readBody(source: Readable, message: IncomingMessage, hop: Hop, maxBytes: number): ReadableStream<Uint8Array> {
  const { deadline, url } = hop;
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let bytes = 0;
  let onAbort = (): void => undefined;
  const end = (): void => {
    deadline.signal.removeEventListener("abort", onAbort);
    source.destroy();
    drop(message, hop);
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // Also where nobody reads: the connection is not to outlive its time.
        onAbort = (): void => {
          end();
          controller.error(deadline.signal.reason);
        };
        deadline.signal.addEventListener("abort", onAbort, { once: true });
      },
      async pull(controller) {
        try {
          const { done, value } = await chunks.next();
          if (deadline.signal.aborted) return;
          if (done) {
            end();
            controller.close();
            return;
          }
          bytes += value.length;
          if (bytes > maxBytes) throw answerRefused(url, tooLarge(maxBytes));
          controller.enqueue(new Uint8Array(value));
        } catch (error) {
          if (deadline.signal.aborted) return;
          end();
          controller.error(requestFailed(url, error));
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}

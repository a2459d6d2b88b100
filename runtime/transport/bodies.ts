/** Reads the body of an HTTP answer, as much of it as is wanted and no longer than is sensible. Requirement SEC-42. */

/** What was read of a body. */
export interface BodyText {
  readonly text: string;
  /** Whether that is all of it. */
  readonly whole: boolean;
}

/**
 * Reads up to `maxBytes`; the rest is cancelled. Rejects with whatever the stream fails with.
 * @param maxMs milliseconds after which what has come must do. Default: no limit.
 */
export async function readBody(response: Response, maxBytes: number, maxMs?: number): Promise<BodyText> {
  if (response.body === null) return { text: "", whole: true };
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const decoder = new TextDecoder();
  let late = false;
  const timer =
    maxMs === undefined
      ? undefined
      : setTimeout(() => {
          late = true;
          // Makes the pending read end; a stream that cannot be cancelled has failed, which the read tells.
          reader.cancel().catch(() => undefined);
        }, maxMs);
  let text = "";
  let bytes = 0;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      bytes += read.value.length;
      if (bytes > maxBytes) {
        await reader.cancel();
        text += decoder.decode(read.value.subarray(0, read.value.length - (bytes - maxBytes)), { stream: true });
        return { text, whole: false };
      }
      text += decoder.decode(read.value, { stream: true });
    }
  } finally {
    clearTimeout(timer);
  }
  return { text: text + decoder.decode(), whole: !late };
}

/** Lets go of a body that nobody reads, so that its connection is free again. */
export async function dropBody(response: Response): Promise<void> {
  try {
    await response.body?.cancel();
  } catch {
    // It failed already: there is nothing to let go of.
  }
}

/** The media type in lower case, without parameters; empty where none is given. */
export function mediaTypeOf(headers: Headers): string {
  return (headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

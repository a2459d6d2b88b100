/** HTTP exchanges over the web's `Request` and `Response`, for every platform that has them. */

import { NO_UTF8, readUtf8 } from "./http-body.js";
import type { EventSink, FlatHeaders, HttpAccess, HttpBody, HttpExchange } from "./http-exchange.js";
import { createRoom, type Room } from "./room.js";

/** An exchange, and the promise of the response that it leads to. */
export interface FetchExchange {
  readonly exchange: HttpExchange;
  readonly response: Promise<Response>;
}

export function createFetchExchange(request: Request): FetchExchange {
  let answer = (_response: Response): void => undefined;
  const response = new Promise<Response>((resolve) => {
    answer = resolve;
  });
  return { exchange: new WebExchange(request, answer), response };
}

/** Statuses whose responses have no body, by the Fetch standard. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

class WebExchange implements HttpExchange {
  principal: string | undefined = undefined;
  auth: unknown = undefined;
  access: HttpAccess | undefined = undefined;
  common: FlatHeaders = [];
  onclose: (() => void) | undefined = undefined;
  readonly target: string;
  readonly #request: Request;
  #answer: ((response: Response) => void) | undefined;
  #sink: WebSink | undefined = undefined;
  /** Whether the client may still go before the answer was complete. */
  #open = true;
  #listening = false;
  #reading = false;
  #gone = false;

  constructor(request: Request, answer: (response: Response) => void) {
    this.target = targetOf(request.url);
    this.#request = request;
    this.#answer = answer;
    if (request.signal.aborted) this.#close();
    // Most answers are given at once, before the client can go: listening costs more than they do.
    else
      queueMicrotask(() => {
        if (!this.#reading) this.#listen();
      });
  }

  get gone(): boolean {
    if (this.#request.signal.aborted) this.#close();
    return this.#gone;
  }

  get method(): string {
    return this.#request.method;
  }

  get repeatsHost(): boolean {
    return this.#request.headers.get("host")?.includes(",") === true;
  }

  header(name: string): string | undefined {
    // Platforms that hide it from `headers` have it in the URL.
    return this.#request.headers.get(name) ?? (name === "host" ? new URL(this.#request.url).host : undefined);
  }

  readBody(limit: number, done: (body: HttpBody) => void): void {
    const read = readAll(this.#request, limit).then(done, (error: unknown) =>
      done({ kind: "unreadable", why: String(error) }),
    );
    this.#reading = true;
    void read.then(() => this.#listen());
  }

  respond(status: number, headers: FlatHeaders, body = ""): void {
    this.#open = false;
    // Of an empty text the platform would say what type it has.
    const given = BODILESS.has(status) || body === "" ? null : body;
    this.#give(new Response(given, { status, headers: this.#headers(headers) }));
  }

  stream(headers: FlatHeaders, maxWaiting: number): EventSink {
    const sink = new WebSink(maxWaiting, (finished) => {
      if (finished) this.#open = false;
      else this.#close();
    });
    this.#sink = sink;
    this.#listen();
    this.#give(new Response(sink.readable, { status: 200, headers: this.#headers(headers) }));
    return sink;
  }

  #headers(headers: FlatHeaders): [string, string][] {
    const all = [...headers, ...this.common];
    const pairs: [string, string][] = [];
    for (let index = 0; index + 1 < all.length; index += 2)
      pairs.push([all[index] as string, all[index + 1] as string]);
    return pairs;
  }

  #give(response: Response): void {
    this.#answer?.(response);
    this.#answer = undefined;
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#gone = true;
    // Not every platform also cancels the body when the client goes.
    this.#sink?.cut("The client is gone.");
    this.onclose?.();
    this.#give(new Response(null, { status: 499 }));
  }

  /** Hears of the client's leaving from here on, where it can still leave. */
  #listen(): void {
    if (!this.#open || this.#listening) return;
    this.#listening = true;
    const { signal } = this.#request;
    if (signal.aborted) this.#close();
    else signal.addEventListener("abort", () => this.#close(), { once: true });
  }
}

/** Path and query of an absolute URL, which the platform has parsed and written anew already. */
function targetOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const end = url.indexOf("#", start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}

/** A body of a length that is known and allowed is taken at once, others piece by piece, so that none grows over the limit. */
async function readAll(request: Request, limit: number): Promise<HttpBody> {
  const named = request.headers.get("content-length");
  if (Number(named ?? 0) > limit) return { kind: "too-large" };
  if (named === null) return await readPieces(request, limit);
  const bytes = await request.arrayBuffer();
  return bytes.byteLength > limit ? { kind: "too-large" } : readUtf8(new Uint8Array(bytes));
}

async function readPieces(request: Request, limit: number): Promise<HttpBody> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = request.body?.getReader();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    size += value?.byteLength ?? 0;
    if (size > limit) {
      await reader?.cancel();
      return { kind: "too-large" };
    }
    try {
      text += decoder.decode(value, { stream: !done });
    } catch {
      // Said as it is for a body that is taken at once.
      await reader?.cancel();
      return { kind: "unreadable", why: NO_UTF8 };
    }
    if (done) return { kind: "text", text };
  }
}

const encoder = new TextEncoder();

class WebSink implements EventSink {
  closed = false;
  readonly readable: ReadableStream<Uint8Array>;
  readonly #maxWaiting: number;
  readonly #over: (finished: boolean) => void;
  readonly #room: Room = createRoom();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined = undefined;

  /** @param over told once, with whether the stream was ended by this side. */
  constructor(maxWaiting: number, over: (finished: boolean) => void) {
    this.#maxWaiting = maxWaiting;
    this.#over = over;
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#room.open(),
        cancel: () => this.#leave(),
      },
      { highWaterMark: 16_384, size: (chunk) => chunk?.byteLength ?? 0 },
    );
  }

  write(text: string): Promise<void> | undefined {
    if (this.closed) return undefined;
    this.#controller?.enqueue(encoder.encode(text));
    const room = this.#controller?.desiredSize ?? 0;
    if (room > 0) return undefined;
    if (-room <= this.#maxWaiting) return this.#room.wait();
    this.cut("The client does not read.");
    return undefined;
  }

  /** Ends the stream in its midst. */
  cut(why: string): void {
    if (this.closed) return;
    this.#controller?.error(new Error(why));
    this.#leave();
  }

  end(): void {
    if (this.closed) return;
    this.closed = true;
    this.#controller?.close();
    this.#room.open();
    this.#over(true);
  }

  #leave(): void {
    if (this.closed) return;
    this.closed = true;
    this.#room.open();
    this.#over(false);
  }
}

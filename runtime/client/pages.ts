/** Lists that come in pages: awaited as a whole, or taken item by item or page by page. Requirements BASE-77 to BASE-84. */

import { MessageError } from "../errors.js";

/** More pages than this are a fault of the server (SEC-42). */
const MAX_PAGES = 10_000;

/**
 * A list on a server. `await` gives all items; `for await` gives them one by one, fetching pages as they are needed. Nothing is sent
 * before that, and each use fetches anew.
 */
export class RemoteList<R extends { readonly nextCursor?: string | undefined }, T>
  implements PromiseLike<T[]>, AsyncIterable<T>
{
  readonly #fetch: (cursor: string | undefined) => Promise<R>;
  readonly #itemsOf: (page: R) => readonly T[];

  constructor(fetch: (cursor: string | undefined) => Promise<R>, itemsOf: (page: R) => readonly T[]) {
    this.#fetch = fetch;
    this.#itemsOf = itemsOf;
  }

  /** The results as the server gave them, one a page. */
  async *pages(): AsyncGenerator<R, void, undefined> {
    const seen = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await this.#fetch(cursor);
      yield page;
      // Only its absence ends the list: an empty cursor is one (BASE-82).
      cursor = page.nextCursor;
      if (cursor !== undefined && (seen.has(cursor) || seen.size >= MAX_PAGES))
        throw new MessageError(
          "INVALID_RESULT",
          "The list does not end: a cursor came twice.",
          "The server has to mend it.",
        );
      if (cursor !== undefined) seen.add(cursor);
    } while (cursor !== undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* this.#itemsOf(page);
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting a list is what it is for.
  then<A = T[], B = never>(
    onfulfilled?: ((items: T[]) => A | PromiseLike<A>) | null,
    onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#all().then(onfulfilled, onrejected);
  }

  async #all(): Promise<T[]> {
    const all: T[] = [];
    for await (const page of this.pages()) for (const item of this.#itemsOf(page)) all.push(item);
    return all;
  }
}

/**
 * The pages of a list, made once after a change and shared by everyone who asks. Cursors name the item that a page begins with, so
 * they stay good while other items come and go. Pagination; requirements BASE-77 to BASE-84, TOOL-03.
 */

import { RpcError } from "../errors.js";
import { RpcCode } from "../jsonrpc/message.js";
import type { Definition, Features } from "./features.js";

export interface Listing<T> {
  /** Adds an item under its key, or replaces it. */
  set(key: string, item: T): void;
  delete(key: string): boolean;
  get(key: string): T | undefined;
  readonly size: number;
  values(): IterableIterator<T>;
  /** A page of the list as `variant` shows it. @throws RpcError −32602 for a cursor of no page. */
  page(cursor: string | undefined, variant: string): object;
}

/**
 * Makes a list, and hands it to those who look for definitions.
 * @param member of the result that holds the items.
 * @param show gives an item as it is listed; `variant` is what the answer depends on.
 */
export function createListing<T extends Definition>(
  { definitions }: Pick<Features, "definitions">,
  member: string,
  pageSize: number,
  show: (item: T, variant: string) => object,
): Listing<T> {
  const items = new Map<string, T>();
  const made = new Map<string, Map<string | undefined, object>>();
  const listing: Listing<T> = {
    set(key, item) {
      items.set(key, item);
      made.clear();
    },
    delete(key) {
      made.clear();
      return items.delete(key);
    },
    get: (key) => items.get(key),
    get size() {
      return items.size;
    },
    values: () => items.values(),
    page(cursor, variant) {
      let pages = made.get(variant);
      if (pages === undefined) {
        pages = cut(items, member, pageSize, (item) => show(item, variant));
        made.set(variant, pages);
      }
      const page = pages.get(cursor) ?? pageFrom(cursor, items, member, pageSize, (item) => show(item, variant));
      if (page === undefined) throw new RpcError(RpcCode.InvalidParams, "Invalid cursor. Begin again without one.");
      return page;
    },
  };
  definitions.set(member, listing);
  return listing;
}

function cut<T>(
  items: ReadonlyMap<string, T>,
  member: string,
  pageSize: number,
  show: (item: T) => object,
): Map<string | undefined, object> {
  const all = [...items];
  const pages = new Map<string | undefined, object>();
  for (let start = 0; start < all.length || start === 0; start += pageSize)
    pages.set(start === 0 ? undefined : cursorAt(all, start), pageAt(all, start, member, pageSize, show));
  return pages;
}

/** The page of a cursor from before other items came or went: it begins in the midst of a page of now. */
function pageFrom<T>(
  cursor: string | undefined,
  items: ReadonlyMap<string, T>,
  member: string,
  pageSize: number,
  show: (item: T) => object,
): object | undefined {
  const all = [...items];
  const start = all.findIndex((_, index) => cursorAt(all, index) === cursor);
  return start === -1 ? undefined : pageAt(all, start, member, pageSize, show);
}

function pageAt<T>(
  all: readonly (readonly [string, T])[],
  start: number,
  member: string,
  pageSize: number,
  show: (item: T) => object,
): object {
  const end = start + pageSize;
  const shown = all.slice(start, end).map(([, item]) => show(item));
  return Object.freeze(end < all.length ? { [member]: shown, nextCursor: cursorAt(all, end) } : { [member]: shown });
}

function cursorAt(all: readonly (readonly [string, unknown])[], index: number): string {
  return Buffer.from(all[index]?.[0] ?? "", "utf8").toString("base64url");
}

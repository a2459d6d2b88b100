/** A value that changes, as something to iterate: everyone gets the newest value first, then each later one, until it has ended. */

export class StateFeed<T extends { readonly status: string }> implements AsyncIterable<T> {
  #last: T | undefined = undefined;
  #ended: boolean;
  #error: { readonly cause: unknown } | undefined = undefined;
  /** Made when somebody reads. */
  #readers: Set<Reader<T>> | undefined = undefined;
  readonly #begin: (() => void) | undefined;

  /** @param begin is called when somebody begins to read; without it nothing will ever come. */
  constructor(begin?: () => void) {
    this.#begin = begin;
    this.#ended = begin === undefined;
  }

  get last(): T | undefined {
    return this.#last;
  }
  get ended(): boolean {
    return this.#ended;
  }
  get error(): { readonly cause: unknown } | undefined {
    return this.#error;
  }

  /** Takes a value that differs from the last one. */
  push(value: T): void {
    const last = this.#last;
    const read = this.#readers !== undefined && this.#readers.size > 0;
    if (read && last?.status === value.status && JSON.stringify(value) === JSON.stringify(last)) return;
    this.#last = value;
    for (const reader of this.#readers ?? []) reader.take(value);
  }

  fail(cause: unknown): void {
    this.#error = { cause };
    this.end();
  }

  end(): void {
    this.#ended = true;
    for (const reader of this.#readers ?? []) reader.look();
  }

  join(reader: Reader<T>): void {
    this.#readers ??= new Set();
    this.#readers.add(reader);
    if (this.#last !== undefined) reader.take(this.#last);
    this.#begin?.();
  }

  leave(reader: Reader<T>): void {
    this.#readers?.delete(reader);
  }

  [Symbol.asyncIterator](): AsyncIterator<T, void> {
    return new Reader(this);
  }
}

interface Wanted<T> {
  resolve(step: IteratorResult<T, void>): void;
  reject(cause: unknown): void;
}

/** One who reads; written out, since a generator costs a frame and several promises for each value, and tasks come by the thousand. */
class Reader<T extends { readonly status: string }> implements AsyncIterator<T, void> {
  readonly #feed: StateFeed<T>;
  readonly #queue: T[] = [];
  readonly #wanted: Wanted<T>[] = [];
  #begun = false;
  #over = false;

  constructor(feed: StateFeed<T>) {
    this.#feed = feed;
  }

  next(): Promise<IteratorResult<T, void>> {
    const step = new Promise<IteratorResult<T, void>>((resolve, reject) => this.#wanted.push({ resolve, reject }));
    if (!this.#begun) {
      this.#begun = true;
      this.#feed.join(this);
    }
    this.look();
    return step;
  }

  return(): Promise<IteratorResult<T, void>> {
    this.#begun = true;
    this.#finish();
    this.look();
    return Promise.resolve({ done: true, value: undefined });
  }

  take(value: T): void {
    this.#queue.push(value);
    this.look();
  }

  /** Gives what there is to those who want it. */
  look(): void {
    while (this.#wanted.length > 0) {
      const value = this.#queue.shift();
      if (value === undefined && !this.#over && !this.#feed.ended) return;
      const { resolve, reject } = this.#wanted.shift() as Wanted<T>;
      if (value !== undefined) {
        resolve({ done: false, value });
        continue;
      }
      // What went wrong is told once.
      const error = this.#over ? undefined : this.#feed.error;
      this.#finish();
      if (error === undefined) resolve({ done: true, value: undefined });
      else reject(error.cause);
    }
  }

  #finish(): void {
    this.#over = true;
    this.#queue.length = 0;
    this.#feed.leave(this);
  }
}

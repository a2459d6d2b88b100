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

  /** Takes a value that differs from the last one. */
  push(value: T): void {
    const last = this.#last;
    const read = this.#readers !== undefined && this.#readers.size > 0;
    if (read && last?.status === value.status && JSON.stringify(value) === JSON.stringify(last)) return;
    this.#last = value;
    for (const reader of this.#readers ?? []) {
      reader.queue.push(value);
      reader.wake();
    }
  }

  fail(cause: unknown): void {
    this.#error = { cause };
    this.end();
  }

  end(): void {
    this.#ended = true;
    for (const reader of this.#readers ?? []) reader.wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    const reader: Reader<T> = { queue: this.#last === undefined ? [] : [this.#last], wake: () => undefined };
    this.#readers ??= new Set();
    const readers = this.#readers.add(reader);
    this.#begin?.();
    try {
      while (true) {
        const value = reader.queue.shift();
        if (value !== undefined) yield value;
        else if (this.#error !== undefined) throw this.#error.cause;
        else if (this.#ended) return;
        else
          await new Promise<void>((resolve) => {
            reader.wake = resolve;
          });
      }
    } finally {
      readers.delete(reader);
    }
  }
}

interface Reader<T> {
  readonly queue: T[];
  wake(): void;
}

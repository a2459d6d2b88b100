/** Values that may have to be waited for: where nothing has to be, no promise is made, since tasks come by the thousand. */

import { isThenable } from "../jsonrpc/incoming.js";

export type Awaitable<T> = T | PromiseLike<T>;

/** Goes on with a value, at once where it is there. */
export function after<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return isThenable(value) ? value.then(next as (value: unknown) => Awaitable<R>) : next(value as T);
}

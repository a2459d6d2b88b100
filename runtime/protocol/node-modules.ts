/**
 * Modules of Node on first use: most processes never seal anything, and loading it is a good part of what starting a server costs.
 */

type Crypto = typeof import("node:crypto");

let loaded: Crypto | undefined;

/** The module, at once: handlers ask in the midst of a turn. */
export function nodeCrypto(): Crypto {
  loaded ??= process.getBuiltinModule("node:crypto");
  return loaded;
}

/** The module that follows what belongs together through promises. */
export function nodeAsyncHooks(): typeof import("node:async_hooks") {
  return process.getBuiltinModule("node:async_hooks");
}

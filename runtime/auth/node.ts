/** The public entry `mcpwire/auth/node`: what the authorization of a client needs of Node. */

export { createLoopbackRedirect, type LoopbackOptions } from "./loopback.js";
export { createFileStore } from "./store-file.js";

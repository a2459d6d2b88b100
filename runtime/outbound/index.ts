/** The public entry `mcpwire/outbound`: requests to URLs that a peer supplied. */

export { createGuardedFetch, type GuardedFetchOptions } from "./guarded-fetch.js";
export { type FetchedIcon, fetchIcon, type IconOptions, type IconType } from "./icon.js";
export { isLoopbackHost, type OutboundUrlOptions, readOutboundUrl } from "./url.js";

/** The public entry `mcpwire/http`: channels over HTTP, for those who need one without a client around it. */

export type { Channel, ChannelEvents } from "./jsonrpc/channel.js";
export {
  createHttpChannel,
  createHttpSseChannel,
  type HttpOptions as HttpChannelOptions,
} from "./protocol/http-client.js";
export type { Fetch, FetchInit, HeaderSource } from "./transport/http-client.js";

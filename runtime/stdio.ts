/** The public entry `mcpwire/stdio`: both ends of stdio, and a channel over any pair of byte streams. */

export type { Channel, ChannelEvents } from "./jsonrpc/channel.js";
export { type ChildChannel, type ChildOptions, createChildChannel } from "./transport/stdio-child.js";
export { createSelfChannel, type SelfOptions } from "./transport/stdio-self.js";
export { createStreamChannel, type StreamChannel, type StreamParts } from "./transport/streams.js";

/** The public entry `mcpwire/client`: a client that speaks every revision, over any channel. */

export {
  CancelledError,
  ConnectionError,
  HttpError,
  McpWireError,
  MessageError,
  RpcError,
  TimeoutError,
} from "../errors.js";
export type { Channel, ChannelEvents } from "../jsonrpc/channel.js";
export type { AnswerContext, ListenFilter, Listening, PeerFacts, ServerEvent } from "../protocol/era.js";
export { createMemoryPair } from "../transport/memory.js";
export type { AnswerOptions } from "./answers.js";
export type { CallOptions, CallParams, CallResult } from "./call.js";
export type { Client } from "./client.js";
export { connect } from "./connect.js";
export type { ConnectOptions } from "./options.js";
export type { RemoteList } from "./pages.js";
export type { HttpTarget, InProcess, Target } from "./target.js";
export type { VerdictStore } from "./verdicts.js";

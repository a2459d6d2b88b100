/** The public entry `mcpwire/client`: a client that speaks every revision, over any channel. */

export {
  AuthorizationError,
  CancelledError,
  ConnectionError,
  HttpError,
  McpWireError,
  MessageError,
  RpcError,
  TimeoutError,
} from "../errors.js";
export type { Channel, ChannelEvents } from "../jsonrpc/channel.js";
export type { TaskState } from "../protocol/client-task-form.js";
export type { AnswerContext, ListenFilter, Listening, PeerFacts, ServerEvent } from "../protocol/era.js";
export { checkSamplingAnswer, checkSamplingMessages } from "../protocol/sampling.js";
export { createMemoryPair } from "../transport/memory.js";
export type { AnswerOptions, AnswerTaskOptions, FormAnswer } from "./answers.js";
export type { CallOptions, CallParams, CallResult } from "./call.js";
export type { Client } from "./client.js";
export { connect } from "./connect.js";
export { chooseModel, type ModelInfo } from "./models.js";
export type { ConnectOptions } from "./options.js";
export type { RemoteList } from "./pages.js";
export {
  type Approval,
  createSampler,
  type ModelAnswer,
  type ModelProvider,
  type ModelRequest,
  type Sampler,
  type SamplerOptions,
  type SamplingLimits,
} from "./sampler.js";
export { createScriptedModel, type Script, type ScriptedAnswer, type ScriptedModel } from "./scripted-model.js";
export type { HttpTarget, InProcess, Target } from "./target.js";
export type { StartOptions, TaskHandle } from "./task-contract.js";
export type { VerdictStore } from "./verdicts.js";
export { type AskUrl, type UrlContext, type UrlPage, urlsRequiredBy, type VisitLimits } from "./visits.js";

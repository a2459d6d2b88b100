/** The public entry `mcpwire/server`: a server that speaks every revision, over any channel. */

export {
  CancelledError,
  ConnectionError,
  McpWireError,
  MessageError,
  RpcError,
  TimeoutError,
} from "../errors.js";
export type { Channel, ChannelEvents } from "../jsonrpc/channel.js";
export type { TaskState } from "../protocol/client-task-form.js";
export type { CacheHints, ServerEvent } from "../protocol/era.js";
export type {
  Authenticate,
  Authenticated,
  Authenticator,
  HttpRefusal,
  ServerScopes,
} from "../protocol/http-access.js";
export type { HttpOptions } from "../protocol/http-options.js";
export { checkSamplingAnswer, checkSamplingMessages } from "../protocol/sampling.js";
export { createMemorySessionStore, type SessionRecord, type SessionStore } from "../protocol/session-store.js";
export type { SealingOptions } from "../protocol/stateless/state.js";
export type { FormField, FormSchema, FormValue, FormValues } from "../schema/form.js";
export type { JsonSchema } from "../schema/json-schema.js";
export type { StandardSchema } from "../schema/standard.js";
export type { Infer, UserSchema } from "../schema/user-schema.js";
export type { TaskAnswer, TaskPage, TaskRecord, TaskStore, TaskSummary } from "../tasks/contract.js";
export { type Bus, type BusListener, createMemoryBus } from "../transport/bus.js";
export type { EventStore, StoredEvent, StoredTail } from "../transport/event-store.js";
export { createMemoryEventStore, type MemoryEventLimits } from "../transport/event-store.js";
export type { HttpOrigin, HttpRequestInfo } from "../transport/http-exchange.js";
export { createMemoryPair } from "../transport/memory.js";
export {
  type AgentBudget,
  type AgentOptions,
  type AgentResult,
  type AgentRound,
  type AgentTool,
  type AgentToolOptions,
  createAgentTool,
} from "./agent-contract.js";
export {
  type BoundPage,
  type BoundVisitOptions,
  type BoundVisits,
  createBoundVisits,
  type Visitor,
} from "./bound-visits.js";
export type { CompleteArgument } from "./completions.js";
export type {
  AskOptions,
  Context,
  FormOutcome,
  FormQuestion,
  ModelQuestion,
  PageQuestion,
  PageToVisit,
  ProgressUpdate,
  VisitOptions,
} from "./context.js";
export type { Registration } from "./features.js";
export { Form, type FormWriter } from "./form.js";
export type { PromptAnswer, PromptArgumentOptions, PromptOptions } from "./prompts.js";
export type { QuestionHandle, QuestionTaskOptions } from "./question-contract.js";
export type { ReadResource, ReadTemplate, ResourceAnswer, ResourceOptions, TemplateOptions } from "./resources.js";
export type { HttpListener, ListenOptions, NodeHandler } from "./serve-http.js";
export { createServer, type Middleware, type Server, type ServerOptions } from "./server.js";
export type { Session } from "./session.js";
export type { TaskOptions } from "./task-ends.js";
export type { ToolAnswer, ToolHandler, ToolOptions } from "./tools.js";

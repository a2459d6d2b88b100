/** The public entry `mcpwire`: the revisions, and the checks of messages and conversations. */

export type { Failure } from "../generated/prelude.js";
export { latest, type MethodName, type Revision, revisions } from "../generated/revisions.js";
export { checkMessage } from "./protocol/check.js";
export {
  type ConversationChecker,
  type ConversationOptions,
  createConversationChecker,
  type Recorded,
  type Report,
} from "./protocol/conversation.js";
export type {
  CheckOptions,
  Fails,
  Fits,
  MessageKind,
  RequestId,
  Side,
  Verdict,
  VerdictCode,
} from "./protocol/verdict.js";

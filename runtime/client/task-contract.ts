/** What a client has of a task that a server runs for it. */

import type { CallToolResult } from "../../generated/neutral/types.js";
import type { TaskState } from "../protocol/client-task-form.js";
import type { CallOptions } from "./call.js";

/** How a call is begun that may be run as a task. */
export interface StartOptions extends CallOptions {
  /** Milliseconds that the server is asked to keep the task, where it can be asked. Default: the server's choice. */
  readonly ttlMs?: number;
  /** Leaves questions that stand in the task to `answer` of the handle, instead of the callbacks of the client. Default false. */
  readonly answerByHand?: boolean;
}

/** A call that goes on at the server, and can be found again by its id. */
export interface TaskHandle {
  /** What leads to the task, from any client of the same principal; `undefined` where the server answered without one. */
  readonly id: string | undefined;
  /** How it stands as far as is known; `undefined` before the first look at a task that was found by its id. */
  readonly state: TaskState | undefined;
  /** How it stands, now and after each change that was seen, until it has ended. Throws what looking at it fails with. */
  readonly updates: AsyncIterable<TaskState>;
  /**
   * What the call is answered with, once it is.
   * @throws RpcError the error of the call; CancelledError where the task was cancelled; McpWireError `NOT_ANSWERED`.
   */
  result(): Promise<CallToolResult>;
  /** Asks the server to stop. @throws RpcError −32602 where it has ended, in revisions that say so. */
  cancel(): Promise<void>;
  /**
   * Answers a question that stands in the task, under its key.
   * @throws McpWireError `NOT_IN_REVISION` where questions come as requests, and go to the callbacks of the client.
   */
  answer(key: string, value: unknown): Promise<void>;
}

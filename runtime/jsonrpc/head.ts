/**
 * Reads the id off the beginning of a message that was too large to be parsed, so that whoever waits for it learns of it at once
 * instead of by a timeout.
 */

import type { RequestId } from "./message.js";

/** What the beginning of a message gives away. */
export interface MessageHead {
  readonly id: RequestId;
  /** Whether it is an answer to this id rather than a request under it. */
  readonly isAnswer: boolean;
}

const HEAD =
  /^\s*\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(-?\d{1,15}|"(?:[^"\\]|\\["\\/bfnrtu])*")\s*,\s*"(result|error|method|params)"\s*:/;

/** Understands only the member order that serializers usually give (`jsonrpc`, `id`, then the rest); `undefined` for all else. */
export function readHead(text: string): MessageHead | undefined {
  const match = HEAD.exec(text);
  if (match === null) return undefined;
  const [, id = "", member = ""] = match;
  return { id: JSON.parse(id) as RequestId, isAnswer: member === "result" || member === "error" };
}

/** Messages as text, for every transport that writes them. */

import { MessageError } from "../errors.js";
import type { RpcPayload } from "../jsonrpc/message.js";

/** @throws MessageError `NOT_SERIALIZABLE` */
export function serialize(message: RpcPayload): string {
  try {
    return JSON.stringify(message);
  } catch (cause) {
    const problem = "The message cannot be written as JSON.";
    throw new MessageError("NOT_SERIALIZABLE", problem, "Leave out cycles and values of type bigint.", { cause });
  }
}

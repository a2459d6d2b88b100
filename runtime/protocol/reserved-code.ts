/** Codes of errors that mean something else in the protocol than what a handler threw them for. Requirements BASE-41, BASE-43, ELIC-40. */

import { McpWireError, RpcError } from "../errors.js";
import type { ServerFacts } from "./era.js";

/** The error with a code that it may have; who runs the server is told what is wrong with its own. */
export function withCode(code: number, error: RpcError, why: string, method: string, facts: ServerFacts): RpcError {
  const problem = `The handler of ${method} failed with the code ${error.rpcCode}, which ${why}.`;
  const wayOut = `The client was told ${code}. Codes of your own belong outside -32768 to -32000.`;
  facts.report(new McpWireError("RESERVED_CODE", problem, wayOut, error));
  return new RpcError(code, error.message, error.data, error);
}

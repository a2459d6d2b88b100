/** The errors that only this era has, and the codes that handlers must not use in it. Requirements BASE-41, BASE-43, LIFE-60. */

import type { ClientCapabilities } from "../../../generated/neutral/types.js";
import { RpcError } from "../../errors.js";
import { RpcCode } from "../../jsonrpc/message.js";
import type { ServerFacts } from "../era.js";
import { withCode } from "../reserved-code.js";
import { hasExtension } from "../task-facts.js";
import { StatelessCode } from "./codes.js";

/** The code of older revisions for a resource that is not there. */
const NOT_FOUND = -32002;
const OWN_CODES: ReadonlySet<number> = new Set(Object.values(StatelessCode));

/** Codes that only the text of the protocol gives out (BASE-41, BASE-43). */
function isReserved(code: number): boolean {
  return code >= -32099 && code <= -32000;
}

/** @throws RpcError −32021 where a request did not declare the extension that it needs (LIFE-60, XTASK-10). */
export function needExtension(extension: string, what: string, capabilities: ClientCapabilities): void {
  if (!hasExtension(capabilities, extension)) throw undeclared(what, extension, { extensions: { [extension]: {} } });
}

/** The error for a request that did not declare what it needs. */
export function undeclared(what: string, missing: string, requiredCapabilities: object): RpcError {
  const message = `${what} needs a capability that this request did not declare: ${missing}`;
  return new RpcError(StatelessCode.MissingCapability, message, { requiredCapabilities });
}

/** The error of a handler, with a code that handlers may give out. */
export function withoutReserved(method: string, error: unknown, facts: ServerFacts): unknown {
  if (!(error instanceof RpcError) || !isReserved(error.rpcCode) || OWN_CODES.has(error.rpcCode)) return error;
  const code = error.rpcCode === NOT_FOUND ? RpcCode.InvalidParams : RpcCode.InternalError;
  return withCode(code, error, "this revision does not have", method, facts);
}

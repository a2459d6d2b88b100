/**
 * The error by which a server says that a person has to visit pages first, in the revision that has it, and the ids by which it says
 * that they are done there. Requirements ELIC-34 to ELIC-44, BASE-39.
 */

import type { ElicitRequestURLParams } from "../../generated/neutral/types.js";
import type { Revision } from "../../generated/revisions.js";
import { RpcError } from "../errors.js";
import { RpcCode } from "../jsonrpc/message.js";
import type { ServerFacts } from "./era.js";
import { withCode } from "./reserved-code.js";
import { methodsFrom } from "./revision.js";

/** The code of the error. */
export const URL_REQUIRED = -32042;

/** The notification that a person is done at a page. */
export const ELICITATION_COMPLETE = "notifications/elicitation/complete";

/** A page that an error asks for: it always has an id. */
export type RequiredPage = ElicitRequestURLParams & { readonly elicitationId: string };

/** Whether pages have ids, so that a server can say that somebody is done there; the error came and went with them. */
export function hasElicitationIds(revision: Revision): boolean {
  return methodsFrom(revision, "server").has(ELICITATION_COMPLETE);
}

/** The pages that an error asks for; `undefined` for an error that is no such error (ELIC-40, ELIC-41). */
export function requiredPages(error: unknown): readonly RequiredPage[] | undefined {
  if (!(error instanceof RpcError) || error.rpcCode !== URL_REQUIRED) return undefined;
  const { elicitations } = (error.data ?? {}) as { readonly elicitations?: unknown };
  return Array.isArray(elicitations) && elicitations.length > 0 && elicitations.every(isPage)
    ? elicitations
    : undefined;
}

/** The error as it may go out: the code is for errors that name pages, where it means that (ELIC-40). */
export function refuseMisused(revision: Revision, error: RpcError, method: string, facts: ServerFacts): RpcError {
  if (!hasElicitationIds(revision) || requiredPages(error) !== undefined) return error;
  return withCode(RpcCode.InternalError, error, "is for pages that have to be visited", method, facts);
}

function isPage(value: unknown): value is RequiredPage {
  const page = value as Partial<RequiredPage> | null;
  return (
    page?.mode === "url" &&
    typeof page.url === "string" &&
    typeof page.message === "string" &&
    typeof page.elicitationId === "string"
  );
}

/** The context of a registered tool that an agent runs: that of the request, but for what would disturb the agent. */

import { McpWireError } from "../errors.js";
import type { CallContext } from "./context.js";

/** @param key names the run of the tool, so that what it keeps is not that of another run. */
export function createToolContext(ctx: CallContext, key: string): CallContext {
  const refuse = (what: string) => async (): Promise<never> => {
    const problem = `A tool that an agent runs cannot use ctx.${what}: its run is kept, and a question would end it.`;
    throw new McpWireError("INVALID_USE", problem, "Ask before the agent starts, or after it is done.");
  };
  return {
    terms: ctx.terms,
    traits: ctx.traits,
    method: ctx.method,
    id: ctx.id,
    revision: ctx.revision,
    client: ctx.client,
    origin: ctx.origin,
    meta: ctx.meta,
    get signal() {
      return ctx.signal;
    },
    // The progress of the request is the agent's.
    progress: () => undefined,
    status: () => undefined,
    log: (level, data, logger) => ctx.log(level, data, logger),
    disconnect: () => false,
    elicit: refuse("elicit"),
    elicitUrl: refuse("elicitUrl"),
    requireUrl: refuse("requireUrl"),
    sample: refuse("sample"),
    startElicit: refuse("startElicit"),
    startSample: refuse("startSample"),
    roots: refuse("roots"),
    agent: refuse("agent"),
    once: (name, run) => ctx.once(`${key}/${name}`, run),
  };
}

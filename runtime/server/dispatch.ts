/** The way of a request through what stands around its method, for clients and for the server itself. */

import type { Tool } from "../../generated/neutral/types.js";
import type { CallContext } from "./context.js";
import type { Around, Features, MethodHandler } from "./features.js";

/** The tools of a server, as it uses them itself. */
export interface ServerTools {
  /** The tool as it is listed; `undefined` where there is none of this name. */
  describe(name: string): Tool | undefined;
  /** What was registered, for those who look for scopes. */
  readonly definitions: Features["definitions"];
  /** Calls a tool as a client does, through everything that stands around calls. */
  call(name: string, args: object, ctx: CallContext): unknown;
}

export function createServerTools(features: Features, middleware: ReadonlyMap<string, readonly Around[]>): ServerTools {
  return {
    describe: (name) => features.describeTool?.(name),
    definitions: features.definitions,
    call(name, args, ctx) {
      const handler = features.handlers.get("tools/call") as MethodHandler;
      return throughAll(middleware.get("tools/call") ?? [], handler, { name, arguments: args }, ctx);
    },
  };
}

/** Runs a method inside its middleware, the first outermost. */
export function throughAll(chain: readonly Around[], base: MethodHandler, params: unknown, ctx: CallContext): unknown {
  const step = (index: number, given: unknown): unknown => {
    const middleware = chain[index];
    if (middleware === undefined) return base(given, ctx);
    return middleware(given, ctx, (changed) => {
      // Whatever comes next, `next` gives a promise: middleware need not tell handlers apart that throw at once.
      try {
        return Promise.resolve(step(index + 1, changed ?? given));
      } catch (error) {
        return Promise.reject(error);
      }
    });
  };
  return step(0, params);
}

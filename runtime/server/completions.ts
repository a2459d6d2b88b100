/** Suggestions for arguments of prompts and for values of resource templates. Completion; requirements COMP-01 to COMP-08. */

import type { CompleteRequestParams, CompleteResult } from "../../generated/neutral/types.js";
import { RpcError } from "../errors.js";
import { isThenable } from "../jsonrpc/incoming.js";
import { RpcCode } from "../jsonrpc/message.js";
import type { Context } from "./context.js";
import type { Features } from "./features.js";

/** Suggests values, the best first, for what was typed so far. `chosen` are the other arguments, where the client tells them. */
export type CompleteArgument = (
  value: string,
  chosen: { readonly [name: string]: string },
  ctx: Context,
) => readonly string[] | Promise<readonly string[]>;

type RefType = "ref/prompt" | "ref/resource";

export interface Completions {
  /** Gives back the way to take them away again. */
  add(type: RefType, name: string, completers: { readonly [argument: string]: CompleteArgument }): () => void;
}

/** More are cut off (COMP-04). */
const MAX_VALUES = 100;

export function createCompletions(features: Features): Completions {
  const known = new Map<string, { readonly [argument: string]: CompleteArgument }>();
  const answer = (params: unknown, ctx: Context): unknown => {
    const { ref, argument, context } = params as CompleteRequestParams;
    const { type, name, uri } = ref as { type: string; name?: string; uri?: string };
    const completers = known.get(`${type} ${name ?? uri ?? ""}`);
    if (completers === undefined)
      throw new RpcError(RpcCode.InvalidParams, `Nothing to complete is known of ${name ?? uri ?? ""}`);
    const completer = Object.hasOwn(completers, argument.name) ? completers[argument.name] : undefined;
    if (completer === undefined) return completed([]);
    const values = completer(argument.value, context?.arguments ?? {}, ctx);
    return isThenable(values) ? values.then((later) => completed(later as readonly string[])) : completed(values);
  };
  return {
    add(type, name, completers) {
      const key = `${type} ${name}`;
      known.set(key, completers);
      if (Object.keys(completers).length > 0) features.handlers.set("completion/complete", answer);
      return () => known.delete(key);
    },
  };
}

function completed(values: readonly string[]): CompleteResult {
  const hasMore = values.length > MAX_VALUES;
  return { completion: { values: values.slice(0, MAX_VALUES), total: values.length, hasMore } };
}

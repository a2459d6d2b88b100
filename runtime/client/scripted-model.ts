/** A model that says what it was told to say, so that tests of servers and clients that use models need none. */

import { McpWireError } from "../errors.js";
import type { ModelInfo } from "./models.js";
import type { ModelAnswer, ModelProvider, ModelRequest } from "./sampler.js";

/** One answer: text, a whole answer, or a wish for tools, each as `[name, input]`. */
export type ScriptedAnswer =
  | string
  | ModelAnswer
  | {
      readonly use: readonly (readonly [name: string, input: { readonly [key: string]: unknown }])[];
      readonly text?: string;
    };

/** Answers in their order, or a function of the question; `turn` counts the answers from 1. */
export type Script = readonly ScriptedAnswer[] | ((request: ModelRequest, turn: number) => ScriptedAnswer);

export interface ScriptedModel extends ModelProvider {
  /** Every question that came. */
  readonly requests: readonly ModelRequest[];
}

/**
 * Makes a provider for tests. The ids of wishes for tools are `use-<turn>-<index>`.
 *
 * `generate` throws McpWireError `SCRIPT_ENDED` where there is no answer left.
 */
export function createScriptedModel(
  script: Script,
  models: readonly ModelInfo[] = [{ name: "scripted" }],
): ScriptedModel {
  const requests: ModelRequest[] = [];
  return {
    models,
    requests,
    generate(request) {
      const turn = requests.push(request);
      const answer = typeof script === "function" ? script(request, turn) : script[turn - 1];
      if (answer !== undefined) return written(answer, turn);
      const problem = `The script has no answer to question ${turn}.`;
      throw new McpWireError("SCRIPT_ENDED", problem, "Add one, or ask less often.");
    },
  };
}

function written(answer: ScriptedAnswer, turn: number): ModelAnswer {
  if (typeof answer === "string") return { content: answer };
  if (!("use" in answer)) return answer;
  const text = answer.text === undefined ? [] : [{ type: "text" as const, text: answer.text }];
  const uses = answer.use.map(([name, input], index) => ({
    type: "tool_use" as const,
    id: `use-${turn}-${index + 1}`,
    name,
    input,
  }));
  return { content: [...text, ...uses] };
}

/** The output schemas of the tools that were listed, and the check of what the tools then answer. Requirements TOOL-16, TOOL-20. */

import type { CallToolResult, Tool } from "../../generated/neutral/types.js";
import { MessageError } from "../errors.js";
import { isThenable } from "../jsonrpc/incoming.js";
import { describe } from "../protocol/fit.js";
import { type Check, type Checked, createJsonCheck, type JsonSchema } from "../schema/json-schema.js";

export interface ToolOutputs {
  /** Takes note of a page of tools. */
  learn(tools: readonly Tool[]): void;
  /** The result, once it was found to fit. @throws MessageError `INVALID_RESULT`; McpWireError `BAD_SCHEMA` for a schema of no use. */
  check(tool: string, result: CallToolResult): CallToolResult | Promise<CallToolResult>;
}

export function createToolOutputs(): ToolOutputs {
  const schemas = new Map<string, JsonSchema>();
  const checks = new Map<string, Check>();
  return {
    learn(tools) {
      for (const { name, outputSchema } of tools) {
        checks.delete(name);
        if (outputSchema === undefined) schemas.delete(name);
        else schemas.set(name, outputSchema);
      }
    },
    check(tool, result) {
      const schema = schemas.get(tool);
      if (schema === undefined || result.isError === true) return result;
      if (result.structuredContent === undefined) throw unfitOutput(tool, "it has no structuredContent");
      let check = checks.get(tool);
      if (check === undefined) {
        check = createJsonCheck(schema, true);
        checks.set(tool, check);
      }
      const judge = (checked: Checked): CallToolResult => {
        if (!checked.ok) throw unfitOutput(tool, describe(checked.failures));
        return result;
      };
      const checked = check(result.structuredContent);
      return isThenable(checked) ? (checked.then(judge) as Promise<CallToolResult>) : judge(checked);
    },
  };
}

function unfitOutput(tool: string, why: string): MessageError {
  const problem = `The output of the tool ${tool} does not fit the schema it was listed with: ${why}.`;
  return new MessageError("INVALID_RESULT", problem, "List the tools again, or turn `checkOutputs` off.");
}

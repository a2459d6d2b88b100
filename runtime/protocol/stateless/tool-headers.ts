/**
 * The mirrored parameters of the tools that a server listed last, and the lists without the tools whose annotations are of no use.
 * Streamable HTTP, `x-mcp-header`; requirements HTTP-129, HTTP-133, HTTP-135, HTTP-136, HTTP-138, HTTP-145.
 */

import { type McpWireError, MessageError } from "../../errors.js";
import { isObject } from "../envelope.js";
import { encodeHeaderValue } from "../header-values.js";
import { type ParamHeader, paramHeaderText, readParamHeaders, valueAt } from "../param-headers.js";

export interface ToolHeaders {
  /** Takes note of a result of `tools/list`. Gives it as it is, or where there are tools that must not be used, without these. */
  learn(result: unknown): unknown;
  /** The headers for a call with these params. */
  headersFor(params: unknown): Readonly<Record<string, string>>;
}

/** More tools with mirrored parameters than this are not remembered (SEC-42). */
const MAX_TOOLS = 10_000;

export function createToolHeaders(report: (error: McpWireError) => void): ToolHeaders {
  const byTool = new Map<string, readonly ParamHeader[]>();
  const usable = (tool: unknown): boolean => {
    // What is no tool at all is left to those who check results.
    if (!isObject(tool) || typeof tool.name !== "string") return true;
    byTool.delete(tool.name);
    const read = readParamHeaders(tool.inputSchema);
    if (!read.ok) {
      const problem = `The tool ${JSON.stringify(tool.name)} was left out: ${read.reason}, at ${read.pointer} of its inputSchema.`;
      report(new MessageError("INVALID_RESULT", problem, "The server has to mend its `x-mcp-header`."));
      return false;
    }
    if (read.headers.length > 0 && byTool.size < MAX_TOOLS) byTool.set(tool.name, read.headers);
    return true;
  };
  return {
    learn(result) {
      if (!isObject(result) || !Array.isArray(result.tools)) return result;
      const tools = result.tools.filter(usable);
      return tools.length === result.tools.length ? result : { ...result, tools };
    },
    headersFor(params) {
      if (!isObject(params) || typeof params.name !== "string") return {};
      const headers: Record<string, string> = {};
      for (const { header, path } of byTool.get(params.name) ?? []) {
        const text = paramHeaderText(valueAt(params.arguments, path));
        if (text !== undefined) headers[header] = encodeHeaderValue(text);
      }
      return headers;
    },
  };
}

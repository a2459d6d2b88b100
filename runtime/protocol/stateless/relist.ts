/** Lists tools again for a call whose headers were refused, since the schema that they came from is old or missing. Requirement HTTP-125. */

import type { RequestId, RpcRequest } from "../../jsonrpc/message.js";
import type { HttpRequest } from "../../transport/http-client.js";
import { isObject } from "../envelope.js";
import { nameOf, readAnswer, readRefusal } from "../http-answers.js";
import type { HttpContext } from "../http-context.js";
import { MetaKey, metaOf } from "../meta.js";
import type { ToolHeaders } from "./tool-headers.js";

/** Pages that are read to find the tool. */
const MAX_PAGES = 1_000;

/** What the new request has in common with the refused one. */
const KEPT = [MetaKey.protocolVersion, MetaKey.clientInfo, MetaKey.clientCapabilities];

/**
 * Reads lists until the tool has come, and gives whether they could be read. The requests are the channel's own: nobody above hears of them.
 * Rejects as an exchange does.
 */
export async function relist(
  refused: RpcRequest,
  tools: ToolHeaders,
  context: HttpContext,
  toHttp: (request: RpcRequest) => HttpRequest,
): Promise<boolean> {
  const meta = metaOf(refused.params) ?? {};
  const _meta = Object.fromEntries(KEPT.filter((key) => Object.hasOwn(meta, key)).map((key) => [key, meta[key]]));
  const name = isObject(refused.params) ? refused.params.name : undefined;
  let cursor: unknown;
  for (let page = 1; page <= MAX_PAGES; page++) {
    const id = `${refused.id} tools ${page}`;
    const params = cursor === undefined ? { _meta } : { _meta, cursor };
    const result = await ask({ jsonrpc: "2.0", id, method: "tools/list", params }, context, toHttp);
    if (!isObject(result) || !Array.isArray(result.tools)) return false;
    tools.learn(result);
    cursor = result.nextCursor;
    if (cursor === undefined || result.tools.some((tool) => isObject(tool) && tool.name === name)) return true;
  }
  return false;
}

async function ask(
  request: RpcRequest,
  context: HttpContext,
  toHttp: (request: RpcRequest) => HttpRequest,
): Promise<unknown> {
  const response = await (await context.begin(toHttp(request))).response;
  if (!response.ok) throw (await readRefusal(response, nameOf(request, context.url), request.id)).error;
  let result: unknown;
  await readAnswer(response, context.maxBytes, {
    onmessage(message) {
      const { id, result: answered } = message as { id?: RequestId; result?: unknown };
      if (id === request.id) result = answered;
    },
    onerror: (error) => context.events.onerror(error),
  });
  return result;
}

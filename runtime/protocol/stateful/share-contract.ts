/** What a session asks of the part of it that knows other nodes; without one it is this node's alone. */

import type { RequestId, RpcPayload } from "../../jsonrpc/message.js";
import type { HttpExchange } from "../../transport/http-exchange.js";

/** How a session is shared with other nodes. */
export interface SessionShare {
  /** Whether only this node stops serving the session. */
  readonly leaving: boolean;
  /** The name of a new stream, for these requests or for what belongs to none. */
  streamName(prefix: string, ids: readonly RequestId[] | undefined): string;
  /** Keeps what an answer changes; gives the answer to be given then. `undefined` where it changes nothing. */
  keep(asked: unknown, answer: RpcPayload): Promise<RpcPayload> | undefined;
  /** Says what belongs to no request, where the client hears it. */
  say(message: RpcPayload, text: string): Promise<void> | undefined;
  /** Makes this the node that has what belongs to no request. */
  claim(): Promise<void>;
  /** Answers by a stream that is not open here. */
  follow(exchange: HttpExchange, stream: string, lastId: string): Promise<void>;
  /** Decides what becomes of a session that was not used here for a while. */
  idle(): void;
}

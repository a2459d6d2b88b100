/** What can be told to a client when it connects. */

import type { ClientCapabilities, Icon, LoggingMessageNotificationParams } from "../../generated/neutral/types.js";
import type { Revision } from "../../generated/revisions.js";
import type { McpWireError } from "../errors.js";
import type { ServerEvent } from "../protocol/era.js";
import type { AnswerOptions } from "./answers.js";
import type { VerdictStore } from "./verdicts.js";

/** How a client connects: who it is, what it answers, and its limits. */
export interface ConnectOptions extends AnswerOptions {
  /** Who the client says it is. Default: this package's name. */
  readonly name?: string;
  /** Version of the client. Default `"0"`. */
  readonly version?: string;
  /** Name of the client, for people. */
  readonly title?: string;
  /** What the client is for. */
  readonly description?: string;
  /** A page about the client. */
  readonly websiteUrl?: string;
  /** Pictures of the client, for people. */
  readonly icons?: readonly Icon[];
  /** Revisions to speak. Default: every released one. */
  readonly revisions?: readonly Revision[];
  /** A revision that this server is known to speak, from `client.peer.revision` of an earlier connection: spares a probe. */
  readonly known?: Revision;
  /**
   * Where it is kept what servers were found to speak, which spares probes: for as long as the process runs by default, or in a
   * store of yours, or `false` for nowhere. What does not hold any more is found out anew.
   */
  readonly verdicts?: VerdictStore | false;
  /**
   * Whether a program that ended is started again, and a session that the server forgot is opened again, when the next request needs
   * it: at most three times in a row for a program that answers nothing. Subscriptions and the log level are carried over. Default true.
   */
  readonly restart?: boolean;
  /** Milliseconds after which a server that does not answer the probe is taken for an older one. Default 10 000. */
  readonly probeTimeoutMs?: number;
  /** Milliseconds that a request waits. Default 60 000. */
  readonly timeoutMs?: number;
  /** Whether servers may make tasks of calls, in revisions where clients say so with each: `callTool` waits for them. Default true. */
  readonly tasks?: boolean;
  /** How many times a server may ask for input during one request. Default 10. */
  readonly maxRounds?: number;
  /**
   * What happens to a list with malformed items, and to what fits a newer revision than the agreed one: the items are left out, the
   * other is taken, and both are reported; or all of it is refused. Default `"drop"`.
   */
  readonly malformed?: "drop" | "refuse";
  /** Whether structured content is checked against the schema that the tool was listed with. Default true. */
  readonly checkOutputs?: boolean;
  /** Results kept while they are fresh; 0 for none. Default 256. */
  readonly cacheEntries?: number;
  /** Whether requests name the client, in revisions where each does. Default true. */
  readonly sendInfo?: boolean;
  /** Further capabilities to declare, such as `experimental` or `extensions`. */
  readonly capabilities?: ClientCapabilities;
  /** Hears of log entries of the server. */
  readonly onlog?: (entry: LoggingMessageNotificationParams) => void;
  /** Hears of every event that comes, subscribed to or not. */
  readonly onevent?: (event: ServerEvent) => void;
  /** Hears of every notification that fits the revision. */
  readonly onnotification?: (method: string, params: unknown) => void;
  /** Told of what went wrong and no caller learns of. Default: nothing happens. */
  readonly onerror?: (error: McpWireError) => void;
  /** Told once when the connection is over for good; a loss that can be made up for goes to `onerror`. */
  readonly onclose?: (reason: McpWireError | undefined) => void;
}

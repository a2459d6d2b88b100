/** The way to a server: opens a channel to it, finds the revision in common, and hands out the client. */

import type {
  ClientCapabilities,
  Icon,
  Implementation,
  LoggingMessageNotificationParams,
} from "../../generated/neutral/types.js";
import type { Revision } from "../../generated/revisions.js";
import { McpWireError, RpcError, toWireError } from "../errors.js";
import type { Channel } from "../jsonrpc/channel.js";
import { createPeer } from "../jsonrpc/peer.js";
import type { ClientEra, ClientFacts, ClientLink, ServerEvent } from "../protocol/era.js";
import { signalWords } from "../protocol/meta.js";
import { openEra } from "../protocol/open.js";
import { methodsFrom, selectRevisions, traitsOf } from "../protocol/revision.js";
import { createMemoryPair } from "../transport/memory.js";
import type { ChildOptions } from "../transport/stdio-child.js";
import { type AnswerOptions, readAnswers, readCapabilities } from "./answers.js";
import { createResponseCache } from "./cache.js";
import { type Client, createClient } from "./client.js";
import { createToolOutputs } from "./outputs.js";

/** A channel; a program to start; or a server in this process. */
export type Target = Channel | ChildOptions | InProcess;

/** What a server object needs to be connected to without a wire. */
export interface InProcess {
  connect(channel: Channel): Promise<unknown>;
}

export interface ConnectOptions extends AnswerOptions {
  /** Who the client says it is. Default: this package's name. */
  readonly name?: string;
  readonly version?: string;
  readonly title?: string;
  readonly description?: string;
  readonly websiteUrl?: string;
  readonly icons?: readonly Icon[];
  /** Revisions to speak. Default: every released one. */
  readonly revisions?: readonly Revision[];
  /** A revision that this server is known to speak, from `client.peer.revision` of an earlier connection: spares a probe. */
  readonly known?: Revision;
  /** Milliseconds after which a server that does not answer the probe is taken for an older one. Default 10 000. */
  readonly probeTimeoutMs?: number;
  /** Milliseconds that a request waits. Default 60 000. */
  readonly timeoutMs?: number;
  /** How many times a server may ask for input during one request. Default 10. */
  readonly maxRounds?: number;
  /** What happens to a list with malformed items: they are left out and reported, or it is refused. Default `"drop"`. */
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
  /** Told once when the connection is over. */
  readonly onclose?: (reason: McpWireError | undefined) => void;
}

/**
 * Connects to a server.
 *
 * @throws McpWireError `NO_COMMON_REVISION` where the sides have none in common; ConnectionError where there is no way to the server.
 */
export async function connect(target: Target, options: ConnectOptions = {}): Promise<Client> {
  const channel = await channelTo(target);
  const own = selectRevisions(options.revisions);
  const cache = options.cacheEntries === 0 ? undefined : createResponseCache(options.cacheEntries ?? 256);
  const facts = createFacts(options, (event) => {
    cache?.hear(event);
    options.onevent?.(event);
  });
  let era: ClientEra | undefined;
  let batching = false;
  let lastId = 0;
  const peer = createPeer(channel, {
    words: signalWords,
    holdWhileWorking: true,
    createId: () => ++lastId,
    batches: () => batching,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    onrequest(method, params, call) {
      if (era?.answer !== undefined) return era.answer(method, params, call);
      if (method === "ping") return {};
      throw new RpcError(-32601, `Method not found: ${method}`);
    },
    takesRequests: () => (era === undefined ? own.stateful.length > 0 : era.answer !== undefined),
    onnotification: (method, params) => hear(method, params, era, options),
    onerror: facts.report,
    ...(options.onclose === undefined ? {} : { onclose: options.onclose }),
  });
  const link: ClientLink = {
    request: (method, params, how) => peer.request(method, params, how),
    notify: (method, params) => peer.notify(method, params),
    lastId: () => lastId,
  };
  try {
    await peer.open();
    const opened = await openEra(own, facts, link, options.probeTimeoutMs ?? 10_000, options.known);
    era = opened.era;
    const { revision } = opened.peer;
    batching = traitsOf(revision).batching;
    let level: LoggingMessageNotificationParams["level"] | undefined;
    return createClient({
      peer,
      era,
      facts: opened.peer,
      methods: methodsFrom(revision, "client"),
      cache,
      outputs: options.checkOutputs === false ? undefined : createToolOutputs(),
      logLevel: () => level,
      setLevel(wanted) {
        level = wanted;
      },
    });
  } catch (error) {
    await peer.close();
    throw error;
  }
}

async function channelTo(target: Target): Promise<Channel> {
  if (typeof target !== "object" || target === null) {
    const problem = `${JSON.stringify(target)} is no channel, no command and no server.`;
    throw new McpWireError("INVALID_USE", problem, "Give a channel, `{ command, args }`, or a server of this process.");
  }
  if ("command" in target) {
    const { createChildChannel } = await import("../transport/stdio-child.js");
    return createChildChannel(target);
  }
  if (!("connect" in target)) return target;
  const [near, far] = createMemoryPair();
  await target.connect(far);
  return near;
}

function hear(method: string, params: unknown, era: ClientEra | undefined, options: ConnectOptions): void {
  if (era?.notice(method, params) !== true) return;
  if (method === "notifications/message") options.onlog?.(params as LoggingMessageNotificationParams);
  options.onnotification?.(method, params);
}

function createFacts(options: ConnectOptions, onevent: (event: ServerEvent) => void): ClientFacts {
  const { name = "mcpwire", version = "0", title, description, websiteUrl, icons } = options;
  const given = { name, version, title, description, websiteUrl, icons };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return {
    info: Object.fromEntries(known) as unknown as Implementation,
    sendInfo: options.sendInfo ?? true,
    capabilities: readCapabilities(options, options.capabilities),
    answers: readAnswers(options),
    maxRounds: options.maxRounds ?? 10,
    dropMalformed: options.malformed !== "refuse",
    report: (error) => options.onerror?.(toWireError(error, "The client")),
    onevent,
  };
}

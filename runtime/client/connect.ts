/** The way to a server: opens a channel to it, finds the revision in common, and hands out the client. */

import type {
  Implementation,
  LoggingLevel,
  LoggingMessageNotificationParams,
  ProgressNotificationParams,
} from "../../generated/neutral/types.js";
import type { Revision } from "../../generated/revisions.js";
import { type McpWireError, RpcError, toWireError } from "../errors.js";
import type { Channel } from "../jsonrpc/channel.js";
import type { Peer } from "../jsonrpc/contract.js";
import type { IncomingCall } from "../jsonrpc/incoming.js";
import { createPeer } from "../jsonrpc/peer.js";
import type { ClientEra, ClientFacts, ClientLink, ServerEvent } from "../protocol/era.js";
import { MetaKey, metaOf, signalWords } from "../protocol/meta.js";
import { openEra } from "../protocol/open.js";
import { methodsFrom, type Selection, selectRevisions, traitsOf } from "../protocol/revision.js";
import { isFinal, type TaskStatus } from "../protocol/task-facts.js";
import { ELICITATION_COMPLETE } from "../protocol/url-required.js";
import { readAnswers, readAnswerTasks, readCapabilities } from "./answers.js";
import { createResponseCache } from "./cache.js";
import type { CallParts } from "./call.js";
import { type Client, createClient } from "./client.js";
import { type Connection, type Live, openConnection } from "./connection.js";
import { Early } from "./early.js";
import { Listenings } from "./listenings.js";
import type { ConnectOptions } from "./options.js";
import { createToolOutputs } from "./outputs.js";
import { readTarget, type Target } from "./target.js";
import { TaskHearers } from "./task-hearers.js";
import { createVerdict, processVerdicts } from "./verdicts.js";
import { Visits } from "./visits.js";

export type { ConnectOptions } from "./options.js";
export type { InProcess, Target } from "./target.js";

/**
 * Connects to a server: by URL, by starting a program, over a channel, or in this process.
 *
 * @throws McpWireError `NO_COMMON_REVISION` where the sides have none in common, `INVALID_USE` for what is no target; ConnectionError where
 * there is no way to the server; HttpError where it refuses, with the status.
 */
export async function connect(target: Target, options: ConnectOptions = {}): Promise<Client> {
  const way = await readTarget(target);
  const own = selectRevisions(options.revisions);
  const cache = options.cacheEntries === 0 ? undefined : createResponseCache(options.cacheEntries ?? 256);
  const onevent = (event: ServerEvent): void => {
    cache?.hear(event);
    options.onevent?.(event);
  };
  const report = (error: McpWireError): void => options.onerror?.(toWireError(error, "The client"));
  const visits = options.elicitUrl === undefined ? undefined : new Visits(options.elicitUrl, options, report);
  const facts = createFacts(options, onevent, report, visits);
  const key = way.key === undefined ? undefined : `${way.key} ${own.all.join(" ")}`;
  const verdict = createVerdict(options.verdicts ?? processVerdicts, key, report);
  const listenings = new Listenings({ connection: () => connection, onmissed: onevent, report });
  let level: LoggingLevel | undefined;
  const heard: Heard = { taskProgress: new TaskHearers(), taskNews: new TaskHearers(), visits };
  const connection: Connection = await openConnection(
    {
      restarts: options.restart === false ? 0 : way.restarts,
      async open(known, onpeer, onclose) {
        const channel = await way.channel();
        const live = await openLive({ channel, own, facts, options, known, heard, onpeer, onclose });
        await verdict.write(live.facts.revision);
        return live;
      },
      ondown: () => listenings.lost(),
      onreopened(live) {
        cache?.clear();
        if (level !== undefined && live.methods.has("logging/setLevel"))
          live.peer
            .request("logging/setLevel", { level })
            .catch((error: unknown) => report(toWireError(error, "Setting the log level")));
        listenings.moved();
      },
      onclose(reason) {
        visits?.end();
        listenings.end(reason);
        facts.answerTasks?.close().catch((error: unknown) => report(toWireError(error, "Ending the tasks")));
        options.onclose?.(reason);
      },
      report,
    },
    options.known ?? (await verdict.read()),
  );
  return createClient({
    connection,
    taskSupport: new Map(),
    ...heard,
    listenings,
    cache,
    outputs: options.checkOutputs === false ? undefined : createToolOutputs(),
    logLevel: () => level,
    setLevel(wanted) {
      level = wanted;
    },
  });
}

/** Who hears of tasks. */
type Heard = Pick<CallParts, "taskProgress" | "taskNews" | "visits">;

interface Opening {
  readonly channel: Channel;
  readonly own: Selection;
  readonly facts: ClientFacts;
  readonly options: ConnectOptions;
  readonly known: Revision | undefined;
  readonly heard: Heard;
  onpeer(peer: Peer): void;
  onclose(reason: McpWireError | undefined): void;
}

/** Opens a channel and finds the revision; what it fails with leaves nothing open. */
async function openLive({ channel, own, facts, options, known, heard, onpeer, onclose }: Opening): Promise<Live> {
  let era: ClientEra | undefined;
  let batching = false;
  let lastId = 0;
  const early = new Early();
  const answer = (method: string, params: unknown, call: IncomingCall): unknown => {
    if (era?.answer === undefined) throw new RpcError(-32601, `Method not found: ${method}`);
    return era.answer(method, params, call);
  };
  const peer = createPeer(channel, {
    words: signalWords,
    holdWhileWorking: true,
    createId: () => ++lastId,
    batches: () => batching,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    onrequest(method, params, call) {
      if (era !== undefined) return answer(method, params, call);
      return method === "ping" ? {} : early.request(() => answer(method, params, call));
    },
    takesRequests: () => (era === undefined ? own.stateful.length > 0 : era.answer !== undefined),
    onnotification(method, params) {
      if (era === undefined) early.notification(() => hear(method, params, era, options, heard));
      else hear(method, params, era, options, heard);
    },
    onerror: facts.report,
    onclose(reason) {
      era?.end?.(reason);
      onclose(reason);
    },
  });
  const link: ClientLink = {
    request: (method, params, how) => peer.request(method, params, how),
    notify: (method, params) => peer.notify(method, params),
    lastId: () => lastId,
  };
  onpeer(peer);
  try {
    await peer.open();
    const opened = await openEra(own, facts, link, options.probeTimeoutMs ?? 10_000, known);
    era = opened.era;
    const { revision } = opened.peer;
    batching = traitsOf(revision).batching;
    early.end();
    return { peer, era, facts: opened.peer, methods: methodsFrom(revision, "client") };
  } catch (error) {
    await peer.close();
    early.end();
    throw error;
  }
}

function hear(
  method: string,
  params: unknown,
  era: ClientEra | undefined,
  options: ConnectOptions,
  { taskProgress, taskNews, visits }: Heard,
): void {
  if (era?.notice(method, params) !== true) return;
  // The request that asked for progress has its answer, and the work goes on as a task (TASK-52).
  if (method === signalWords.progress?.method) {
    const related = metaOf(params)?.[MetaKey.relatedTask] as { readonly taskId?: unknown } | undefined;
    if (typeof related?.taskId === "string")
      for (const tell of taskProgress.of(related.taskId)) tell(params as unknown as ProgressNotificationParams);
  }
  if (method === "notifications/tasks/status") {
    const { taskId, status } = params as { readonly taskId: string; readonly status: TaskStatus };
    for (const one of taskNews.of(taskId)) one.news(params);
    if (isFinal(status)) taskProgress.end(taskId);
  }
  if (method === ELICITATION_COMPLETE) visits?.hear(params);
  if (method === "notifications/message") options.onlog?.(params as LoggingMessageNotificationParams);
  options.onnotification?.(method, params);
}

type Facts = ClientFacts & { readonly answerTasks: ReturnType<typeof readAnswerTasks> };

function createFacts(
  options: ConnectOptions,
  onevent: (event: ServerEvent) => void,
  report: (error: McpWireError) => void,
  visits: Visits | undefined,
): Facts {
  const { name = "mcpwire", version = "0", title, description, websiteUrl, icons } = options;
  const given = { name, version, title, description, websiteUrl, icons };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return {
    info: Object.fromEntries(known) as unknown as Implementation,
    sendInfo: options.sendInfo ?? true,
    capabilities: readCapabilities(options, options.capabilities),
    answers: readAnswers(options, visits),
    tasks: options.tasks ?? true,
    maxRounds: options.maxRounds ?? 10,
    dropMalformed: options.malformed !== "refuse",
    answerTasks: readAnswerTasks(options, report),
    report,
    onevent,
  };
}

/** The client that users hold: requests typed by the method maps, and a short verb for each thing one does with a server. */

import type { ClientNotifications, ClientRequests } from "../../generated/neutral/methods.js";
import type {
  CallToolResult,
  CompleteResult,
  GetPromptResult,
  ListPromptsResult,
  ListResourcesResult,
  ListResourceTemplatesResult,
  ListToolsResult,
  LoggingLevel,
  Prompt,
  ReadResourceResult,
  Resource,
  ResourceTemplate,
  Tool,
} from "../../generated/neutral/types.js";
import { RpcError } from "../errors.js";
import { declares } from "../protocol/capabilities.js";
import type { ListenFilter, Listening, PeerFacts, ServerEvent } from "../protocol/era.js";
import { isAugmented } from "../protocol/task-facts.js";
import { type CallOptions, type CallParams, type CallParts, type CallResult, callMethod } from "./call.js";
import type { Listenings } from "./listenings.js";
import { RemoteList } from "./pages.js";
import type { StartOptions, TaskHandle } from "./task-contract.js";

type Args = { readonly [name: string]: unknown };

/** A client, as `connect` gives it. Errors of the server are thrown as `RpcError`; all else that goes wrong is another class with a `code`. */
export interface Client {
  /** The revision agreed on, and what the server says of itself; after the connection was opened again, what holds now. */
  readonly peer: PeerFacts;
  /** Sends any request of the protocol. */
  request<M extends keyof ClientRequests>(
    method: M,
    params?: CallParams<M>,
    options?: CallOptions,
  ): Promise<CallResult<M>>;
  /** Sends a notification. */
  notify<M extends keyof ClientNotifications>(method: M, params?: ClientNotifications[M]["params"]): Promise<void>;
  /** The tools of the server. */
  listTools(options?: CallOptions): RemoteList<ListToolsResult, Tool>;
  /** Calls a tool. What goes wrong inside it is a result with `isError`, not an exception. */
  callTool(name: string, args?: Args, options?: CallOptions): Promise<CallToolResult>;
  /**
   * Begins a call that may go on at the server as a task, and gives what follows it. Where the server runs the tool without a task, this
   * resolves with the answer itself.
   * @throws McpWireError `NOT_IN_REVISION` where the revision agreed on has no tasks.
   */
  startTool(name: string, args?: Args, options?: StartOptions): Promise<TaskHandle>;
  /** Follows a task of an earlier call, of this client or of another of the same principal. Throws as `startTool` does. */
  task(id: string, options?: StartOptions): Promise<TaskHandle>;
  /** The resources that the server lists. */
  listResources(options?: CallOptions): RemoteList<ListResourcesResult, Resource>;
  /** The templates of URIs that the server has resources for. */
  listResourceTemplates(options?: CallOptions): RemoteList<ListResourceTemplatesResult, ResourceTemplate>;
  /** Reads a resource. */
  readResource(uri: string, options?: CallOptions): Promise<ReadResourceResult>;
  /** The prompts of the server. */
  listPrompts(options?: CallOptions): RemoteList<ListPromptsResult, Prompt>;
  /** Fetches the messages of a prompt. */
  getPrompt(name: string, args?: Readonly<Record<string, string>>, options?: CallOptions): Promise<GetPromptResult>;
  /** Fetches suggestions for the value of an argument. */
  complete(params: CallParams<"completion/complete">, options?: CallOptions): Promise<CompleteResult>;
  /** Wants log entries of this level and above from here on, in the way the revision has for it. */
  setLogLevel(level: LoggingLevel): Promise<void>;
  /** Whether the server answers; in revisions without ping, another request that costs it little is sent. */
  ping(options?: CallOptions): Promise<void>;
  /** Hears of changes. Look at `agreed`: a server may grant less than was asked for. */
  subscribe(filter: ListenFilter, onevent: (event: ServerEvent) => void): Promise<Listening>;
  /** Tells the server that the roots changed, where the revision has a way to. */
  rootsChanged(): Promise<void>;
  /** Ends the connection; what is under way is rejected with `ConnectionError` `CLOSED`. */
  close(): Promise<void>;
}

/** What a client is made of, once the connection is open. */
export interface ClientParts extends CallParts {
  readonly listenings: Listenings;
  setLevel(level: LoggingLevel): void;
}

export function createClient(parts: ClientParts): Client {
  const { connection, listenings } = parts;
  const has = (method: string): boolean => connection.current.methods.has(method);
  const request: Client["request"] = (method, params, options = NO_OPTIONS) =>
    callMethod(parts, method, params, options) as Promise<CallResult<typeof method>>;
  const notify = async (method: string, params?: unknown): Promise<void> => {
    const { peer } = await connection.live();
    await peer.notify(method, params);
  };
  return {
    get peer() {
      return connection.current.facts;
    },
    request,
    notify: (method, params) => notify(method, params),
    listTools: (options) => listOf(request, "tools/list", (page) => page.tools, options),
    callTool: (name, args, options) =>
      mayAugment(parts)
        ? callAugmentable(parts, request, name, args, options)
        : request("tools/call", callOf(name, args), options),
    startTool: (name, args, options) => start(parts, request, name, args, options),
    async task(id, options = NO_OPTIONS) {
      const { findTask } = await loadTasks();
      return findTask(parts, id, options);
    },
    listResources: (options) => listOf(request, "resources/list", (page) => page.resources, options),
    listResourceTemplates: (options) =>
      listOf(request, "resources/templates/list", (page) => page.resourceTemplates, options),
    readResource: (uri, options) => request("resources/read", { uri }, options),
    listPrompts: (options) => listOf(request, "prompts/list", (page) => page.prompts, options),
    getPrompt: (name, args, options) =>
      request("prompts/get", args === undefined ? { name } : { name, arguments: args }, options),
    complete: (params, options) => request("completion/complete", params, options),
    async setLogLevel(level) {
      if (has("logging/setLevel")) await request("logging/setLevel", { level });
      parts.setLevel(level);
    },
    async ping(options) {
      await request(has("ping") ? "ping" : "server/discover", undefined, { ...options, cached: false });
    },
    subscribe: (filter, onevent) => listenings.begin(filter, onevent),
    async rootsChanged() {
      if (has("notifications/roots/list_changed")) await notify("notifications/roots/list_changed");
    },
    async close() {
      listenings.end(undefined);
      await connection.close();
    },
  };
}

const NO_OPTIONS: CallOptions = {};

type Tasks = typeof import("./tasks.js");

let loadedTasks: Tasks | undefined;

/** What tasks take, loaded with the first of them. */
async function loadTasks(): Promise<Tasks> {
  loadedTasks ??= await import("./tasks.js");
  return loadedTasks;
}

function callOf(name: string, args: Args | undefined): { name: string; arguments?: Args } {
  return args === undefined ? { name } : { name, arguments: args };
}

/** Whether the server runs calls as tasks for who asks for it (TASK-09). */
function mayAugment({ connection }: ClientParts): boolean {
  const { revision, serverCapabilities } = connection.current.facts;
  return declares(serverCapabilities, "tasks.requests.tools.call") && isAugmented(revision);
}

/** A call to a tool that is only run as a task goes as one (TASK-13): which those are, the list of tools says. */
async function callAugmentable(
  parts: ClientParts,
  request: Client["request"],
  name: string,
  args: Args | undefined,
  options: CallOptions | undefined,
): Promise<CallToolResult> {
  if (parts.taskSupport.get(name) !== "required") {
    try {
      return await request("tools/call", callOf(name, args), options);
    } catch (error) {
      // It was not carried out, and may be one that was not listed yet.
      if (!(error instanceof RpcError) || error.rpcCode !== -32601 || parts.taskSupport.has(name)) throw error;
      await listOf(request, "tools/list", (page) => page.tools, undefined);
      if (parts.taskSupport.get(name) !== "required") throw error;
    }
  }
  const { startTask } = await loadTasks();
  return await (await startTask(parts, callOf(name, args), options ?? NO_OPTIONS)).result();
}

async function start(
  parts: ClientParts,
  request: Client["request"],
  name: string,
  args: Args | undefined,
  options: StartOptions = NO_OPTIONS,
): Promise<TaskHandle> {
  const augmented = mayAugment(parts);
  if (augmented && !parts.taskSupport.has(name)) await listOf(request, "tools/list", (page) => page.tools, undefined);
  const { startTask } = loadedTasks ?? (await loadTasks());
  return startTask(parts, callOf(name, args), options, augmented && isAugmentable(parts, name));
}

function isAugmentable({ taskSupport }: ClientParts, name: string): boolean {
  const support = taskSupport.get(name);
  return support === "optional" || support === "required";
}

type ListMethod = "tools/list" | "resources/list" | "resources/templates/list" | "prompts/list";

function listOf<M extends ListMethod, T>(
  request: Client["request"],
  method: M,
  itemsOf: (page: CallResult<M>) => readonly T[],
  options: CallOptions | undefined,
): RemoteList<CallResult<M>, T> {
  const fetch = (cursor: string | undefined): Promise<CallResult<M>> =>
    request(method, (cursor === undefined ? undefined : { cursor }) as unknown as CallParams<M>, options);
  return new RemoteList(fetch, itemsOf);
}

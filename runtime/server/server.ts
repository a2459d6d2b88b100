/** The server that users make: what it offers is registered once and shared by every connection it serves. */

import type { ClientRequests } from "../../generated/neutral/methods.js";
import type { Icon, Implementation, ServerCapabilities } from "../../generated/neutral/types.js";
import type { Revision } from "../../generated/revisions.js";
import { loggable, McpWireError } from "../errors.js";
import type { Channel } from "../jsonrpc/channel.js";
import type { CacheHints, ServerEvent, ServerFacts } from "../protocol/era.js";
import type { HttpOptions } from "../protocol/http-endpoint.js";
import { selectRevisions } from "../protocol/revision.js";
import type { Sealer, SealingOptions } from "../protocol/stateless/state.js";
import { createSelfChannel, type SelfOptions } from "../transport/stdio-self.js";
import { createCompletions } from "./completions.js";
import type { Context } from "./context.js";
import { createServerTools } from "./dispatch.js";
import type { Around, Features, MethodHandler } from "./features.js";
import type { FetchHandler } from "./http-ends.js";
import { createPrompts, type RegisterPrompt } from "./prompts.js";
import { createResources, type RegisterResources } from "./resources.js";
import type { HttpListener, ListenOptions, NodeHandler } from "./serve-http.js";
import { openSession, type Session, type SessionParts } from "./session.js";
import { createTaskEnds, type TaskOptions, taskCapabilities } from "./task-ends.js";
import { createTools, type RegisterTool } from "./tools.js";

/** Who the server is and how it serves. */
export interface ServerOptions {
  /** Name for programs, the same in every version. */
  readonly name: string;
  /** Version of the server, in a form of its own. */
  readonly version: string;
  /** Name for people. Default: `name`. */
  readonly title?: string;
  /** What the server is for. */
  readonly description?: string;
  /** A page about the server. */
  readonly websiteUrl?: string;
  /** Pictures of the server, for people. */
  readonly icons?: readonly Icon[];
  /** A hint for the model on how to use the server. */
  readonly instructions?: string;
  /** Revisions to speak. Default: every released one. */
  readonly revisions?: readonly Revision[];
  /** Items on one page of a list. Default 1 000. */
  readonly pageSize?: number;
  /** How long results stay fresh where a handler does not say. Default: not at all, and for the same client only. */
  readonly cache?: Partial<CacheHints>;
  /** How what a handler was told is sealed between its runs. */
  readonly requestState?: SealingOptions;
  /** How tasks are kept, for tools that have them. */
  readonly tasks?: TaskOptions;
  /** Whether log entries are offered to clients. Default true. */
  readonly logging?: boolean;
  /** Whether results name the server, in revisions where they can. Default true. */
  readonly sendInfo?: boolean;
  /** Scopes that every request over HTTP needs; see the page on authorization. Default: none. */
  readonly scopes?: readonly string[];
  /** Scopes that requests of a method need beyond those, such as `{ "tools/list": ["tools"] }`. Default: none. */
  readonly methodScopes?: { readonly [M in keyof ClientRequests]?: readonly string[] };
  /** Further capabilities to declare, such as `experimental`. */
  readonly capabilities?: ServerCapabilities;
  /** Milliseconds that a question to the client may take. Default 60 000; see `PeerOptions`. */
  readonly timeoutMs?: number;
  /** Told of everything that went wrong and that no caller learns of. Default: written to stderr. */
  readonly onerror?: (error: McpWireError) => void;
}

/** Runs around a method: it may look, change what goes in or comes out, or answer itself. Params are those of the wire. */
export type Middleware<M extends keyof ClientRequests = keyof ClientRequests> = (
  params: ClientRequests[M]["params"],
  ctx: Context,
  next: (params?: ClientRequests[M]["params"]) => Promise<ClientRequests[M]["result"]>,
) => ClientRequests[M]["result"] | Promise<ClientRequests[M]["result"]>;

/** A server, as {@link createServer} makes it. */
export interface Server extends RegisterResources {
  /** What the server says of itself. */
  readonly info: Implementation;
  /**
   * Registers a tool: a function that the model may call.
   * @throws McpWireError `INVALID_USE` for a name that is taken, `BAD_SCHEMA` for a schema of no use.
   */
  readonly tool: RegisterTool;
  /**
   * Registers a prompt: messages that a person picks by name.
   * @throws McpWireError `INVALID_USE` for a name that is taken.
   */
  readonly prompt: RegisterPrompt;
  /** Tells who subscribed to it, or to what stands above it, that a resource changed. */
  resourceUpdated(uri: string): void;
  /**
   * Says that a person is done at a page that a handler sent them to, by the id of the visit: the client that asked them hears of it where
   * the revision has a way to, and handlers that wait go on, here and at every node on the `bus` of an HTTP end. Gives whether a client was
   * told; ids that are not known, or known to be done, are nobody's.
   */
  completeElicitation(elicitationId: string): Promise<boolean>;
  /** Wraps a method; what is added first is outermost. */
  use<M extends keyof ClientRequests>(method: M, middleware: Middleware<M>): void;
  /** Serves one client. Resolves when the channel is open; a server serves any number of channels. */
  connect(channel: Channel): Promise<Session>;
  /** Serves the client that started this process, over stdin and stdout. */
  serveStdio(options?: SelfOptions): Promise<Session>;
  /** Serves any number of clients over HTTP, at an address of this machine that nobody else reaches unless `host` says so. */
  serveHttp(options?: ListenOptions): Promise<HttpListener>;
  /** Serves over HTTP behind Node's own server, or a framework on it (Express, Fastify). */
  toNodeHandler(options?: HttpOptions): NodeHandler;
  /** Serves over HTTP wherever there are `Request` and `Response` (Hono, Deno, Bun, workers). */
  toFetchHandler(options?: HttpOptions): FetchHandler;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** Most servers never seal anything. */
async function createLater(options: SealingOptions | undefined): Promise<Sealer> {
  const { createSealer } = await import("../protocol/stateless/state.js");
  return createSealer(options);
}

/** Who serves stdio loads nothing of HTTP. */
const httpEnds = (): Promise<typeof import("./http-ends.js")> => import("./http-ends.js");

/** Makes a server. It offers nothing until something is registered. */
export function createServer(options: ServerOptions): Server {
  const sessions = new Set<Session>();
  const handlers = new Map<string, MethodHandler>();
  const middleware = new Map<string, Around[]>();
  const facts = createFacts(options, handlers, () => features);
  const features: Features = {
    handlers,
    definitions: new Map(),
    announce: createAnnouncer(sessions),
    paramHeaders: undefined,
    describeTool: undefined,
    tasks: undefined,
    useTasks(find) {
      const { tasks = {}, pageSize = 1_000 } = options;
      features.tasks ??= createTaskEnds({ ...parts, options: tasks, pageSize, find });
    },
  };
  const warn = (problem: string): void =>
    facts.report(new McpWireError("TOOL_NAME", `${problem}.`, "Some clients cannot call it."));
  let sealer: Promise<Sealer> | undefined;
  const parts: SessionParts & { readonly handlers: Map<string, MethodHandler> } = {
    selection: selectRevisions(options.revisions),
    facts,
    tools: createServerTools(features, middleware),
    sealer: () => (sealer ??= createLater(options.requestState)),
    randomKey: options.requestState?.keys === undefined,
    handlers,
    middleware,
    options,
    sessions,
    endpoints: new Set<{ close(): Promise<void> }>(),
  };
  const { pageSize = 1_000 } = options;
  const completions = createCompletions(features);
  const connect = (channel: Channel): Promise<Session> => openSession(channel, parts);
  return {
    info: facts.info,
    ...createResources(features, completions, pageSize),
    prompt: createPrompts(features, completions, pageSize),
    resourceUpdated: (uri) => features.announce({ type: "resourceUpdated", uri }),
    tool: createTools(features, pageSize, warn),
    completeElicitation: async (id) => (await import("./questions.js")).completeVisit(facts, id, sessions),
    use(method, added) {
      middleware.set(method, [...(middleware.get(method) ?? []), added as unknown as Around]);
    },
    connect,
    serveStdio: (how) => connect(createSelfChannel(how)),
    serveHttp: async (how) => (await httpEnds()).serveHttp(parts, how),
    toNodeHandler(how) {
      let handler: NodeHandler | undefined;
      const loaded = httpEnds().then((ends) => (handler = ends.nodeHandler(parts, how)));
      return (request, response, body) => {
        if (handler !== undefined) handler(request, response, body);
        else
          loaded.then(
            (now) => now(request, response, body),
            (error) => {
              facts.report(error);
              response.writeHead(500).end();
            },
          );
      };
    },
    toFetchHandler(how) {
      const loaded = httpEnds().then((ends) => ends.fetchHandler(parts, how));
      return async (request) => await (await loaded)(request);
    },
    async close() {
      await Promise.all([...parts.endpoints].map((endpoint) => endpoint.close()));
      await Promise.all([...sessions].map((session) => session.close()));
    },
  };
}

function createFacts(
  options: ServerOptions,
  handlers: ReadonlyMap<string, MethodHandler>,
  features: () => Features,
): ServerFacts {
  const { name, version, title, description, websiteUrl, icons } = options;
  const given = { name, version, title, description, websiteUrl, icons };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return {
    info: Object.fromEntries(known) as unknown as Implementation,
    instructions: options.instructions,
    sendInfo: options.sendInfo ?? true,
    cache: { ttlMs: options.cache?.ttlMs ?? 0, cacheScope: options.cache?.cacheScope ?? "private" },
    get watchTasks() {
      return features().tasks?.watch;
    },
    capabilities: (revision, origin) => ({
      ...(handlers.has("tools/list") ? { tools: { listChanged: true } } : {}),
      ...(handlers.has("resources/list") ? { resources: { subscribe: true, listChanged: true } } : {}),
      ...(handlers.has("prompts/list") ? { prompts: { listChanged: true } } : {}),
      ...(handlers.has("completion/complete") ? { completions: {} } : {}),
      ...(options.logging === false ? {} : { logging: {} }),
      ...options.capabilities,
      ...(features().tasks === undefined ? {} : withTasks(options.capabilities, taskCapabilities(revision, origin))),
    }),
    paramHeaders(method, params) {
      const name = method === "tools/call" ? (params as { name?: unknown }).name : undefined;
      return (typeof name === "string" ? features().paramHeaders?.(name) : undefined) ?? [];
    },
    report(error) {
      if (options.onerror === undefined) console.error(loggable(`${name}: ${error.message}`));
      else options.onerror(error);
    },
  };
}

function withTasks(given: ServerCapabilities = {}, tasks: ServerCapabilities = {}): ServerCapabilities {
  return tasks.extensions === undefined ? tasks : { extensions: { ...given.extensions, ...tasks.extensions } };
}

/** Changes of a list that come together are told once. */
function createAnnouncer(sessions: ReadonlySet<Session>): (event: ServerEvent) => void {
  const waiting = new Map<string, ServerEvent>();
  return (event) => {
    if (sessions.size === 0) return;
    if (waiting.size === 0)
      queueMicrotask(() => {
        const events = [...waiting.values()];
        waiting.clear();
        for (const session of sessions) for (const one of events) session.publish(one);
      });
    waiting.set(event.type === "resourceUpdated" ? `uri ${event.uri}` : event.type, event);
  };
}

/** What a server offers, in the words of the behaviours. The subject is the same whoever's library serves it. */

interface Use {
  readonly tool: string;
  readonly args?: Record<string, unknown>;
  /** What the answer's text has to contain. */
  readonly says: string;
}

export interface Scene {
  readonly serverName: string;
  readonly tools: readonly string[];
  readonly resources: readonly string[];
  readonly templates: readonly string[];
  readonly prompts: readonly string[];
  readonly echo: Use;
  readonly structured: Use & { readonly value: unknown };
  /** A tool that fails in a way that the model should read. */
  readonly failing: Use;
  readonly texts: readonly { readonly uri: string; readonly says: string }[];
  readonly bytes: string;
  readonly missing: string;
  readonly prompt: { readonly name: string; readonly args: Record<string, string>; readonly says: string };
  readonly completions: readonly {
    readonly ref: { type: "ref/prompt"; name: string } | { type: "ref/resource"; uri: string };
    readonly argument: { name: string; value: string };
    readonly values: readonly string[];
  }[];
  readonly log: Use & {
    /** Entries at `debug`, and at `error`, in part; none where it is up to chance what is logged. */
    readonly debug: readonly Record<string, unknown>[] | undefined;
    readonly error: readonly Record<string, unknown>[] | undefined;
  };
  /** The answer may wait for `release`: clients of others lose progress that comes together with it. */
  readonly progress: Use & { readonly seen: readonly number[]; readonly release?: string };
  readonly hang: { readonly tool: string; readonly args?: Record<string, unknown> };
  /** Says how many calls of `hang` were given up. */
  readonly cancelled: string | undefined;
  readonly elicit: Use & { readonly asks: string };
  readonly sample: Use & { readonly asks: string };
  readonly roots: Use;
  readonly update: { readonly uri: string; readonly tool: string; readonly args?: Record<string, unknown> };
  /** The tool that changes the list of tools; none where it changes by itself after the opening. */
  readonly grow: string | undefined;
  /** A call that goes on when the other tool is called. */
  readonly gate: { readonly tool: string; readonly release: string } | undefined;
}

export const subject: Scene = {
  serverName: "subject",
  tools: ["echo", "add", "fail", "steps", "hang", "cancelled", "log", "gate", "release", "ask", "think", "where"],
  resources: ["memo://one", "memo://bytes"],
  templates: ["memo://item/{id}"],
  prompts: ["review"],
  echo: { tool: "echo", args: { text: "žluťoučký\n🦊\u2028" }, says: "žluťoučký\n🦊\u2028" },
  structured: { tool: "add", args: { a: 1, b: 2 }, says: '{"sum":3}', value: { sum: 3 } },
  failing: { tool: "fail", says: "it is broken" },
  texts: [
    { uri: "memo://one", says: "first" },
    { uri: "memo://item/a%20b", says: "item a b" },
  ],
  bytes: "memo://bytes",
  missing: "memo://none",
  prompt: { name: "review", args: { topic: "it", tone: "dry" }, says: "Review it in a dry tone." },
  completions: [
    {
      ref: { type: "ref/resource", uri: "memo://item/{id}" },
      argument: { name: "id", value: "a" },
      values: ["alpha"],
    },
    { ref: { type: "ref/prompt", name: "review" }, argument: { name: "topic", value: "t" }, values: [] },
  ],
  log: {
    tool: "log",
    says: "logged",
    debug: [
      { level: "debug", data: "small" },
      { level: "error", logger: "subject", data: { big: true } },
    ],
    error: [{ level: "error", logger: "subject", data: { big: true } }],
  },
  progress: { tool: "steps", says: "done", seen: [1, 2], release: "release" },
  hang: { tool: "hang" },
  cancelled: "cancelled",
  elicit: { tool: "ask", asks: "Your name?", says: "Hello Ada." },
  sample: { tool: "think", asks: "2+2?", says: "m1: 4" },
  roots: { tool: "where", says: "file:///work" },
  update: { uri: "memo://one", tool: "touch", args: { text: "memo://one" } },
  grow: "grow",
  gate: { tool: "gate", release: "release" },
};

/** The subject as `fastmcp` has it: entries are made of a message and its context. */
export const fastmcpSubject: Scene = {
  ...subject,
  log: {
    tool: "log",
    says: "logged",
    debug: [
      { level: "debug", data: { message: "small" } },
      { level: "error", data: { message: "subject", context: { big: true } } },
    ],
    error: [{ level: "error", data: { message: "subject", context: { big: true } } }],
  },
};

/** `@modelcontextprotocol/server-everything`, which nobody can program. */
export const everything: Scene = {
  serverName: "mcp-servers/everything",
  tools: ["echo", "get-sum", "get-structured-content", "trigger-sampling-request"],
  resources: ["demo://resource/static/document/features.md"],
  templates: ["demo://resource/dynamic/text/{resourceId}", "demo://resource/dynamic/blob/{resourceId}"],
  prompts: ["simple-prompt", "completable-prompt"],
  echo: { tool: "echo", args: { message: "žluťoučký 🦊" }, says: "Echo: žluťoučký 🦊" },
  structured: {
    tool: "get-structured-content",
    args: { location: "New York" },
    says: "temperature",
    value: { temperature: 33, conditions: "Cloudy", humidity: 82 },
  },
  failing: { tool: "get-sum", args: { a: "one" }, says: "Invalid" },
  texts: [{ uri: "demo://resource/dynamic/text/1", says: "Resource 1" }],
  bytes: "demo://resource/dynamic/blob/1",
  missing: "demo://resource/dynamic/text/none",
  prompt: {
    name: "completable-prompt",
    args: { department: "Sales", name: "Eve" },
    says: "Please promote Eve to the head of the Sales team.",
  },
  completions: [
    {
      ref: { type: "ref/prompt", name: "completable-prompt" },
      argument: { name: "department", value: "S" },
      values: ["Sales", "Support"],
    },
    {
      ref: { type: "ref/resource", uri: "demo://resource/dynamic/text/{resourceId}" },
      argument: { name: "resourceId", value: "7" },
      values: ["7"],
    },
  ],
  log: { tool: "toggle-simulated-logging", says: "simulated", debug: undefined, error: undefined },
  progress: {
    tool: "trigger-long-running-operation",
    args: { duration: 0.1, steps: 3 },
    says: "completed",
    seen: [1, 2, 3],
  },
  hang: { tool: "trigger-long-running-operation", args: { duration: 3, steps: 1 } },
  cancelled: undefined,
  elicit: { tool: "trigger-elicitation-request", asks: "Please provide inputs", says: "Name: Ada" },
  sample: {
    tool: "trigger-sampling-request",
    args: { prompt: "2+2?", maxTokens: 10 },
    asks: "2+2?",
    says: '"model": "m1"',
  },
  roots: { tool: "get-roots-list", says: "file:///work" },
  update: { uri: "demo://resource/dynamic/text/1", tool: "toggle-subscriber-updates" },
  grow: undefined,
  gate: undefined,
};

/**
 * The messages that the benchmarks validate: one exchange of every method of revision 2025-11-25, as peers send them, all under
 * 2 KB. Each row is a definition's name and a value of it; requests and notifications are whole messages, results are bare.
 */

const request = (method, params, id = 7) => ({
  jsonrpc: "2.0",
  id,
  method,
  ...(params === undefined ? {} : { params }),
});
const notification = (method, params) => ({ jsonrpc: "2.0", method, ...(params === undefined ? {} : { params }) });
const text = (value, annotations) => ({
  type: "text",
  text: value,
  ...(annotations === undefined ? {} : { annotations }),
});
const task = {
  taskId: "0b6f7a52-5a0c-4d0e",
  status: "working",
  createdAt: "2026-02-03T08:15:20Z",
  lastUpdatedAt: "2026-02-03T08:21:07Z",
  ttl: 60000,
  pollInterval: 5000,
};

const weather = {
  name: "get_weather",
  title: "Weather",
  description: "Current conditions at a place, in metric units.",
  inputSchema: {
    type: "object",
    properties: {
      place: { type: "string", description: "City and country" },
      days: { type: "integer", minimum: 1, maximum: 10 },
    },
    required: ["place"],
  },
  outputSchema: {
    type: "object",
    properties: { temperature: { type: "number" }, sky: { type: "string" } },
    required: ["temperature"],
  },
  annotations: { title: "Weather", readOnlyHint: true, openWorldHint: true },
};
const search = {
  name: "search_issues",
  description: "Full-text search over the issues of a repository.",
  inputSchema: {
    type: "object",
    properties: {
      query: { type: "string" },
      limit: { type: "number" },
      labels: { type: "array", items: { type: "string" } },
    },
    required: ["query"],
  },
  icons: [{ src: "https://example.com/search.png", mimeType: "image/png", sizes: ["48x48"] }],
  execution: { taskSupport: "optional" },
};

const createIssue = {
  name: "create_issue",
  title: "Create an issue",
  description: "Opens an issue in a repository. Labels must exist; assignees must be members.",
  inputSchema: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      owner: { type: "string", description: "Account that the repository belongs to" },
      repo: { type: "string", description: "Name of the repository" },
      title: { type: "string", maxLength: 256 },
      body: { type: "string", description: "Markdown" },
      labels: { type: "array", items: { type: "string" }, uniqueItems: true },
      assignee: { anyOf: [{ type: "string" }, { type: "null" }] },
      priority: { type: "string", enum: ["low", "normal", "high"], default: "normal" },
    },
    required: ["owner", "repo", "title"],
    additionalProperties: false,
  },
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
};

/** @type {readonly (readonly [definition: string, value: unknown])[]} */
export const messages = [
  [
    "InitializeRequest",
    request(
      "initialize",
      {
        protocolVersion: "2025-11-25",
        capabilities: { roots: { listChanged: true }, sampling: { tools: {} }, elicitation: { form: {}, url: {} } },
        clientInfo: { name: "desk", title: "Desk", version: "3.1.0" },
      },
      0,
    ),
  ],
  [
    "InitializeResult",
    {
      protocolVersion: "2025-11-25",
      capabilities: {
        logging: {},
        prompts: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        tools: { listChanged: true },
        completions: {},
      },
      serverInfo: { name: "depot", version: "1.4.2", icons: [{ src: "https://example.com/i.png", sizes: ["any"] }] },
      instructions: "Ask for a place first.",
    },
  ],
  ["InitializedNotification", notification("notifications/initialized")],
  ["PingRequest", request("ping")],
  ["ListToolsRequest", request("tools/list", { cursor: "b2Zmc2V0OjIw" })],
  ["ListToolsResult", { tools: [createIssue] }],
  ["ListToolsResult", { tools: [weather, search, { ...weather, name: "get_forecast" }], nextCursor: "b2Zmc2V0OjQw" }],
  [
    "CallToolRequest",
    request("tools/call", {
      name: "get_weather",
      arguments: { place: "Bern, CH", days: 3 },
      _meta: { progressToken: "p-17" },
    }),
  ],
  [
    "CallToolResult",
    {
      content: [
        text("Bern: 7 °C, overcast, light wind from the west."),
        text("Tomorrow: 9 °C, sun.", { audience: ["user"], priority: 0.8 }),
        { type: "resource_link", uri: "https://example.com/bern", name: "bern", mimeType: "text/html" },
      ],
      structuredContent: { temperature: 7, sky: "overcast" },
      isError: false,
    },
  ],
  [
    "CallToolRequest",
    request("tools/call", { name: "get_forecast", arguments: { place: "Bern" }, task: { ttl: 60000 } }),
  ],
  ["CallToolResult", { content: [text('No repository "depot" in this account.')], isError: true }],
  [
    "CallToolResult",
    {
      content: [
        { type: "image", data: "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk", mimeType: "image/png" },
        {
          type: "resource",
          resource: { uri: "file:///log.txt", mimeType: "text/plain", text: "line one\nline two\nline three" },
        },
      ],
    },
  ],
  ["ListResourcesRequest", request("resources/list")],
  [
    "ListResourcesResult",
    {
      resources: ["readme", "changelog", "license", "notes"].map((name, index) => ({
        uri: `file:///docs/${name}.md`,
        name: `${name}.md`,
        title: name,
        mimeType: "text/markdown",
        size: 1200 + index,
        annotations: { lastModified: "2026-03-14T09:26:53Z" },
      })),
    },
  ],
  ["ListResourceTemplatesRequest", request("resources/templates/list")],
  [
    "ListResourceTemplatesResult",
    {
      resourceTemplates: [
        {
          uriTemplate: "file:///{path}",
          name: "files",
          title: "Project files",
          description: "Any file of the project",
          mimeType: "application/octet-stream",
        },
      ],
    },
  ],
  ["ReadResourceRequest", request("resources/read", { uri: "file:///docs/readme.md" })],
  [
    "ReadResourceResult",
    {
      contents: [
        {
          uri: "file:///docs/readme.md",
          mimeType: "text/markdown",
          text: "# Depot\n\nA server for weather and issues.\n".repeat(12),
        },
      ],
    },
  ],
  ["SubscribeRequest", request("resources/subscribe", { uri: "file:///docs/readme.md" })],
  ["EmptyResult", {}],
  ["UnsubscribeRequest", request("resources/unsubscribe", { uri: "file:///docs/readme.md" })],
  ["ResourceUpdatedNotification", notification("notifications/resources/updated", { uri: "file:///docs/readme.md" })],
  ["ResourceListChangedNotification", notification("notifications/resources/list_changed")],
  ["ToolListChangedNotification", notification("notifications/tools/list_changed")],
  ["PromptListChangedNotification", notification("notifications/prompts/list_changed")],
  ["ListPromptsRequest", request("prompts/list", { _meta: { progressToken: 3 } })],
  [
    "ListPromptsResult",
    {
      prompts: [
        {
          name: "read_code",
          title: "Review",
          description: "Reads code and comments on it",
          arguments: [{ name: "code", description: "The code", required: true }, { name: "style" }],
        },
      ],
    },
  ],
  [
    "GetPromptRequest",
    request("prompts/get", { name: "read_code", arguments: { code: "const sum = (a, b) =>\n  a + b;  // twice" } }),
  ],
  [
    "GetPromptResult",
    {
      description: "Code review",
      messages: [
        {
          role: "user",
          content: text("Read this and say what you would change:\nconst sum = (a, b) =>\n  a + b;  // twice"),
        },
        { role: "assistant", content: text("Gladly.") },
      ],
    },
  ],
  [
    "CompleteRequest",
    request("completion/complete", {
      ref: { type: "ref/prompt", name: "read_code" },
      argument: { name: "style", value: "str" },
      context: { arguments: { code: "x" } },
    }),
  ],
  ["CompleteResult", { completion: { values: ["strict", "structured"], total: 2, hasMore: false } }],
  ["SetLevelRequest", request("logging/setLevel", { level: "info" })],
  [
    "LoggingMessageNotification",
    notification("notifications/message", {
      level: "error",
      logger: "database",
      data: { reason: "Pool exhausted", state: { host: "db-2", open: 64 } },
    }),
  ],
  [
    "ProgressNotification",
    notification("notifications/progress", { progressToken: "p-17", progress: 50, total: 100, message: "Half way" }),
  ],
  ["CancelledNotification", notification("notifications/cancelled", { requestId: 7, reason: "The user pressed stop" })],
  [
    "CreateMessageRequest",
    request("sampling/createMessage", {
      messages: [
        { role: "user", content: text("What is the weather in Bern and in Basel?") },
        { role: "assistant", content: [{ type: "tool_use", id: "c1", name: "get_weather", input: { place: "Bern" } }] },
        { role: "user", content: [{ type: "tool_result", toolUseId: "c1", content: [text("7 °C")] }] },
      ],
      modelPreferences: { hints: [{ name: "medium-model" }], intelligencePriority: 0.8, speedPriority: 0.5 },
      systemPrompt: "You are terse.",
      maxTokens: 1000,
      tools: [
        {
          name: "get_weather",
          inputSchema: { type: "object", properties: { place: { type: "string" } }, required: ["place"] },
        },
      ],
      toolChoice: { mode: "auto" },
    }),
  ],
  [
    "CreateMessageResult",
    {
      role: "assistant",
      content: text("Seven degrees in Bern."),
      model: "medium-model-20260301",
      stopReason: "endTurn",
    },
  ],
  [
    "ElicitRequest",
    request("elicitation/create", {
      mode: "form",
      message: "Please say who you are",
      requestedSchema: {
        type: "object",
        properties: {
          name: { type: "string", title: "Full name", minLength: 1 },
          email: { type: "string", format: "email" },
          age: { type: "integer", minimum: 18 },
          plan: { type: "string", enum: ["free", "team"] },
          news: { type: "boolean", default: false },
        },
        required: ["name", "email"],
      },
    }),
  ],
  [
    "ElicitRequest",
    request("elicitation/create", {
      message: "How should the report look?",
      requestedSchema: {
        type: "object",
        properties: {
          format: {
            type: "string",
            title: "Format",
            oneOf: [
              { const: "pdf", title: "PDF document" },
              { const: "html", title: "Web page" },
            ],
            default: "html",
          },
          sections: {
            type: "array",
            title: "Sections",
            minItems: 1,
            items: {
              anyOf: [
                { const: "summary", title: "Summary" },
                { const: "costs", title: "Costs" },
                { const: "risks", title: "Risks" },
              ],
            },
          },
          recipients: { type: "array", items: { type: "string", enum: ["team", "board"] }, default: ["team"] },
          budget: { type: "number", minimum: 0, description: "In euros" },
          draft: { type: "boolean", title: "Draft" },
        },
        required: ["format"],
      },
    }),
  ],
  ["ElicitResult", { action: "decline" }],
  ["ElicitResult", { action: "accept", content: { format: "pdf", sections: ["summary", "costs"], budget: 1250.5 } }],
  [
    "ElicitationCompleteNotification",
    notification("notifications/elicitation/complete", { elicitationId: "e7c1-40f2-9b1d" }),
  ],
  [
    "ElicitRequest",
    request("elicitation/create", {
      mode: "url",
      elicitationId: "e7c1-40f2-9b1d",
      url: "https://depot.example.com/connect",
      message: "Sign in to the issue tracker first",
    }),
  ],
  [
    "ElicitResult",
    { action: "accept", content: { name: "Rosa", email: "rosa@example.com", age: 30, plan: "team", news: true } },
  ],
  ["ListRootsRequest", request("roots/list")],
  ["RootsListChangedNotification", notification("notifications/roots/list_changed")],
  [
    "ListRootsResult",
    { roots: [{ uri: "file:///home/rosa/project", name: "project" }, { uri: "file:///home/rosa/notes" }] },
  ],
  ["CreateTaskResult", { task }],
  ["GetTaskRequest", request("tasks/get", { taskId: task.taskId })],
  ["GetTaskResult", { ...task, statusMessage: "Reading 4 of 12" }],
  ["GetTaskPayloadRequest", request("tasks/result", { taskId: task.taskId })],
  [
    "GetTaskPayloadResult",
    {
      content: [text("Twelve files read.")],
      _meta: { "io.modelcontextprotocol/related-task": { taskId: task.taskId } },
    },
  ],
  ["CancelTaskRequest", request("tasks/cancel", { taskId: task.taskId })],
  ["CancelTaskResult", { ...task, status: "cancelled", statusMessage: "Stopped by the user" }],
  ["ListTasksRequest", request("tasks/list", { cursor: "c2" })],
  ["ListTasksResult", { tasks: [task, { ...task, taskId: "77aa", status: "completed" }], nextCursor: "c2" }],
  ["TaskStatusNotification", notification("notifications/tasks/status", { ...task, status: "input_required" })],
];

/** What was wrong with messages that were refused in the field: each row spoils one of {@link messages} in one place. */
export const spoilt = messages.flatMap(([definition, value]) => {
  const copies = spoil(value).map((copy) => [definition, copy]);
  return copies.slice(0, 2);
});

/** Copies of a message with one member of its payload of another type, or gone. */
function spoil(message) {
  const payload = message.params ?? (message.jsonrpc === undefined ? message : undefined);
  if (payload === undefined) return [{ ...message, jsonrpc: "1.0" }];
  const place = (changed) => (message.params === undefined ? changed : { ...message, params: changed });
  const [first] = Object.keys(payload);
  const retyped = place({ ...payload, [first]: typeof payload[first] === "string" ? 5 : "wrong" });
  const { [first]: _, ...lacking } = payload;
  const deep = Object.entries(payload).find(([, item]) => Array.isArray(item) && item.length > 0);
  const late = deep === undefined ? place(lacking) : place({ ...payload, [deep[0]]: [...deep[1], 5] });
  return [late, retyped];
}

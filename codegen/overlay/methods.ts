/**
 * What the schemas do not say about methods, as rows. A capability row applies in every revision whose capability definitions
 * have that member, so no row names a revision.
 */

export interface MethodRow {
  /** Result definition, where the schema has none of the request's name with `Result` for `Request` (traps, section 2.8). */
  readonly result?: string;
  /** Dotted path of the capability that the server declares for this method (requirements, LIFE-38). */
  readonly server?: string;
  /** Dotted path of the capability that the client declares for this method. */
  readonly client?: string;
  /** Dotted path in the message that the `Mcp-Name` header mirrors (HTTP, 2026-07-28). */
  readonly name?: string;
}

export const METHODS: Readonly<Record<string, MethodRow>> = {
  "completion/complete": { server: "completions" },
  "elicitation/create": { client: "elicitation", result: "ElicitResult" },
  "logging/setLevel": { server: "logging", result: "EmptyResult" },
  ping: { result: "EmptyResult" },
  "prompts/get": { server: "prompts", name: "params.name" },
  "prompts/list": { server: "prompts" },
  "resources/list": { server: "resources" },
  "resources/read": { server: "resources", name: "params.uri" },
  "resources/subscribe": { server: "resources.subscribe", result: "EmptyResult" },
  "resources/templates/list": { server: "resources" },
  "resources/unsubscribe": { server: "resources.subscribe", result: "EmptyResult" },
  "roots/list": { client: "roots" },
  "sampling/createMessage": { client: "sampling", result: "CreateMessageResult" },
  "tasks/cancel": { client: "tasks.cancel", server: "tasks.cancel", name: "params.taskId" },
  "tasks/get": { client: "tasks", server: "tasks", name: "params.taskId" },
  "tasks/list": { client: "tasks.list", server: "tasks.list" },
  "tasks/result": { client: "tasks", server: "tasks" },
  "tasks/update": { name: "params.taskId" },
  "tools/call": { server: "tools", name: "params.name" },
  "tools/list": { server: "tools" },
  "notifications/elicitation/complete": { client: "elicitation.url" },
  "notifications/message": { server: "logging" },
  "notifications/prompts/list_changed": { server: "prompts.listChanged" },
  "notifications/resources/list_changed": { server: "resources.listChanged" },
  "notifications/resources/updated": { server: "resources.subscribe" },
  "notifications/roots/list_changed": { client: "roots.listChanged" },
  "notifications/tasks/status": { client: "tasks", server: "tasks" },
  "notifications/tools/list_changed": { server: "tools.listChanged" },
};

/** Results that stand in for a request's own, and the `resultType` that selects each (traps, section 2.8). */
export const RESULT_TYPES: Readonly<Record<string, string>> = {
  InputRequiredResult: "input_required",
  CreateTaskResult: "task",
};

/** The result of a request that carried `params.task`, in revisions where params can (2025-11-25). */
export const TASK_RESULT = "CreateTaskResult";

/** What an extension adds to the methods: its schema has no role unions. */
export interface ExtensionRow {
  readonly clientRequests: readonly string[];
  readonly serverNotifications: readonly string[];
  /** Core method → definition of a result that it may also have. */
  readonly alternatives: Readonly<Record<string, string>>;
}

export const EXTENSIONS: Readonly<Record<string, ExtensionRow>> = {
  "io.modelcontextprotocol/tasks": {
    clientRequests: ["GetTaskRequest", "UpdateTaskRequest", "CancelTaskRequest"],
    serverNotifications: ["TaskStatusNotification"],
    alternatives: { "tools/call": "CreateTaskResult" },
  },
};

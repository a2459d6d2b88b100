/**
 * The methods of every revision, written out by hand from the specification: which side sends them, with which params and
 * results. The model reads them from unions and names, so both lists must say the same.
 */

import { describe, expect, test } from "vitest";
import type { Method, Model } from "../../codegen/model.js";
import { verifies } from "../verifies.js";
import { generated, MODELS, modelOf, REVISIONS, type Revision } from "./project.js";

// Each line: method | sender | definition | params, with their own members where the schema inlines them | whether params are
// required | result | other results and what selects them. `@` gives the first revision that has a method or a member.

const EARLY_REQUESTS = `
  completion/complete | client | CompleteRequest | CompleteRequestParams { argument context?@2025-06-18 ref } | required | CompleteResult | -
  elicitation/create @2025-06-18 | server | ElicitRequest | ElicitRequestParams { message requestedSchema } | required | ElicitResult | -
  initialize | client | InitializeRequest | InitializeRequestParams { capabilities clientInfo protocolVersion } | required | InitializeResult | -
  logging/setLevel | client | SetLevelRequest | SetLevelRequestParams { level } | required | EmptyResult | -
  ping | both | PingRequest | RequestParams {} | optional | EmptyResult | -
  prompts/get | client | GetPromptRequest | GetPromptRequestParams { arguments? name } | required | GetPromptResult | -
  prompts/list | client | ListPromptsRequest | PaginatedRequestParams { cursor? } | optional | ListPromptsResult | -
  resources/list | client | ListResourcesRequest | PaginatedRequestParams { cursor? } | optional | ListResourcesResult | -
  resources/read | client | ReadResourceRequest | ReadResourceRequestParams { uri } | required | ReadResourceResult | -
  resources/subscribe | client | SubscribeRequest | SubscribeRequestParams { uri } | required | EmptyResult | -
  resources/templates/list | client | ListResourceTemplatesRequest | PaginatedRequestParams { cursor? } | optional | ListResourceTemplatesResult | -
  resources/unsubscribe | client | UnsubscribeRequest | UnsubscribeRequestParams { uri } | required | EmptyResult | -
  roots/list | server | ListRootsRequest | RequestParams {} | optional | ListRootsResult | -
  sampling/createMessage | server | CreateMessageRequest | CreateMessageRequestParams { includeContext? maxTokens messages metadata? modelPreferences? stopSequences? systemPrompt? temperature? } | required | CreateMessageResult | -
  tools/call | client | CallToolRequest | CallToolRequestParams { arguments? name } | required | CallToolResult | -
  tools/list | client | ListToolsRequest | PaginatedRequestParams { cursor? } | optional | ListToolsResult | -
`;

const EARLY_NOTIFICATIONS = `
  notifications/cancelled | both | CancelledNotification | CancelledNotificationParams { reason? requestId } | required
  notifications/initialized | client | InitializedNotification | NotificationParams {} | optional
  notifications/message | server | LoggingMessageNotification | LoggingMessageNotificationParams { data level logger? } | required
  notifications/progress | both | ProgressNotification | ProgressNotificationParams { message?@2025-03-26 progress progressToken total? } | required
  notifications/prompts/list_changed | server | PromptListChangedNotification | NotificationParams {} | optional
  notifications/resources/list_changed | server | ResourceListChangedNotification | NotificationParams {} | optional
  notifications/resources/updated | server | ResourceUpdatedNotification | ResourceUpdatedNotificationParams { uri } | required
  notifications/roots/list_changed | client | RootsListChangedNotification | NotificationParams {} | optional
  notifications/tools/list_changed | server | ToolListChangedNotification | NotificationParams {} | optional
`;

const REQUESTS_2025_11_25 = `
  completion/complete | client | CompleteRequest | CompleteRequestParams | required | CompleteResult | -
  elicitation/create | server | ElicitRequest | ElicitRequestParams | required | ElicitResult | CreateTaskResult:params.task
  initialize | client | InitializeRequest | InitializeRequestParams | required | InitializeResult | -
  logging/setLevel | client | SetLevelRequest | SetLevelRequestParams | required | EmptyResult | -
  ping | both | PingRequest | RequestParams | optional | EmptyResult | -
  prompts/get | client | GetPromptRequest | GetPromptRequestParams | required | GetPromptResult | -
  prompts/list | client | ListPromptsRequest | PaginatedRequestParams | optional | ListPromptsResult | -
  resources/list | client | ListResourcesRequest | PaginatedRequestParams | optional | ListResourcesResult | -
  resources/read | client | ReadResourceRequest | ReadResourceRequestParams | required | ReadResourceResult | -
  resources/subscribe | client | SubscribeRequest | SubscribeRequestParams | required | EmptyResult | -
  resources/templates/list | client | ListResourceTemplatesRequest | PaginatedRequestParams | optional | ListResourceTemplatesResult | -
  resources/unsubscribe | client | UnsubscribeRequest | UnsubscribeRequestParams | required | EmptyResult | -
  roots/list | server | ListRootsRequest | RequestParams | optional | ListRootsResult | -
  sampling/createMessage | server | CreateMessageRequest | CreateMessageRequestParams | required | CreateMessageResult | CreateTaskResult:params.task
  tasks/cancel | both | CancelTaskRequest | CancelTaskRequestParams { taskId } | required | CancelTaskResult | -
  tasks/get | both | GetTaskRequest | GetTaskRequestParams { taskId } | required | GetTaskResult | -
  tasks/list | both | ListTasksRequest | PaginatedRequestParams | optional | ListTasksResult | -
  tasks/result | both | GetTaskPayloadRequest | GetTaskPayloadRequestParams { taskId } | required | GetTaskPayloadResult | -
  tools/call | client | CallToolRequest | CallToolRequestParams | required | CallToolResult | CreateTaskResult:params.task
  tools/list | client | ListToolsRequest | PaginatedRequestParams | optional | ListToolsResult | -
`;

const NOTIFICATIONS_2025_11_25 = `
  notifications/cancelled | both | CancelledNotification | CancelledNotificationParams | required
  notifications/elicitation/complete | server | ElicitationCompleteNotification | ElicitationCompleteNotificationParams { elicitationId } | required
  notifications/initialized | client | InitializedNotification | NotificationParams | optional
  notifications/message | server | LoggingMessageNotification | LoggingMessageNotificationParams | required
  notifications/progress | both | ProgressNotification | ProgressNotificationParams | required
  notifications/prompts/list_changed | server | PromptListChangedNotification | NotificationParams | optional
  notifications/resources/list_changed | server | ResourceListChangedNotification | NotificationParams | optional
  notifications/resources/updated | server | ResourceUpdatedNotification | ResourceUpdatedNotificationParams | required
  notifications/roots/list_changed | client | RootsListChangedNotification | NotificationParams | optional
  notifications/tasks/status | both | TaskStatusNotification | TaskStatusNotificationParams | required
  notifications/tools/list_changed | server | ToolListChangedNotification | NotificationParams | optional
`;

const REQUESTS_2026_07_28 = `
  completion/complete | client | CompleteRequest | CompleteRequestParams | required | CompleteResult | -
  elicitation/create | input | ElicitRequest | ElicitRequestParams | required | ElicitResult | -
  prompts/get | client | GetPromptRequest | GetPromptRequestParams | required | GetPromptResult | InputRequiredResult:input_required
  prompts/list | client | ListPromptsRequest | PaginatedRequestParams | required | ListPromptsResult | -
  resources/list | client | ListResourcesRequest | PaginatedRequestParams | required | ListResourcesResult | -
  resources/read | client | ReadResourceRequest | ReadResourceRequestParams | required | ReadResourceResult | InputRequiredResult:input_required
  resources/templates/list | client | ListResourceTemplatesRequest | PaginatedRequestParams | required | ListResourceTemplatesResult | -
  roots/list | input | ListRootsRequest | ListRootsRequestParams {} | optional | ListRootsResult | -
  sampling/createMessage | input | CreateMessageRequest | CreateMessageRequestParams | required | CreateMessageResult | -
  server/discover | client | DiscoverRequest | RequestParams | required | DiscoverResult | -
  subscriptions/listen | client | SubscriptionsListenRequest | SubscriptionsListenRequestParams | required | SubscriptionsListenResult | -
  tools/call | client | CallToolRequest | CallToolRequestParams | required | CallToolResult | InputRequiredResult:input_required CreateTaskResult:task
  tools/list | client | ListToolsRequest | PaginatedRequestParams | required | ListToolsResult | -
`;

const NOTIFICATIONS_2026_07_28 = `
  notifications/cancelled | both | CancelledNotification | CancelledNotificationParams | required
  notifications/message | server | LoggingMessageNotification | LoggingMessageNotificationParams | required
  notifications/progress | server | ProgressNotification | ProgressNotificationParams | required
  notifications/prompts/list_changed | server | PromptListChangedNotification | NotificationParams | optional
  notifications/resources/list_changed | server | ResourceListChangedNotification | NotificationParams | optional
  notifications/resources/updated | server | ResourceUpdatedNotification | ResourceUpdatedNotificationParams | required
  notifications/subscriptions/acknowledged | server | SubscriptionsAcknowledgedNotification | SubscriptionsAcknowledgedNotificationParams | required
  notifications/tools/list_changed | server | ToolListChangedNotification | NotificationParams | optional
`;

/** The tasks extension of 2026-07-28. */
const TASKS_EXTENSION = `
  tasks/get | client | GetTaskRequest | GetTaskRequestParams { taskId } | required | GetTaskResult | -
  tasks/update | client | UpdateTaskRequest | UpdateTaskRequestParams { inputResponses taskId } | required | UpdateTaskResult | -
  tasks/cancel | client | CancelTaskRequest | CancelTaskRequestParams { taskId } | required | CancelTaskResult | -
  notifications/tasks | server | TaskStatusNotification | TaskStatusNotificationParams | required
`;

const TABLES: Readonly<Record<Revision, string>> = {
  "2024-11-05": EARLY_REQUESTS + EARLY_NOTIFICATIONS,
  "2025-03-26": EARLY_REQUESTS + EARLY_NOTIFICATIONS,
  "2025-06-18": EARLY_REQUESTS + EARLY_NOTIFICATIONS,
  "2025-11-25": REQUESTS_2025_11_25 + NOTIFICATIONS_2025_11_25,
  "2026-07-28": REQUESTS_2026_07_28 + NOTIFICATIONS_2026_07_28 + TASKS_EXTENSION,
};

/** Requests and notifications of each revision; requests of 2026-07-28 include the three input requests. */
const COUNTS: Readonly<Record<Revision, readonly [number, number]>> = {
  "2024-11-05": [15, 9],
  "2025-03-26": [15, 9],
  "2025-06-18": [16, 9],
  "2025-11-25": [20, 11],
  "2026-07-28": [13 + 3, 8 + 1],
};

/** A line of a table as the fields that a method of the model must have; nothing where the revision came before it. */
function parseLine(line: string, revision: Revision): Record<string, unknown>[] {
  const [head = "", sender = "", definition = "", params = "", required = "", result, others = "-"] = line.split(" | ");
  const [method = "", since] = head.trim().split(" @");
  if (since !== undefined && since > revision) return [];
  const [name = "", members] = params.split(/ (?=\{)/);
  return [
    {
      method,
      kind: sender === "input" ? "input" : result === undefined ? "notification" : "request",
      from: sender === "both" ? ["client", "server"] : [sender === "client" ? "client" : "server"],
      definition,
      params: name,
      paramsRequired: required === "required",
      result,
      alternatives: others.trim() === "-" ? [] : others.trim().split(" ").map(parseAlternative),
      members: members === undefined ? undefined : parseMembers(members, revision),
    },
  ];
}

function parseAlternative(text: string): Method["alternatives"][number] {
  const [definition = "", selector = ""] = text.split(":");
  return { definition, when: selector === "params.task" ? { request: selector } : { resultType: selector } };
}

function parseMembers(text: string, revision: Revision): string[] {
  const members = text.split(" ").filter((member) => member !== "{" && member !== "}" && member !== "{}");
  return members.flatMap((member) => {
    const [name = "", since] = member.split("@");
    return since !== undefined && since > revision ? [] : [name];
  });
}

function tableOf(revision: Revision): Record<string, unknown>[] {
  const lines = TABLES[revision].split("\n").filter((line) => line.trim() !== "");
  return lines.flatMap((line) => parseLine(line, revision)).sort(byMethod);
}

/** The same fields of the model's methods. Members are given where the table has them. */
function methodsOf(model: Model, table: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return model.methods.map((method) => {
    const row = table.find((candidate) => candidate.method === method.method);
    return {
      method: method.method,
      kind: method.kind,
      from: [...method.from].sort(),
      definition: method.definition,
      params: method.params,
      paramsRequired: method.paramsRequired,
      result: method.result,
      alternatives: method.alternatives,
      members: row?.members === undefined ? undefined : membersOf(model, method.params ?? ""),
    };
  });
}

/** The members of an object definition beside `_meta`, optional ones with a question mark. */
function membersOf(model: Model, definition: string): string[] {
  const shape = model.definitions[definition]?.shape;
  if (shape?.kind !== "object") return [`${definition} is no object`];
  const own = Object.entries(shape.properties).filter(([key]) => key !== "_meta");
  return own.map(([key, property]) => (property.required ? key : `${key}?`));
}

function byMethod(left: Record<string, unknown>, right: Record<string, unknown>): number {
  return String(left.method) < String(right.method) ? -1 : 1;
}

describe.each(REVISIONS)("revision %s", (revision) => {
  const model = modelOf(revision);
  const table = tableOf(revision);

  test(`has exactly the methods of the tables${verifies("TRAP-19", "TRAP-25", "TRAP-29", "TRAP-30")}`, () => {
    expect(methodsOf(model, table).sort(byMethod)).toEqual(table);
  });

  test("has as many requests and notifications as the specification counts", () => {
    const notifications = model.methods.filter((method) => method.kind === "notification");
    expect([model.methods.length - notifications.length, notifications.length]).toEqual(COUNTS[revision]);
  });

  test("exports the same methods", () => {
    expect(Object.keys(generated(revision).methods).sort()).toEqual(table.map((row) => row.method));
  });

  test("joins every method to definitions that exist", () => {
    for (const method of model.methods) {
      const others = method.alternatives.map((alternative) => alternative.definition);
      const named = [method.definition, method.params, method.result, ...others];
      for (const name of named) if (name !== undefined) expect(model.definitions, method.method).toHaveProperty(name);
    }
  });
});

test("only calls that carry a task in their params are task-augmentable, in 2025-11-25 alone", () => {
  const augmentable = MODELS.map((model) =>
    model.methods.filter((method) => method.taskAugmentable).map((method) => method.method),
  );
  expect(augmentable).toEqual([[], [], [], ["elicitation/create", "sampling/createMessage", "tools/call"], []]);
});

test("the tasks extension's methods are marked as its own", () => {
  const own = modelOf("2026-07-28").methods.filter((method) => method.extension !== undefined);
  expect(own.map((method) => [method.method, method.extension])).toEqual(
    ["notifications/tasks", "tasks/cancel", "tasks/get", "tasks/update"].map((method) => [
      method,
      "io.modelcontextprotocol/tasks",
    ]),
  );
});

test("header mirrors follow the tables: the name, the URI or the task of the call", () => {
  const mirrors = modelOf("2026-07-28").methods.flatMap((method) => {
    const name = method.headers["Mcp-Name"];
    return name === undefined ? [] : [[method.method, name]];
  });
  expect(mirrors).toEqual([
    ["prompts/get", "params.name"],
    ["resources/read", "params.uri"],
    ["tasks/cancel", "params.taskId"],
    ["tasks/get", "params.taskId"],
    ["tasks/update", "params.taskId"],
    ["tools/call", "params.name"],
  ]);
});

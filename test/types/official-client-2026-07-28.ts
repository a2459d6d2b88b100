/** Values of MCP revision 2026-07-28 to and from `@modelcontextprotocol/client`. Written by `official.mjs`. */

import type * as theirs from "@modelcontextprotocol/client";
import type * as ours from "mcpwire/2026-07-28";
import type * as mends from "./mends.js";
import type { Inhabited, Passes } from "./mends.js";

export type ToOfficial = [
  Passes<ours.Annotations, theirs.Annotations>,
  Passes<ours.AudioContent, theirs.AudioContent>,
  Passes<ours.BaseMetadata, theirs.BaseMetadata>,
  Passes<ours.BlobResourceContents, theirs.BlobResourceContents>,
  Passes<ours.BooleanSchema, theirs.BooleanSchema>,
  Passes<ours.CallToolRequest, theirs.CallToolRequest>,
  Passes<ours.CallToolRequestParams, theirs.CallToolRequestParams>,
  Passes<ours.CallToolResult, theirs.CallToolResult>,
  Passes<ours.CancelTaskRequest, theirs.CancelTaskRequest>,
  // @ts-expect-error tasks: the same name in another protocol: tasks of the core of 2025-11-25 there, of the extension here
  Passes<ours.CancelTaskResult, theirs.CancelTaskResult>,
  Passes<ours.CancelledNotification, theirs.CancelledNotification>,
  Passes<ours.CancelledNotificationParams, theirs.CancelledNotificationParams>,
  // @ts-expect-error openMembers: the schema has the members of `elicitation` open to anything, the official type to JSON values
  Passes<ours.ClientCapabilities, theirs.ClientCapabilities>,
  Passes<ours.ClientNotification, theirs.ClientNotification>,
  Passes<ours.ClientRequest, theirs.ClientRequest>,
  Passes<ours.ClientResult, theirs.ClientResult>,
  Passes<ours.CompleteRequest, theirs.CompleteRequest>,
  Passes<ours.CompleteRequestParams, theirs.CompleteRequestParams>,
  Passes<ours.CompleteResult, theirs.CompleteResult>,
  Passes<ours.ContentBlock, theirs.ContentBlock>,
  Passes<ours.CreateMessageRequest, theirs.CreateMessageRequest>,
  Passes<ours.CreateMessageRequestParams, theirs.CreateMessageRequestParams>,
  // @ts-expect-error sampling: the official type of this name is the tool-less form of sampling
  Passes<ours.CreateMessageResult, theirs.CreateMessageResult>,
  Passes<ours.CreateMessageResult, theirs.CreateMessageResultWithTools>,
  // @ts-expect-error tasks: the same name in another protocol: tasks of the core of 2025-11-25 there, of the extension here
  Passes<ours.CreateTaskResult, theirs.CreateTaskResult>,
  Passes<ours.Cursor, theirs.Cursor>,
  Passes<ours.DiscoverRequest, theirs.DiscoverRequest>,
  Passes<ours.DiscoverResult, theirs.DiscoverResult>,
  // @ts-expect-error linkInside: holds elicitation params: the official type requires `elicitationId`, as 2025-11-25 does
  Passes<ours.ElicitRequest, theirs.ElicitRequest>,
  Passes<ours.ElicitRequestFormParams, theirs.ElicitRequestFormParams>,
  // @ts-expect-error link: the official type requires `elicitationId`, as 2025-11-25 does; 2026-07-28 has it no more
  Passes<ours.ElicitRequestParams, theirs.ElicitRequestParams>,
  Passes<Inhabited<mends.Linked<ours.ElicitRequestParams>>, theirs.ElicitRequestParams>,
  // @ts-expect-error link: the official type requires `elicitationId`, as 2025-11-25 does; 2026-07-28 has it no more
  Passes<ours.ElicitRequestURLParams, theirs.ElicitRequestURLParams>,
  Passes<Inhabited<mends.Linked<ours.ElicitRequestURLParams>>, theirs.ElicitRequestURLParams>,
  Passes<ours.ElicitResult, theirs.ElicitResult>,
  Passes<ours.EmbeddedResource, theirs.EmbeddedResource>,
  Passes<ours.EmptyResult, theirs.EmptyResult>,
  Passes<ours.EnumSchema, theirs.EnumSchema>,
  Passes<ours.GetPromptRequest, theirs.GetPromptRequest>,
  Passes<ours.GetPromptRequestParams, theirs.GetPromptRequestParams>,
  Passes<ours.GetPromptResult, theirs.GetPromptResult>,
  Passes<ours.GetTaskRequest, theirs.GetTaskRequest>,
  // @ts-expect-error tasks: the same name in another protocol: tasks of the core of 2025-11-25 there, of the extension here
  Passes<ours.GetTaskResult, theirs.GetTaskResult>,
  Passes<ours.Icon, theirs.Icon>,
  Passes<ours.Icons, theirs.Icons>,
  Passes<ours.ImageContent, theirs.ImageContent>,
  Passes<ours.Implementation, theirs.Implementation>,
  // @ts-expect-error linkInside: holds elicitation params: the official type requires `elicitationId`, as 2025-11-25 does
  Passes<ours.InputRequest, theirs.InputRequest>,
  // @ts-expect-error linkInside: holds elicitation params: the official type requires `elicitationId`, as 2025-11-25 does
  Passes<ours.InputRequests, theirs.InputRequests>,
  // @ts-expect-error inputRequired: `resultType` is a string in the schema, a constant in the official type; the requests inside differ by `elicitationId`
  Passes<ours.InputRequiredResult, theirs.InputRequiredResult>,
  // @ts-expect-error results: the official union takes results of the tool-less form of sampling alone
  Passes<ours.InputResponse, theirs.InputResponse>,
  // @ts-expect-error results: the official union takes results of the tool-less form of sampling alone
  Passes<ours.InputResponses, theirs.InputResponses>,
  Passes<ours.InternalError, theirs.InternalError>,
  Passes<ours.InvalidParamsError, theirs.InvalidParamsError>,
  Passes<ours.InvalidRequestError, theirs.InvalidRequestError>,
  Passes<ours.JSONArray, theirs.JSONArray>,
  Passes<ours.JSONObject, theirs.JSONObject>,
  Passes<ours.JSONRPCErrorResponse, theirs.JSONRPCErrorResponse>,
  Passes<ours.JSONRPCMessage, theirs.JSONRPCMessage>,
  Passes<ours.JSONRPCNotification, theirs.JSONRPCNotification>,
  Passes<ours.JSONRPCRequest, theirs.JSONRPCRequest>,
  Passes<ours.JSONRPCResponse, theirs.JSONRPCResponse>,
  Passes<ours.JSONRPCResultResponse, theirs.JSONRPCResultResponse>,
  Passes<ours.JSONValue, theirs.JSONValue>,
  Passes<ours.LegacyTitledEnumSchema, theirs.LegacyTitledEnumSchema>,
  Passes<ours.ListPromptsRequest, theirs.ListPromptsRequest>,
  Passes<ours.ListPromptsResult, theirs.ListPromptsResult>,
  Passes<ours.ListResourceTemplatesRequest, theirs.ListResourceTemplatesRequest>,
  Passes<ours.ListResourceTemplatesResult, theirs.ListResourceTemplatesResult>,
  Passes<ours.ListResourcesRequest, theirs.ListResourcesRequest>,
  Passes<ours.ListResourcesResult, theirs.ListResourcesResult>,
  Passes<ours.ListRootsRequest, theirs.ListRootsRequest>,
  Passes<ours.ListRootsResult, theirs.ListRootsResult>,
  Passes<ours.ListToolsRequest, theirs.ListToolsRequest>,
  Passes<ours.ListToolsResult, theirs.ListToolsResult>,
  Passes<ours.LoggingLevel, theirs.LoggingLevel>,
  Passes<ours.LoggingMessageNotification, theirs.LoggingMessageNotification>,
  Passes<ours.LoggingMessageNotificationParams, theirs.LoggingMessageNotificationParams>,
  Passes<ours.MetaObject, theirs.MetaObject>,
  Passes<ours.MethodNotFoundError, theirs.MethodNotFoundError>,
  Passes<ours.ModelHint, theirs.ModelHint>,
  Passes<ours.ModelPreferences, theirs.ModelPreferences>,
  Passes<ours.MultiSelectEnumSchema, theirs.MultiSelectEnumSchema>,
  Passes<ours.Notification, theirs.Notification>,
  Passes<ours.NotificationParams, theirs.NotificationParams>,
  Passes<ours.NumberSchema, theirs.NumberSchema>,
  Passes<ours.PaginatedRequest, theirs.PaginatedRequest>,
  Passes<ours.PaginatedRequestParams, theirs.PaginatedRequestParams>,
  Passes<ours.PaginatedResult, theirs.PaginatedResult>,
  Passes<ours.ParseError, theirs.ParseError>,
  Passes<ours.PrimitiveSchemaDefinition, theirs.PrimitiveSchemaDefinition>,
  Passes<ours.ProgressNotification, theirs.ProgressNotification>,
  Passes<ours.ProgressNotificationParams, theirs.ProgressNotificationParams>,
  Passes<ours.ProgressToken, theirs.ProgressToken>,
  Passes<ours.Prompt, theirs.Prompt>,
  Passes<ours.PromptArgument, theirs.PromptArgument>,
  Passes<ours.PromptListChangedNotification, theirs.PromptListChangedNotification>,
  Passes<ours.PromptMessage, theirs.PromptMessage>,
  Passes<ours.PromptReference, theirs.PromptReference>,
  Passes<ours.ReadResourceRequest, theirs.ReadResourceRequest>,
  Passes<ours.ReadResourceRequestParams, theirs.ReadResourceRequestParams>,
  Passes<ours.ReadResourceResult, theirs.ReadResourceResult>,
  Passes<ours.Request, theirs.Request>,
  Passes<ours.RequestId, theirs.RequestId>,
  Passes<ours.RequestMetaObject, theirs.RequestMetaObject>,
  Passes<ours.RequestParams, theirs.RequestParams>,
  Passes<ours.Resource, theirs.Resource>,
  Passes<ours.ResourceContents, theirs.ResourceContents>,
  Passes<ours.ResourceLink, theirs.ResourceLink>,
  Passes<ours.ResourceListChangedNotification, theirs.ResourceListChangedNotification>,
  Passes<ours.ResourceRequestParams, theirs.ResourceRequestParams>,
  Passes<ours.ResourceTemplateReference, theirs.ResourceTemplateReference>,
  Passes<ours.ResourceUpdatedNotification, theirs.ResourceUpdatedNotification>,
  Passes<ours.ResourceUpdatedNotificationParams, theirs.ResourceUpdatedNotificationParams>,
  Passes<ours.Result, theirs.Result>,
  Passes<ours.ResultMetaObject, theirs.ResultMetaObject>,
  Passes<ours.Role, theirs.Role>,
  Passes<ours.Root, theirs.Root>,
  Passes<ours.SamplingMessage, theirs.SamplingMessage>,
  Passes<ours.SamplingMessageContentBlock, theirs.SamplingMessageContentBlock>,
  Passes<ours.ServerCapabilities, theirs.ServerCapabilities>,
  Passes<ours.ServerNotification, theirs.ServerNotification>,
  Passes<ours.ServerResult, theirs.ServerResult>,
  Passes<ours.SingleSelectEnumSchema, theirs.SingleSelectEnumSchema>,
  Passes<ours.StringSchema, theirs.StringSchema>,
  Passes<ours.SubscriptionFilter, theirs.SubscriptionFilter>,
  Passes<ours.SubscriptionsAcknowledgedNotification, theirs.SubscriptionsAcknowledgedNotification>,
  Passes<ours.SubscriptionsAcknowledgedNotificationParams, theirs.SubscriptionsAcknowledgedNotificationParams>,
  Passes<ours.SubscriptionsListenRequest, theirs.SubscriptionsListenRequest>,
  Passes<ours.SubscriptionsListenRequestParams, theirs.SubscriptionsListenRequestParams>,
  Passes<ours.SubscriptionsListenResult, theirs.SubscriptionsListenResult>,
  // @ts-expect-error tasks: the same name in another protocol: tasks of the core of 2025-11-25 there, of the extension here
  Passes<ours.Task, theirs.Task>,
  Passes<ours.TaskStatus, theirs.TaskStatus>,
  // @ts-expect-error tasks: the same name in another protocol: tasks of the core of 2025-11-25 there, of the extension here
  Passes<ours.TaskStatusNotification, theirs.TaskStatusNotification>,
  // @ts-expect-error tasks: the same name in another protocol: tasks of the core of 2025-11-25 there, of the extension here
  Passes<ours.TaskStatusNotificationParams, theirs.TaskStatusNotificationParams>,
  Passes<ours.TextContent, theirs.TextContent>,
  Passes<ours.TextResourceContents, theirs.TextResourceContents>,
  Passes<ours.TitledMultiSelectEnumSchema, theirs.TitledMultiSelectEnumSchema>,
  Passes<ours.TitledSingleSelectEnumSchema, theirs.TitledSingleSelectEnumSchema>,
  Passes<ours.Tool, theirs.Tool>,
  Passes<ours.ToolAnnotations, theirs.ToolAnnotations>,
  Passes<ours.ToolChoice, theirs.ToolChoice>,
  Passes<ours.ToolListChangedNotification, theirs.ToolListChangedNotification>,
  Passes<ours.ToolResultContent, theirs.ToolResultContent>,
  Passes<ours.ToolUseContent, theirs.ToolUseContent>,
  Passes<ours.UntitledMultiSelectEnumSchema, theirs.UntitledMultiSelectEnumSchema>,
  Passes<ours.UntitledSingleSelectEnumSchema, theirs.UntitledSingleSelectEnumSchema>,
];

export type FromOfficial = [
  Passes<theirs.Annotations, ours.Annotations>,
  Passes<theirs.AudioContent, ours.AudioContent>,
  Passes<theirs.BaseMetadata, ours.BaseMetadata>,
  Passes<theirs.BlobResourceContents, ours.BlobResourceContents>,
  Passes<theirs.BooleanSchema, ours.BooleanSchema>,
  // @ts-expect-error requestMeta: the official type leaves the envelope and the required `_meta` of 2026-07-28 to the transport
  Passes<theirs.CallToolRequest, ours.CallToolRequest>,
  Passes<Inhabited<mends.RequestedNow<theirs.CallToolRequest>>, ours.CallToolRequest>,
  // @ts-expect-error meta: the official type has `_meta` optional, as in earlier revisions; 2026-07-28 requires it on every request
  Passes<theirs.CallToolRequestParams, ours.CallToolRequestParams>,
  Passes<Inhabited<mends.Introduced<theirs.CallToolRequestParams>>, ours.CallToolRequestParams>,
  // @ts-expect-error resultType: the official packages put `resultType` on and take it off themselves
  Passes<theirs.CallToolResult, ours.CallToolResult>,
  Passes<Inhabited<mends.Typed<theirs.CallToolResult>>, ours.CallToolResult>,
  // @ts-expect-error requestMeta: the official type leaves the envelope and the required `_meta` of 2026-07-28 to the transport
  Passes<theirs.CancelTaskRequest, ours.CancelTaskRequest>,
  Passes<Inhabited<mends.RequestedNow<theirs.CancelTaskRequest>>, ours.CancelTaskRequest>,
  // @ts-expect-error tasks: the same name in another protocol: tasks of the core of 2025-11-25 there, of the extension here
  Passes<theirs.CancelTaskResult, ours.CancelTaskResult>,
  // @ts-expect-error cancelledNotification: the official type leaves `jsonrpc` to the transport and has `requestId` optional, as 2025-11-25 does
  Passes<theirs.CancelledNotification, ours.CancelledNotification>,
  Passes<Inhabited<mends.AimedNotice<theirs.CancelledNotification>>, ours.CancelledNotification>,
  // @ts-expect-error cancelled: the official type has `requestId` optional, as 2025-11-25 does
  Passes<theirs.CancelledNotificationParams, ours.CancelledNotificationParams>,
  Passes<Inhabited<mends.Aimed<theirs.CancelledNotificationParams>>, ours.CancelledNotificationParams>,
  Passes<theirs.ClientCapabilities, ours.ClientCapabilities>,
  // @ts-expect-error union: the members differ: the official union is of other revisions, or leaves out what the package does not speak
  Passes<theirs.ClientNotification, ours.ClientNotification>,
  // @ts-expect-error union: the members differ: the official union is of other revisions, or leaves out what the package does not speak
  Passes<theirs.ClientRequest, ours.ClientRequest>,
  // @ts-expect-error resultType: the official packages put `resultType` on and take it off themselves
  Passes<theirs.ClientResult, ours.ClientResult>,
  Passes<Inhabited<mends.Typed<theirs.ClientResult>>, ours.ClientResult>,
  // @ts-expect-error requestMeta: the official type leaves the envelope and the required `_meta` of 2026-07-28 to the transport
  Passes<theirs.CompleteRequest, ours.CompleteRequest>,
  Passes<Inhabited<mends.RequestedNow<theirs.CompleteRequest>>, ours.CompleteRequest>,
  // @ts-expect-error meta: the official type has `_meta` optional, as in earlier revisions; 2026-07-28 requires it on every request
  Passes<theirs.CompleteRequestParams, ours.CompleteRequestParams>,
  Passes<Inhabited<mends.Introduced<theirs.CompleteRequestParams>>, ours.CompleteRequestParams>,
  // @ts-expect-error resultType: the official packages put `resultType` on and take it off themselves
  Passes<theirs.CompleteResult, ours.CompleteResult>,
  Passes<Inhabited<mends.Typed<theirs.CompleteResult>>, ours.CompleteResult>,
  Passes<theirs.ContentBlock, ours.ContentBlock>,
  Passes<theirs.CreateMessageRequest, ours.CreateMessageRequest>,
  Passes<theirs.CreateMessageRequestParams, ours.CreateMessageRequestParams>,
  Passes<theirs.CreateMessageResult, ours.CreateMessageResult>,
  // @ts-expect-error tasks: the same name in another protocol: tasks of the core of 2025-11-25 there, of the extension here
  Passes<theirs.CreateTaskResult, ours.CreateTaskResult>,
  Passes<theirs.Cursor, ours.Cursor>,
  // @ts-expect-error requestMeta: the official type leaves the envelope and the required `_meta` of 2026-07-28 to the transport
  Passes<theirs.DiscoverRequest, ours.DiscoverRequest>,
  Passes<Inhabited<mends.RequestedNow<theirs.DiscoverRequest>>, ours.DiscoverRequest>,
  // @ts-expect-error cache: the official packages put `resultType`, `ttlMs` and `cacheScope` on themselves; 2026-07-28 requires them
  Passes<theirs.DiscoverResult, ours.DiscoverResult>,
  Passes<Inhabited<mends.Cached<theirs.DiscoverResult>>, ours.DiscoverResult>,
  Passes<theirs.ElicitRequest, ours.ElicitRequest>,
  Passes<theirs.ElicitRequestFormParams, ours.ElicitRequestFormParams>,
  Passes<theirs.ElicitRequestParams, ours.ElicitRequestParams>,
  Passes<theirs.ElicitRequestURLParams, ours.ElicitRequestURLParams>,
  Passes<theirs.ElicitResult, ours.ElicitResult>,
  Passes<theirs.EmbeddedResource, ours.EmbeddedResource>,
  // @ts-expect-error resultType: the official packages put `resultType` on and take it off themselves
  Passes<theirs.EmptyResult, ours.EmptyResult>,
  Passes<Inhabited<mends.Typed<theirs.EmptyResult>>, ours.EmptyResult>,
  Passes<theirs.EnumSchema, ours.EnumSchema>,
  // @ts-expect-error requestMeta: the official type leaves the envelope and the required `_meta` of 2026-07-28 to the transport
  Passes<theirs.GetPromptRequest, ours.GetPromptRequest>,
  Passes<Inhabited<mends.RequestedNow<theirs.GetPromptRequest>>, ours.GetPromptRequest>,
  // @ts-expect-error meta: the official type has `_meta` optional, as in earlier revisions; 2026-07-28 requires it on every request
  Passes<theirs.GetPromptRequestParams, ours.GetPromptRequestParams>,
  Passes<Inhabited<mends.Introduced<theirs.GetPromptRequestParams>>, ours.GetPromptRequestParams>,
  // @ts-expect-error resultType: the official packages put `resultType` on and take it off themselves
  Passes<theirs.GetPromptResult, ours.GetPromptResult>,
  Passes<Inhabited<mends.Typed<theirs.GetPromptResult>>, ours.GetPromptResult>,
  // @ts-expect-error requestMeta: the official type leaves the envelope and the required `_meta` of 2026-07-28 to the transport
  Passes<theirs.GetTaskRequest, ours.GetTaskRequest>,
  Passes<Inhabited<mends.RequestedNow<theirs.GetTaskRequest>>, ours.GetTaskRequest>,
  // @ts-expect-error tasks: the same name in another protocol: tasks of the core of 2025-11-25 there, of the extension here
  Passes<theirs.GetTaskResult, ours.GetTaskResult>,
  Passes<theirs.Icon, ours.Icon>,
  Passes<theirs.Icons, ours.Icons>,
  Passes<theirs.ImageContent, ours.ImageContent>,
  Passes<theirs.Implementation, ours.Implementation>,
  Passes<theirs.InputRequest, ours.InputRequest>,
  Passes<theirs.InputRequests, ours.InputRequests>,
  Passes<theirs.InputRequiredResult, ours.InputRequiredResult>,
  Passes<theirs.InputResponse, ours.InputResponse>,
  Passes<theirs.InputResponses, ours.InputResponses>,
  // @ts-expect-error interface: the official type is an interface, which has no implicit index signature
  Passes<theirs.InternalError, ours.InternalError>,
  Passes<Inhabited<mends.Spread<theirs.InternalError>>, ours.InternalError>,
  // @ts-expect-error interface: the official type is an interface, which has no implicit index signature
  Passes<theirs.InvalidParamsError, ours.InvalidParamsError>,
  Passes<Inhabited<mends.Spread<theirs.InvalidParamsError>>, ours.InvalidParamsError>,
  // @ts-expect-error interface: the official type is an interface, which has no implicit index signature
  Passes<theirs.InvalidRequestError, ours.InvalidRequestError>,
  Passes<Inhabited<mends.Spread<theirs.InvalidRequestError>>, ours.InvalidRequestError>,
  Passes<theirs.JSONArray, ours.JSONArray>,
  Passes<theirs.JSONObject, ours.JSONObject>,
  Passes<theirs.JSONRPCErrorResponse, ours.JSONRPCErrorResponse>,
  // @ts-expect-error responseType: the official packages put `resultType` on and take it off themselves
  Passes<theirs.JSONRPCMessage, ours.JSONRPCMessage>,
  Passes<Inhabited<mends.TypedInside<theirs.JSONRPCMessage>>, ours.JSONRPCMessage>,
  Passes<theirs.JSONRPCNotification, ours.JSONRPCNotification>,
  Passes<theirs.JSONRPCRequest, ours.JSONRPCRequest>,
  // @ts-expect-error responseType: the official packages put `resultType` on and take it off themselves
  Passes<theirs.JSONRPCResponse, ours.JSONRPCResponse>,
  Passes<Inhabited<mends.TypedInside<theirs.JSONRPCResponse>>, ours.JSONRPCResponse>,
  // @ts-expect-error responseType: the official packages put `resultType` on and take it off themselves
  Passes<theirs.JSONRPCResultResponse, ours.JSONRPCResultResponse>,
  Passes<Inhabited<mends.TypedInside<theirs.JSONRPCResultResponse>>, ours.JSONRPCResultResponse>,
  Passes<theirs.JSONValue, ours.JSONValue>,
  Passes<theirs.LegacyTitledEnumSchema, ours.LegacyTitledEnumSchema>,
  // @ts-expect-error requestMeta: the official type leaves the envelope and the required `_meta` of 2026-07-28 to the transport
  Passes<theirs.ListPromptsRequest, ours.ListPromptsRequest>,
  Passes<Inhabited<mends.RequestedNow<theirs.ListPromptsRequest>>, ours.ListPromptsRequest>,
  // @ts-expect-error cache: the official packages put `resultType`, `ttlMs` and `cacheScope` on themselves; 2026-07-28 requires them
  Passes<theirs.ListPromptsResult, ours.ListPromptsResult>,
  Passes<Inhabited<mends.Cached<theirs.ListPromptsResult>>, ours.ListPromptsResult>,
  // @ts-expect-error requestMeta: the official type leaves the envelope and the required `_meta` of 2026-07-28 to the transport
  Passes<theirs.ListResourceTemplatesRequest, ours.ListResourceTemplatesRequest>,
  Passes<Inhabited<mends.RequestedNow<theirs.ListResourceTemplatesRequest>>, ours.ListResourceTemplatesRequest>,
  // @ts-expect-error cache: the official packages put `resultType`, `ttlMs` and `cacheScope` on themselves; 2026-07-28 requires them
  Passes<theirs.ListResourceTemplatesResult, ours.ListResourceTemplatesResult>,
  Passes<Inhabited<mends.Cached<theirs.ListResourceTemplatesResult>>, ours.ListResourceTemplatesResult>,
  // @ts-expect-error requestMeta: the official type leaves the envelope and the required `_meta` of 2026-07-28 to the transport
  Passes<theirs.ListResourcesRequest, ours.ListResourcesRequest>,
  Passes<Inhabited<mends.RequestedNow<theirs.ListResourcesRequest>>, ours.ListResourcesRequest>,
  // @ts-expect-error cache: the official packages put `resultType`, `ttlMs` and `cacheScope` on themselves; 2026-07-28 requires them
  Passes<theirs.ListResourcesResult, ours.ListResourcesResult>,
  Passes<Inhabited<mends.Cached<theirs.ListResourcesResult>>, ours.ListResourcesResult>,
  Passes<theirs.ListRootsRequest, ours.ListRootsRequest>,
  Passes<theirs.ListRootsResult, ours.ListRootsResult>,
  // @ts-expect-error requestMeta: the official type leaves the envelope and the required `_meta` of 2026-07-28 to the transport
  Passes<theirs.ListToolsRequest, ours.ListToolsRequest>,
  Passes<Inhabited<mends.RequestedNow<theirs.ListToolsRequest>>, ours.ListToolsRequest>,
  // @ts-expect-error cache: the official packages put `resultType`, `ttlMs` and `cacheScope` on themselves; 2026-07-28 requires them
  Passes<theirs.ListToolsResult, ours.ListToolsResult>,
  Passes<Inhabited<mends.Cached<theirs.ListToolsResult>>, ours.ListToolsResult>,
  Passes<theirs.LoggingLevel, ours.LoggingLevel>,
  // @ts-expect-error notification: the official type leaves `jsonrpc` to the transport
  Passes<theirs.LoggingMessageNotification, ours.LoggingMessageNotification>,
  Passes<Inhabited<mends.Notified<theirs.LoggingMessageNotification>>, ours.LoggingMessageNotification>,
  Passes<theirs.LoggingMessageNotificationParams, ours.LoggingMessageNotificationParams>,
  Passes<theirs.MetaObject, ours.MetaObject>,
  // @ts-expect-error interface: the official type is an interface, which has no implicit index signature
  Passes<theirs.MethodNotFoundError, ours.MethodNotFoundError>,
  Passes<Inhabited<mends.Spread<theirs.MethodNotFoundError>>, ours.MethodNotFoundError>,
  Passes<theirs.ModelHint, ours.ModelHint>,
  Passes<theirs.ModelPreferences, ours.ModelPreferences>,
  Passes<theirs.MultiSelectEnumSchema, ours.MultiSelectEnumSchema>,
  Passes<theirs.Notification, ours.Notification>,
  Passes<theirs.NotificationParams, ours.NotificationParams>,
  Passes<theirs.NumberSchema, ours.NumberSchema>,
  // @ts-expect-error requestMeta: the official type leaves the envelope and the required `_meta` of 2026-07-28 to the transport
  Passes<theirs.PaginatedRequest, ours.PaginatedRequest>,
  Passes<Inhabited<mends.RequestedNow<theirs.PaginatedRequest>>, ours.PaginatedRequest>,
  // @ts-expect-error meta: the official type has `_meta` optional, as in earlier revisions; 2026-07-28 requires it on every request
  Passes<theirs.PaginatedRequestParams, ours.PaginatedRequestParams>,
  Passes<Inhabited<mends.Introduced<theirs.PaginatedRequestParams>>, ours.PaginatedRequestParams>,
  // @ts-expect-error resultType: the official packages put `resultType` on and take it off themselves
  Passes<theirs.PaginatedResult, ours.PaginatedResult>,
  Passes<Inhabited<mends.Typed<theirs.PaginatedResult>>, ours.PaginatedResult>,
  // @ts-expect-error interface: the official type is an interface, which has no implicit index signature
  Passes<theirs.ParseError, ours.ParseError>,
  Passes<Inhabited<mends.Spread<theirs.ParseError>>, ours.ParseError>,
  Passes<theirs.PrimitiveSchemaDefinition, ours.PrimitiveSchemaDefinition>,
  // @ts-expect-error notification: the official type leaves `jsonrpc` to the transport
  Passes<theirs.ProgressNotification, ours.ProgressNotification>,
  Passes<Inhabited<mends.Notified<theirs.ProgressNotification>>, ours.ProgressNotification>,
  Passes<theirs.ProgressNotificationParams, ours.ProgressNotificationParams>,
  Passes<theirs.ProgressToken, ours.ProgressToken>,
  Passes<theirs.Prompt, ours.Prompt>,
  Passes<theirs.PromptArgument, ours.PromptArgument>,
  // @ts-expect-error notification: the official type leaves `jsonrpc` to the transport
  Passes<theirs.PromptListChangedNotification, ours.PromptListChangedNotification>,
  Passes<Inhabited<mends.Notified<theirs.PromptListChangedNotification>>, ours.PromptListChangedNotification>,
  Passes<theirs.PromptMessage, ours.PromptMessage>,
  Passes<theirs.PromptReference, ours.PromptReference>,
  // @ts-expect-error requestMeta: the official type leaves the envelope and the required `_meta` of 2026-07-28 to the transport
  Passes<theirs.ReadResourceRequest, ours.ReadResourceRequest>,
  Passes<Inhabited<mends.RequestedNow<theirs.ReadResourceRequest>>, ours.ReadResourceRequest>,
  // @ts-expect-error meta: the official type has `_meta` optional, as in earlier revisions; 2026-07-28 requires it on every request
  Passes<theirs.ReadResourceRequestParams, ours.ReadResourceRequestParams>,
  Passes<Inhabited<mends.Introduced<theirs.ReadResourceRequestParams>>, ours.ReadResourceRequestParams>,
  // @ts-expect-error cache: the official packages put `resultType`, `ttlMs` and `cacheScope` on themselves; 2026-07-28 requires them
  Passes<theirs.ReadResourceResult, ours.ReadResourceResult>,
  Passes<Inhabited<mends.Cached<theirs.ReadResourceResult>>, ours.ReadResourceResult>,
  Passes<theirs.Request, ours.Request>,
  Passes<theirs.RequestId, ours.RequestId>,
  // @ts-expect-error metaKeys: the official type is that of all revisions; 2026-07-28 requires two keys of it
  Passes<theirs.RequestMetaObject, ours.RequestMetaObject>,
  // @ts-expect-error meta: the official type has `_meta` optional, as in earlier revisions; 2026-07-28 requires it on every request
  Passes<theirs.RequestParams, ours.RequestParams>,
  Passes<Inhabited<mends.Introduced<theirs.RequestParams>>, ours.RequestParams>,
  Passes<theirs.Resource, ours.Resource>,
  Passes<theirs.ResourceContents, ours.ResourceContents>,
  Passes<theirs.ResourceLink, ours.ResourceLink>,
  // @ts-expect-error notification: the official type leaves `jsonrpc` to the transport
  Passes<theirs.ResourceListChangedNotification, ours.ResourceListChangedNotification>,
  Passes<Inhabited<mends.Notified<theirs.ResourceListChangedNotification>>, ours.ResourceListChangedNotification>,
  // @ts-expect-error meta: the official type has `_meta` optional, as in earlier revisions; 2026-07-28 requires it on every request
  Passes<theirs.ResourceRequestParams, ours.ResourceRequestParams>,
  Passes<Inhabited<mends.Introduced<theirs.ResourceRequestParams>>, ours.ResourceRequestParams>,
  Passes<theirs.ResourceTemplateReference, ours.ResourceTemplateReference>,
  // @ts-expect-error notification: the official type leaves `jsonrpc` to the transport
  Passes<theirs.ResourceUpdatedNotification, ours.ResourceUpdatedNotification>,
  Passes<Inhabited<mends.Notified<theirs.ResourceUpdatedNotification>>, ours.ResourceUpdatedNotification>,
  Passes<theirs.ResourceUpdatedNotificationParams, ours.ResourceUpdatedNotificationParams>,
  // @ts-expect-error resultType: the official packages put `resultType` on and take it off themselves
  Passes<theirs.Result, ours.Result>,
  Passes<Inhabited<mends.Typed<theirs.Result>>, ours.Result>,
  Passes<theirs.ResultMetaObject, ours.ResultMetaObject>,
  Passes<theirs.Role, ours.Role>,
  Passes<theirs.Root, ours.Root>,
  Passes<theirs.SamplingMessage, ours.SamplingMessage>,
  Passes<theirs.SamplingMessageContentBlock, ours.SamplingMessageContentBlock>,
  Passes<theirs.ServerCapabilities, ours.ServerCapabilities>,
  // @ts-expect-error union: the members differ: the official union is of other revisions, or leaves out what the package does not speak
  Passes<theirs.ServerNotification, ours.ServerNotification>,
  // @ts-expect-error resultType: the official packages put `resultType` on and take it off themselves
  Passes<theirs.ServerResult, ours.ServerResult>,
  Passes<Inhabited<mends.Typed<theirs.ServerResult>>, ours.ServerResult>,
  Passes<theirs.SingleSelectEnumSchema, ours.SingleSelectEnumSchema>,
  Passes<theirs.StringSchema, ours.StringSchema>,
  Passes<theirs.SubscriptionFilter, ours.SubscriptionFilter>,
  // @ts-expect-error notification: the official type leaves `jsonrpc` to the transport
  Passes<theirs.SubscriptionsAcknowledgedNotification, ours.SubscriptionsAcknowledgedNotification>,
  Passes<Inhabited<mends.Notified<theirs.SubscriptionsAcknowledgedNotification>>, ours.SubscriptionsAcknowledgedNotification>,
  Passes<theirs.SubscriptionsAcknowledgedNotificationParams, ours.SubscriptionsAcknowledgedNotificationParams>,
  // @ts-expect-error requestMeta: the official type leaves the envelope and the required `_meta` of 2026-07-28 to the transport
  Passes<theirs.SubscriptionsListenRequest, ours.SubscriptionsListenRequest>,
  Passes<Inhabited<mends.RequestedNow<theirs.SubscriptionsListenRequest>>, ours.SubscriptionsListenRequest>,
  // @ts-expect-error meta: the official type has `_meta` optional, as in earlier revisions; 2026-07-28 requires it on every request
  Passes<theirs.SubscriptionsListenRequestParams, ours.SubscriptionsListenRequestParams>,
  Passes<Inhabited<mends.Introduced<theirs.SubscriptionsListenRequestParams>>, ours.SubscriptionsListenRequestParams>,
  // @ts-expect-error resultType: the official packages put `resultType` on and take it off themselves
  Passes<theirs.SubscriptionsListenResult, ours.SubscriptionsListenResult>,
  Passes<Inhabited<mends.Typed<theirs.SubscriptionsListenResult>>, ours.SubscriptionsListenResult>,
  // @ts-expect-error tasks: the same name in another protocol: tasks of the core of 2025-11-25 there, of the extension here
  Passes<theirs.Task, ours.Task>,
  Passes<theirs.TaskStatus, ours.TaskStatus>,
  // @ts-expect-error tasks: the same name in another protocol: tasks of the core of 2025-11-25 there, of the extension here
  Passes<theirs.TaskStatusNotification, ours.TaskStatusNotification>,
  // @ts-expect-error tasks: the same name in another protocol: tasks of the core of 2025-11-25 there, of the extension here
  Passes<theirs.TaskStatusNotificationParams, ours.TaskStatusNotificationParams>,
  Passes<theirs.TextContent, ours.TextContent>,
  Passes<theirs.TextResourceContents, ours.TextResourceContents>,
  Passes<theirs.TitledMultiSelectEnumSchema, ours.TitledMultiSelectEnumSchema>,
  Passes<theirs.TitledSingleSelectEnumSchema, ours.TitledSingleSelectEnumSchema>,
  Passes<theirs.Tool, ours.Tool>,
  Passes<theirs.ToolAnnotations, ours.ToolAnnotations>,
  Passes<theirs.ToolChoice, ours.ToolChoice>,
  // @ts-expect-error notification: the official type leaves `jsonrpc` to the transport
  Passes<theirs.ToolListChangedNotification, ours.ToolListChangedNotification>,
  Passes<Inhabited<mends.Notified<theirs.ToolListChangedNotification>>, ours.ToolListChangedNotification>,
  Passes<theirs.ToolResultContent, ours.ToolResultContent>,
  Passes<theirs.ToolUseContent, ours.ToolUseContent>,
  Passes<theirs.UntitledMultiSelectEnumSchema, ours.UntitledMultiSelectEnumSchema>,
  Passes<theirs.UntitledSingleSelectEnumSchema, ours.UntitledSingleSelectEnumSchema>,
];

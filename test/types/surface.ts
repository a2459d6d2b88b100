/**
 * The types that users of a revision see: method maps, definitions, guards that narrow, names. Nothing here runs; each line
 * holds when it compiles, and where it must not compile a directive says so.
 */

import type * as first from "mcpwire/2024-11-05";
import type * as second from "mcpwire/2025-03-26";
import type * as third from "mcpwire/2025-06-18";
import * as fourth from "mcpwire/2025-11-25";
import * as fifth from "mcpwire/2026-07-28";
import type * as neutral from "mcpwire/neutral";
import type { Passes } from "./mends.js";

type Same<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;
type Holds<Fact extends true> = Fact;
type OptionalKeys<T> = { [Key in keyof T]-?: Record<never, never> extends Pick<T, Key> ? Key : never }[keyof T];

/** Method maps lead from a method to its payloads. */
export type Maps = [
  Holds<Same<fourth.ClientRequests["tools/call"]["params"], fourth.CallToolRequestParams>>,
  Holds<Same<fourth.ClientRequests["tools/call"]["result"], fourth.CallToolResult>>,
  Holds<Same<fourth.ClientRequests["tools/call"]["alternatives"], fourth.CreateTaskResult>>,
  Holds<Same<fifth.ClientRequests["tools/call"]["result"], fifth.CallToolResult>>,
  Holds<Same<fifth.ClientRequests["prompts/get"]["alternatives"], fifth.InputRequiredResult>>,
  Holds<Same<fourth.ServerRequests["sampling/createMessage"]["result"], fourth.CreateMessageResult>>,
  Holds<Same<fourth.ClientNotifications["notifications/progress"]["params"], fourth.ProgressNotificationParams>>,
  Holds<Same<fifth.ServerNotifications["notifications/message"]["params"], fifth.LoggingMessageNotificationParams>>,
  Holds<Same<keyof fifth.ServerRequests, never>>,
  Holds<Same<keyof fifth.InputRequestMethods, "elicitation/create" | "roots/list" | "sampling/createMessage">>,
  Holds<Same<fifth.InputRequestMethods["roots/list"]["result"], fifth.ListRootsResult>>,
];

/** Params are optional exactly where the wire may leave them out (TRAP-22). */
export type OptionalParams = [
  Holds<Same<OptionalKeys<fourth.ClientRequests["tools/list"]>, "params">>,
  Holds<Same<OptionalKeys<fourth.ClientRequests["ping"]>, "params">>,
  Holds<Same<OptionalKeys<fourth.ClientRequests["tools/call"]>, never>>,
  Holds<Same<OptionalKeys<fifth.ClientRequests["tools/list"]>, never>>,
  Holds<Same<OptionalKeys<fifth.InputRequestMethods["roots/list"]>, "params">>,
];

/** Every method of the data table is in one of the maps, and the other way round. */
export type MethodNames = [
  Holds<
    Same<
      fourth.MethodName,
      | keyof fourth.ClientRequests
      | keyof fourth.ServerRequests
      | keyof fourth.ClientNotifications
      | keyof fourth.ServerNotifications
    >
  >,
  Holds<
    Same<
      fifth.MethodName,
      | keyof fifth.ClientRequests
      | keyof fifth.InputRequestMethods
      | keyof fifth.ClientNotifications
      | keyof fifth.ServerNotifications
    >
  >,
];

type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";
type AllNames =
  | keyof first.Definitions
  | keyof second.Definitions
  | keyof third.Definitions
  | keyof fourth.Definitions
  | keyof fifth.Definitions
  | keyof neutral.Definitions;

/** No definition of the specification ends in a digit, so no type does: `Annotations1` would be a second copy. */
export type Unnumbered = Holds<Same<Extract<AllNames, `${string}${Digit}`>, never>>;

/** Definitions map names to the types of the same name. */
export type Named = [
  Holds<Same<fourth.Definitions["Tool"], fourth.Tool>>,
  Holds<Same<fifth.Definitions["DiscoverResult"], fifth.DiscoverResult>>,
  Holds<Same<neutral.Definitions["ContentBlock"], neutral.ContentBlock>>,
];

/** Objects stay open: what the schema does not name is there, and unknown (TRAP-11, TRAP-12). */
export type Open = [
  Holds<Same<fourth.CallToolResult["future"], unknown>>,
  Holds<Same<fifth.Tool["future"], unknown>>,
  Holds<Same<NonNullable<fourth.CallToolRequestParams["arguments"]>[string], unknown>>,
  Holds<Same<first.CallToolResult["_meta"], { [key: string]: unknown } | undefined>>,
];

/** Optional is absent, never null, except where the schema says null (TRAP-36, TRAP-52). */
export type Nulls = [
  Holds<Same<fourth.Task["ttl"], number | null>>,
  Holds<Same<fourth.Tool["title"], string | undefined>>,
  Holds<Same<fifth.JSONValue extends null ? true : null extends fifth.JSONValue ? true : false, true>>,
];

/** Guards narrow; a value that a guard refused keeps its type. */
export function narrowed(value: unknown): string {
  if (fourth.isCallToolResult(value)) {
    const result: fourth.CallToolResult = value;
    return result.content.map(textOf).join("");
  }
  if (fifth.isDiscoverResult(value)) return value.supportedVersions.join();
  // @ts-expect-error no guard said what it is
  return value.content;
}

/** Content blocks are told apart by `type`. */
export function textOf(block: fourth.ContentBlock): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "image":
    case "audio":
      return block.mimeType;
    case "resource":
      return block.resource.uri;
    case "resource_link":
      return block.name;
    default: {
      const none: never = block;
      return none;
    }
  }
}

/** Requests for input are told apart by `method`. */
export function asked(request: fifth.InputRequest): number {
  if (request.method === "sampling/createMessage") return request.params.maxTokens;
  return request.method === "elicitation/create" ? request.params.message.length : 0;
}

/** `explain` takes the names of definitions only. */
export function explained(value: unknown): readonly fourth.Failure[] {
  // @ts-expect-error 2025-11-25 does not have it
  fourth.explain("DiscoverResult", value);
  // @ts-expect-error no definition of any revision
  fifth.explain("Nonsense", value);
  const failures = fifth.explain("DiscoverResult", value);
  return failures.concat(fourth.explain("CallToolRequestParams", value));
}

/** A method that a revision does not have is no key of its maps. */
// @ts-expect-error 2026-07-28 has no ping
export type Gone = fifth.ClientRequests["ping"];

/** The revision is its own literal type where it is a constant. */
export type Revisions = [
  Holds<Same<typeof fourth.revision, "2025-11-25">>,
  Holds<Same<typeof fifth.revision, "2026-07-28">>,
];

/** The payloads that handlers and clients meet: the neutral type takes the value of every revision that has the definition. */
type Payloads =
  | "CallToolRequestParams"
  | "CallToolResult"
  | "CancelledNotificationParams"
  | "CompleteRequestParams"
  | "CompleteResult"
  | "ContentBlock"
  | "CreateMessageRequestParams"
  | "CreateMessageResult"
  | "ElicitRequestParams"
  | "ElicitResult"
  | "GetPromptRequestParams"
  | "GetPromptResult"
  | "Implementation"
  | "InputRequiredResult"
  | "ListPromptsResult"
  | "ListResourcesResult"
  | "ListResourceTemplatesResult"
  | "ListRootsResult"
  | "ListToolsResult"
  | "LoggingMessageNotificationParams"
  | "PaginatedRequestParams"
  | "ProgressNotificationParams"
  | "Prompt"
  | "PromptMessage"
  | "ReadResourceRequestParams"
  | "ReadResourceResult"
  | "RequestParams"
  | "Resource"
  | "ResourceTemplate"
  | "ResourceUpdatedNotificationParams"
  | "Root"
  | "SamplingMessage"
  | "ServerCapabilities"
  | "Tool"
  | "ToolAnnotations";
type Of<Definitions> = Pick<Definitions, Extract<keyof Definitions, Payloads>>;
type NeutralOf<Definitions> = Pick<neutral.Definitions, Extract<keyof Definitions, Payloads>>;

export type Neutral = [
  Passes<Of<first.Definitions>, NeutralOf<first.Definitions>>,
  Passes<Of<second.Definitions>, NeutralOf<second.Definitions>>,
  Passes<Of<third.Definitions>, NeutralOf<third.Definitions>>,
  Passes<Of<fourth.Definitions>, NeutralOf<fourth.Definitions>>,
  Passes<fifth.Definitions, Pick<neutral.Definitions, keyof fifth.Definitions>>,
];

/** Capabilities that were any object took members later, which an object that may be a list cannot have. */
export type NotNeutral = [
  // @ts-expect-error `sampling` is any object up to 2025-06-18
  Passes<first.ClientCapabilities, neutral.ClientCapabilities>,
  // @ts-expect-error `elicitation` is any object in 2025-06-18
  Passes<third.ClientCapabilities, neutral.ClientCapabilities>,
  Passes<fourth.ClientCapabilities, neutral.ClientCapabilities>,
];

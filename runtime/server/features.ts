/**
 * The table of what a server offers, by method, shared by all its sessions. A method that nothing was registered for is not in it, so
 * that it is refused as unknown. Requirements LIFE-38, LIFE-41, LIFE-42.
 */

import type { Tool } from "../../generated/neutral/types.js";
import type { ServerEvent } from "../protocol/era.js";
import type { ParamHeader } from "../protocol/param-headers.js";
import type { CallContext } from "./context.js";
import type { Listing } from "./listing.js";
import type { TaskEnds, TaskTool } from "./task-ends.js";
import type { UriTemplate } from "./uri-template.js";

/** Answers a method; the params have been checked against the revision spoken. */
export type MethodHandler = (params: unknown, ctx: CallContext) => unknown;

/** What runs around a method, as the dispatch sees it. */
export type Around = (params: unknown, ctx: CallContext, next: (params?: unknown) => Promise<unknown>) => unknown;

/** A definition as far as its scopes go, and how it is found. */
export interface Definition {
  readonly options: { readonly scopes?: readonly string[] };
  /** Of a template: which URIs it has resources of. */
  readonly parsed?: UriTemplate;
}

export interface Features {
  readonly handlers: Map<string, MethodHandler>;
  /** What was registered, by the member of results that lists it. */
  readonly definitions: Map<string, Pick<Listing<Definition>, "get" | "values">>;
  /** The parameters of a tool that headers mirror; `undefined` for a tool that is not there. */
  paramHeaders: ((tool: string) => readonly ParamHeader[] | undefined) | undefined;
  /** A tool as it is listed; `undefined` for a tool that is not there. */
  describeTool: ((tool: string) => Tool | undefined) | undefined;
  /** Makes tasks of calls; absent before the first tool that has them. */
  tasks: TaskEnds | undefined;
  /** A tool that has tasks was registered. */
  useTasks(find: (tool: string) => TaskTool | undefined): void;
  /** Tells every session of an event. */
  announce(event: ServerEvent): void;
}

/** What a registration gives back. */
export interface Registration {
  /** Takes the feature away again and tells the clients that listen. */
  remove(): void;
}

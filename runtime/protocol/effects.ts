/**
 * What the methods of all revisions do to a conversation. The table has a row for every method, so that a new revision with
 * a new method does not compile until somebody has said what it does.
 */

import type { MethodName } from "../../generated/revisions.js";

/**
 * `negotiates`: its result chooses the revision. `makesTask`: its result may be a task. `fetchesTask`: its result is that of
 * the request which made the task. `none`: it changes nothing that later messages are judged by.
 */
export type Effect = "none" | "negotiates" | "makesTask" | "fetchesTask";

/** More rows than methods are allowed: a project may know fewer revisions. */
type EffectTable = { readonly [M in MethodName]: Effect } & { readonly [method: string]: Effect };

const EFFECTS: EffectTable = {
  "completion/complete": "none",
  "elicitation/create": "makesTask",
  initialize: "negotiates",
  "logging/setLevel": "none",
  "notifications/cancelled": "none",
  "notifications/elicitation/complete": "none",
  "notifications/initialized": "none",
  "notifications/message": "none",
  "notifications/progress": "none",
  "notifications/prompts/list_changed": "none",
  "notifications/resources/list_changed": "none",
  "notifications/resources/updated": "none",
  "notifications/roots/list_changed": "none",
  "notifications/subscriptions/acknowledged": "none",
  "notifications/tasks": "none",
  "notifications/tasks/status": "none",
  "notifications/tools/list_changed": "none",
  ping: "none",
  "prompts/get": "none",
  "prompts/list": "none",
  "resources/list": "none",
  "resources/read": "none",
  "resources/subscribe": "none",
  "resources/templates/list": "none",
  "resources/unsubscribe": "none",
  "roots/list": "none",
  "sampling/createMessage": "makesTask",
  "server/discover": "none",
  "subscriptions/listen": "none",
  "tasks/cancel": "none",
  "tasks/get": "none",
  "tasks/list": "none",
  "tasks/result": "fetchesTask",
  "tasks/update": "none",
  "tools/call": "makesTask",
  "tools/list": "none",
};

/** The effect of a method; one that no revision has does nothing. */
export function effectOf(method: string): Effect {
  return Object.hasOwn(EFFECTS, method) ? (EFFECTS[method] ?? "none") : "none";
}

/** Hand-made schemas of one request and one notification, to show a single change each. */

import { buildModel } from "../../codegen/build.js";
import { canonicalize } from "../../codegen/canonical.js";
import type { Json, JsonObject } from "../../codegen/json.js";
import type { Model } from "../../codegen/model.js";

/** A request or notification definition with a constant method. */
export function message(method: string, params: string, required = true): JsonObject {
  return {
    type: "object",
    properties: { method: { const: method }, params: { $ref: `#/$defs/${params}` } },
    required: required ? ["method", "params"] : ["method"],
  };
}

/** An object schema; a key that ends in `?` is optional. */
export function object(properties: Record<string, Json>): JsonObject {
  const keys = Object.keys(properties);
  return {
    type: "object",
    properties: Object.fromEntries(keys.map((key) => [key.replace(/\?$/, ""), properties[key] ?? true])),
    required: keys.filter((key) => !key.endsWith("?")),
  };
}

export function ref(name: string): JsonObject {
  return { $ref: `#/$defs/${name}` };
}

/** Client request `echo`, server notification `notifications/note`, and whatever `definitions` add or replace. */
export function tiny(definitions: Record<string, JsonObject | undefined> = {}, revision = "draft"): Model {
  const all: Record<string, JsonObject | undefined> = {
    ClientRequest: { anyOf: [ref("EchoRequest")] },
    ServerNotification: { anyOf: [ref("NoteNotification")] },
    EchoRequest: message("echo", "EchoRequestParams"),
    EchoRequestParams: object({ text: { type: "string" } }),
    EchoResult: object({ text: { type: "string" } }),
    NoteNotification: message("notifications/note", "NoteNotificationParams"),
    NoteNotificationParams: object({ "level?": { enum: ["high", "low"] } }),
    ...definitions,
  };
  const present = Object.entries(all).filter((entry): entry is [string, JsonObject] => entry[1] !== undefined);
  const schema = canonicalize({ $defs: Object.fromEntries(present) }, "tiny.json");
  return buildModel({ revision, source: "tiny.json", schema, errata: [] });
}

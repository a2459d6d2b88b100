/** `neutral/methods.ts`: the type maps that join every method of any revision to the neutral payloads. */

import type { Definition, Method, Model, Side } from "../model.js";
import { propertyName } from "./text.js";

/** The text of `neutral/methods.ts`, without the header. @param models oldest first. */
export function emitNeutralMethods(models: readonly Model[], definitions: readonly Definition[]): string {
  const newest = new Map<string, Method>();
  for (const model of models) for (const method of model.methods) newest.set(method.method, method);
  const all = [...newest.values()].sort((left, right) => (left.method < right.method ? -1 : 1));
  const known = new Map(definitions.map((definition) => [definition.name, definition]));
  const sides = (method: Method): readonly Side[] =>
    models.flatMap((model) => model.methods.find((one) => one.method === method.method)?.from ?? []);
  const map = (name: string, doc: string, chosen: readonly Method[]): string => {
    const rows = chosen.map((method) => `  ${propertyName(method.method)}: { ${fieldsOf(method, known)} };\n`);
    return `/** ${doc} */\nexport interface ${name} {\n${rows.join("")}}\n`;
  };
  const sentBy = (kinds: readonly Method["kind"][], side: Side): Method[] =>
    all.filter((method) => kinds.includes(method.kind) && sides(method).includes(side));
  const used = [...new Set(all.flatMap(({ params, result }) => [params ?? [], result ?? []].flat()))].sort();
  return [
    `import type {\n${used.map((name) => `  ${name},\n`).join("")}} from "./types.js";\n`,
    map("ClientRequests", "Requests that a client sends, by method.", sentBy(["request"], "client")),
    map(
      "ServerRequests",
      "Requests that a server sends, by message of its own or inside a result that asks for input.",
      sentBy(["request", "input"], "server"),
    ),
    map("ClientNotifications", "Notifications that a client sends, by method.", sentBy(["notification"], "client")),
    map("ServerNotifications", "Notifications that a server sends, by method.", sentBy(["notification"], "server")),
  ].join("\n");
}

function fieldsOf({ params, result }: Method, known: ReadonlyMap<string, Definition>): string {
  const required = params !== undefined && demandsMembers(known.get(params));
  const field = required ? `params: ${params}` : `params?: ${params ?? "never"} | undefined`;
  return result === undefined ? field : `${field}; result: ${result}`;
}

/** Whether a payload has a member that it cannot lack; `_meta` is filled in by the runtime. */
function demandsMembers(definition: Definition | undefined): boolean {
  const shape = definition?.shape;
  if (shape?.kind !== "object") return shape !== undefined;
  return Object.entries(shape.properties).some(([key, { required }]) => required && key !== "_meta");
}

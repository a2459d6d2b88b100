/** `methods.ts`: the type maps and the data table that join methods to payloads (SEP-1319). */

import type { Alternative, Method, Model, Side } from "../model.js";
import { guardName } from "./guard-scope.js";
import { extensionFile } from "./guards.js";
import { indent, literal, propertyName } from "./text.js";

/** The text of `methods.ts`, without the header. */
export function emitMethods(model: Model, prelude: string): string {
  const parts = [
    `import type { ErrorEntry, MethodEntry } from ${literal(prelude)};`,
    importGuards(model),
    importTypes(model),
    "",
    requestMap(model, "ClientRequests", "Requests that a client sends, by method.", sentBy("request", "client")),
    requestMap(model, "ServerRequests", "Requests that a server sends, by method.", sentBy("request", "server")),
    inputMap(model),
    notificationMap(
      model,
      "ClientNotifications",
      "Notifications that a client sends, by method.",
      sentBy("notification", "client"),
    ),
    notificationMap(
      model,
      "ServerNotifications",
      "Notifications that a server sends, by method.",
      sentBy("notification", "server"),
    ),
    methodTable(model),
    errorTable(model),
  ];
  return parts.filter((part) => part !== undefined).join("\n");
}

type Filter = (method: Method) => boolean;

function sentBy(kind: Method["kind"], side: Side): Filter {
  return (method) => method.kind === kind && method.from.includes(side);
}

/** Everything a row refers to: params, results and their alternatives. */
function payloads(model: Model): string[] {
  const used = model.methods.flatMap((method) => [
    method.params ?? [],
    method.result ?? [],
    method.alternatives.map((alternative) => alternative.definition),
  ]);
  return [...new Set(used.flat())].sort();
}

function importTypes(model: Model): string {
  return `import type {\n${payloads(model)
    .map((name) => `  ${name},\n`)
    .join("")}} from "./types.js";`;
}

function importGuards(model: Model): string {
  const guards = [...payloads(model), ...model.errors.flatMap((error) => error.definition ?? [])];
  const files = new Map<string, string[]>();
  for (const name of [...new Set(guards)].sort()) {
    const extension = model.definitions[name]?.extension;
    const file = extension === undefined ? "guards.ts" : extensionFile(extension);
    files.set(file, [...(files.get(file) ?? []), `  ${guardName(name)},\n`]);
  }
  return [...files]
    .map(([file, names]) => `import {\n${names.join("")}} from "./${file.replace(/ts$/, "js")}";`)
    .join("\n");
}

function requestMap(model: Model, name: string, doc: string, filter: Filter): string {
  return typeMap(name, doc, model.methods.filter(filter), (method) => {
    const alternatives = method.alternatives.map((alternative) => alternative.definition).join(" | ");
    return [
      paramsField(method),
      `result: ${method.result}`,
      ...(alternatives === "" ? [] : [`alternatives: ${alternatives}`]),
    ];
  });
}

/** The name `InputRequests` is a definition of the schema, so the map by method has its own. */
function inputMap(model: Model): string | undefined {
  const inputs = model.methods.filter((method) => method.kind === "input");
  if (inputs.length === 0) return undefined;
  const doc = "Requests for input that a server puts into an `InputRequiredResult`, by method.";
  return typeMap("InputRequestMethods", doc, inputs, (method) => [paramsField(method), `result: ${method.result}`]);
}

function notificationMap(model: Model, name: string, doc: string, filter: Filter): string {
  return typeMap(name, doc, model.methods.filter(filter), (method) => [paramsField(method)]);
}

function paramsField(method: Method): string {
  return method.paramsRequired ? `params: ${method.params}` : `params?: ${method.params ?? "never"} | undefined`;
}

function typeMap(name: string, doc: string, methods: readonly Method[], fields: (method: Method) => string[]): string {
  const rows = methods.map((method) => `${propertyName(method.method)}: { ${fields(method).join("; ")} };`);
  const body = rows.length === 0 ? "{}" : `{\n${indent(rows.join("\n"))}\n}`;
  return `/** ${doc} */\nexport interface ${name} ${body}\n`;
}

function methodTable(model: Model): string {
  const rows = model.methods.map(
    (method) => `${propertyName(method.method)}: {\n${indent(rowFields(method, model).join("\n"))}\n},`,
  );
  const doc = "/** Every method of this revision: who sends it, what it carries, what answers it and what it needs. */";
  const names = nameUnion(
    "MethodName",
    "The name of a method of this revision.",
    model.methods.map((method) => method.method),
  );
  return `${names}\n${doc}\nexport const methods: Readonly<Record<MethodName, MethodEntry>> = {\n${indent(rows.join("\n"))}\n};\n`;
}

function rowFields(method: Method, model: Model): string[] {
  const { params, result, extension } = method;
  return [
    `kind: ${literal(method.kind)},`,
    `from: ${JSON.stringify(method.from)},`,
    `definition: ${literal(method.definition)},`,
    ...(params === undefined ? [] : [`params: ${literal(params)},`, `isParams: ${guardName(params)},`]),
    `paramsRequired: ${method.paramsRequired},`,
    ...(result === undefined ? [] : [`result: ${literal(result)},`, `isResult: ${guardName(result)},`]),
    ...(method.alternatives.length === 0
      ? []
      : [`alternatives: [${method.alternatives.map((row) => alternativeRow(row, model)).join(", ")}],`]),
    ...dataField("capabilities", method.capabilities),
    ...(method.taskAugmentable ? ["taskAugmentable: true,"] : []),
    ...(method.cacheable ? ["cacheable: true,"] : []),
    ...dataField("headers", method.headers),
    ...(extension === undefined ? [] : [`extension: ${literal(extension)},`]),
  ];
}

function alternativeRow({ definition, when }: Alternative, model: Model): string {
  const [key, value] = Object.entries(when)[0] ?? ["", ""];
  const extension = model.definitions[definition]?.extension;
  const origin = extension === undefined ? "" : `, extension: ${literal(extension)}`;
  return `{ result: ${literal(definition)}, isResult: ${guardName(definition)}, ${key}: ${literal(value)}${origin} }`;
}

function dataField(name: string, data: object): string[] {
  const fields = Object.entries(data).map(([key, value]) => `${propertyName(key)}: ${literal(value)}`);
  return fields.length === 0 ? [] : [`${name}: { ${fields.join(", ")} },`];
}

function errorTable(model: Model): string {
  const rows = model.errors.map(({ name, code, definition }) => {
    const guard =
      definition === undefined
        ? ""
        : `, ${isWholeMessage(model, definition) ? "isMessage" : "isError"}: ${guardName(definition)}`;
    return `${name}: { code: ${code}${guard} },`;
  });
  const doc = "/** Error codes of this revision, and the guard of the error where the schema has one. */";
  const names = nameUnion(
    "ErrorName",
    "The name of an error of this revision.",
    model.errors.map((error) => error.name),
  );
  return `${names}\n${doc}\nexport const errors: Readonly<Record<ErrorName, ErrorEntry>> = {\n${indent(rows.join("\n"))}\n};\n`;
}

/** Some errors are defined as the whole response, others as its `error` member. */
function isWholeMessage(model: Model, definition: string): boolean {
  const shape = model.definitions[definition]?.shape;
  return shape?.kind === "object" && shape.properties.error !== undefined;
}

function nameUnion(name: string, doc: string, members: readonly string[]): string {
  return `/** ${doc} */\nexport type ${name} =\n${members.map((member) => `  | ${literal(member)}`).join("\n")};\n`;
}

/** All files of one revision. */

import type { Docs } from "../docs.js";
import { type History, lifeKey } from "../history.js";
import { printJson } from "../json.js";
import { isDraft } from "../manifest.js";
import type { Definition, Model } from "../model.js";
import { emitGuards, extensionFile } from "./guards.js";
import { header, type Origin } from "./header.js";
import { emitMetamodel } from "./metamodel.js";
import { emitMethods } from "./methods.js";
import { schemaOf } from "./schema.js";
import { literal } from "./text.js";
import { emitTypes } from "./types.js";

export interface RevisionInput {
  readonly model: Model;
  readonly docs: Docs;
  readonly history: History;
  readonly sha256?: string;
  /** Definition → later revision whose guard serves as well. */
  readonly shared: ReadonlyMap<string, string>;
  /** Where the prelude is, seen from the revision's folder: `..` or `.`. */
  readonly base: ".." | ".";
}

/** File name → text. */
export type Files = ReadonlyMap<string, string>;

export async function emitRevision(input: RevisionInput): Promise<Files> {
  const { model, base } = input;
  const { revision } = model;
  const origin: Origin = {
    from: `MCP revision ${revision}`,
    ...(input.sha256 === undefined ? {} : { sha256: input.sha256 }),
  };
  const prelude = `${base}/prelude.js`;
  const definitions = Object.values(model.definitions);
  const types = await emitTypes({ definitions, docs: input.docs, revision, tags: tagsOf(model, input.history) });
  const schema = printJson(schemaOf(model));
  const core = definitions.filter((definition) => definition.extension === undefined);
  const shared = new Map([...input.shared].map(([name, owner]) => [name, `../${owner}/guards.js`]));
  const extensions = extensionGuards(input, prelude, origin);
  const names = `import type { Json } from ${literal(`${base}/method-table.js`)};\n\n`;
  return new Map([
    ["types.ts", header(`Payload types of MCP revision ${revision}.`, origin) + types],
    [
      "guards.ts",
      header(
        `Guards of MCP revision ${revision}: one function per definition, no allocation where a value fits.`,
        origin,
      ) + emitGuards({ model, prelude, definitions: core, shared }),
    ],
    ...extensions,
    [
      "methods.ts",
      header(`Methods of MCP revision ${revision}, joined to their payloads.`, origin) +
        emitMethods(model, `${base}/method-table.js`),
    ],
    [
      "schema.ts",
      `${header(`JSON Schema of MCP revision ${revision}: errata applied, every params type named.`, origin)}${names}export const schema: { readonly $schema: string; readonly $defs: Readonly<Record<string, Json>> } = ${schema.trimEnd()};\n`,
    ],
    ["schema.json", schema],
    ["metamodel.json", emitMetamodel(model, `${base}/metamodel.schema.json`)],
    [
      "index.ts",
      header(`MCP revision ${revision}: types, guards, methods.`, origin) +
        indexText(revision, prelude, [...extensions.keys()]),
    ],
  ]);
}

/** Guards of an extension are apart: who does not use it does not pay for it. */
function extensionGuards({ model }: RevisionInput, prelude: string, origin: Origin): Files {
  const definitions = Object.values(model.definitions);
  const identifiers = new Set(definitions.flatMap((definition) => definition.extension ?? []));
  const core = definitions.filter((definition) => definition.extension === undefined);
  const shared = new Map(core.map((definition) => [definition.name, "./guards.js"]));
  const files = [...identifiers].map((extension) => {
    const own = definitions.filter((definition) => definition.extension === extension);
    const purpose = `Guards of the extension ${extension} under MCP revision ${model.revision}.`;
    return [
      extensionFile(extension),
      header(purpose, origin) + emitGuards({ model, prelude, definitions: own, shared }),
    ] as const;
  });
  return new Map(files);
}

function indexText(revision: string, prelude: string, extensions: readonly string[]): string {
  const modules = ["guards.ts", ...extensions].map((file) => `./${file.replace(/ts$/, "js")}`);
  const imports = modules.map((module, index) => `import * as guards${index} from ${literal(module)};`);
  const exports = modules.map((module) => `export * from ${literal(module)};`);
  // One lookup per file: a table of all guards would be built at every call, or keep every guard in every bundle.
  const guard = modules.map((_, index) => `(guards${index} as Guards)[name]`).join(" ?? ");
  return `${imports.join("\n")}
import { explainWith, type Failure } from ${literal(prelude)};
import type { Definitions } from "./types.js";

export type { Failure } from ${literal(prelude)};
export { lastFailure } from ${literal(prelude)};
${exports.join("\n")}
export * from "./methods.js";
export type * from "./types.js";

type Guards = Readonly<Record<string, ((value: unknown) => boolean) | undefined>>;

/** The name of this revision, as it travels in \`protocolVersion\`. */
export const revision = ${literal(revision)};

/**
 * Every reason why a value does not fit a definition; empty where it fits.
 *
 * @throws TypeError where this revision has no such definition.
 */
export function explain(definition: keyof Definitions, value: unknown): Failure[] {
  const name = \`is\${definition}\`;
  const guard = ${guard};
  if (guard === undefined) throw new TypeError(\`revision \${revision} has no definition "\${definition}"\`);
  return explainWith(guard, value);
}
`;
}

/** Facts about a definition or property as JSDoc tags: when it came, when it went, where to read on. */
export function tagsOf(
  model: Model,
  history: History,
): (definition: Definition, property?: string) => readonly string[] {
  return (definition, property) => {
    const key = lifeKey(definition.name, definition.extension) + (property === undefined ? "" : `.${property}`);
    const life = history.lives.get(key);
    const whole = history.lives.get(lifeKey(definition.name, definition.extension));
    const repeated = property !== undefined && life?.since === whole?.since;
    return [
      ...(property === undefined && definition.extension !== undefined
        ? [`Extension \`${definition.extension}\`.`]
        : []),
      ...(life === undefined || repeated ? [] : [`@since ${life.since}`]),
      ...(life?.removed === undefined || (property !== undefined && life.removed === whole?.removed)
        ? []
        : [`@removed ${life.removed}`]),
      ...(property === undefined ? seeTag(definition, model.revision) : []),
    ];
  };
}

/** The specification has a schema page since 2025-06-18, with an anchor per type. */
function seeTag(definition: Definition, revision: string): string[] {
  if (definition.extension !== undefined) return [`@see {@link https://github.com/modelcontextprotocol/ext-tasks}`];
  if (isDraft(revision)) return [`@see {@link https://modelcontextprotocol.io/specification/draft/schema}`];
  const page = revision < "2025-06-18" ? "" : `/schema#${definition.name.toLowerCase()}`;
  return [`@see {@link https://modelcontextprotocol.io/specification/${revision}${page}}`];
}

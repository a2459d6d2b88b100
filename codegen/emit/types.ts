/**
 * `types.ts`: the payload types. `json-schema-to-typescript` turns shapes into type text, with references by name so that no
 * type is written twice; `ts-morph` puts the declarations in order and documents them.
 */

import { compile, type JSONSchema } from "json-schema-to-typescript";
import {
  IndentationText,
  type InterfaceDeclarationStructure,
  type JSDocStructure,
  Project,
  type PropertySignatureStructure,
  type SourceFile,
  StructureKind,
  type TypeAliasDeclarationStructure,
  ts,
} from "ts-morph";
import type { DocEntry, Docs } from "../docs.js";
import type { JsonObject } from "../json.js";
import { compareRevisions } from "../manifest.js";
import type { Definition, ObjectShape, Shape } from "../model.js";
import { toSchema } from "./schema.js";
import { propertyName } from "./text.js";

export interface TypesInput {
  readonly definitions: readonly Definition[];
  readonly docs: Docs;
  /** The revision that the types are of, or the newest of those that they are of. */
  readonly revision: string;
  /** Facts about a definition or `Definition.property`, as JSDoc tags. */
  readonly tags: (definition: Definition, property?: string) => readonly string[];
}

type Declaration = InterfaceDeclarationStructure | TypeAliasDeclarationStructure;

/** The text of `types.ts`, without the header. */
export async function emitTypes(input: TypesInput): Promise<string> {
  const project = new Project({
    useInMemoryFileSystem: true,
    manipulationSettings: { indentationText: IndentationText.TwoSpaces },
  });
  const compiled = project.createSourceFile("compiled.ts", await compileShapes(input.definitions));
  compiled.transform(({ visitChildren, factory }) => tidy(visitChildren(), factory));
  const statements = input.definitions.map((definition, index) =>
    document(declarationOf(definition.name, index, compiled), definition, input),
  );
  const spaced = statements.map((statement, index) => {
    const alias = statement.kind === StructureKind.TypeAlias;
    return alias && statements[index - 1]?.kind === StructureKind.TypeAlias
      ? { ...statement, leadingTrivia: "\n" }
      : statement;
  });
  const file = project.createSourceFile("types.ts", { statements: [...spaced, definitionsMap(input.definitions)] });
  file.formatText({ indentSize: 2, semicolons: ts.SemicolonPreference.Insert });
  return file.getFullText();
}

/**
 * One compilation for all definitions, beside a root that is thrown away. `json-schema-to-typescript` bends titles into names
 * of its own making, so each definition is compiled under a number.
 */
async function compileShapes(definitions: readonly Definition[]): Promise<string> {
  const named = Object.fromEntries(
    definitions.map(({ shape }, index) => [numbered(index), { ...compilable(shape), title: numbered(index) }]),
  );
  const root = { title: "Everything", type: "object", definitions: named } as JSONSchema;
  return await compile(root, "Everything", {
    additionalProperties: true,
    bannerComment: "",
    format: false,
    unreachableDefinitions: true,
    unknownAny: true,
    ignoreMinAndMaxItems: true,
  });
}

function numbered(index: number): string {
  return `D${index}`;
}

/**
 * The schema that `json-schema-to-typescript` gets. References become plain type names, which it writes as they stand. An
 * optional member may also be `undefined`: guards treat both alike, JSON cannot tell them apart, and values of other packages
 * are typed so.
 */
function compilable(shape: Shape): JsonObject {
  switch (shape.kind) {
    case "ref":
      return { tsType: shape.name };
    case "any":
      return { tsType: "unknown" };
    case "never":
      return { tsType: "never" };
    case "array":
      return { type: "array", items: compilable(shape.items) };
    case "union":
      return { anyOf: shape.members.map(compilable) };
    case "all":
      return { allOf: shape.members.map(compilable) };
    case "object":
      return shape.opaque === true ? { tsType: "object" } : compilableObject(shape);
    default:
      return toSchema(shape);
  }
}

function compilableObject(shape: ObjectShape): JsonObject {
  const entries = Object.entries(shape.properties);
  // An interface without members would take any value but null and undefined.
  if (entries.length === 0 && shape.values.kind === "never") return { tsType: "Record<string, never>" };
  const properties = entries.map(([key, property]) => {
    const schema = compilable(property.shape);
    const widened =
      property.required || property.shape.kind === "any" ? schema : { anyOf: [schema, { tsType: "undefined" }] };
    return [key, widened] as const;
  });
  const required = entries.filter(([, property]) => property.required).map(([key]) => key);
  const values = shape.values.kind === "never" ? false : compilable(shape.values);
  return { type: "object", properties: Object.fromEntries(properties), required, additionalProperties: values };
}

/** Takes the parentheses off whole types, and calls the key of an index signature `key`. */
function tidy(node: ts.Node, factory: ts.NodeFactory): ts.Node {
  if (ts.isPropertySignature(node)) {
    return factory.updatePropertySignature(node, node.modifiers, node.name, node.questionToken, bare(node.type));
  }
  if (ts.isTypeAliasDeclaration(node)) {
    return factory.updateTypeAliasDeclaration(node, node.modifiers, node.name, node.typeParameters, bare(node.type));
  }
  if (ts.isIndexSignatureDeclaration(node)) {
    const key = factory.createParameterDeclaration(undefined, undefined, "key", undefined, node.parameters[0]?.type);
    return factory.updateIndexSignature(node, node.modifiers, [key], bare(node.type));
  }
  return node;
}

function bare<Type extends ts.TypeNode | undefined>(type: Type): Type | ts.TypeNode {
  return type !== undefined && ts.isParenthesizedTypeNode(type) ? type.type : type;
}

function declarationOf(name: string, index: number, compiled: SourceFile): Declaration {
  const declared = compiled.getInterface(numbered(index)) ?? compiled.getTypeAlias(numbered(index));
  if (declared === undefined) throw new Error(`json-schema-to-typescript gave no type for ${name}`);
  const structure = { ...(declared.getStructure() as Declaration), name };
  return structure.kind === StructureKind.TypeAlias ? { ...structure, type: onLines(structure.type) } : structure;
}

/** A long union of names, one a line, so that a change of one member is a change of one line. */
function onLines(type: TypeAliasDeclarationStructure["type"]): TypeAliasDeclarationStructure["type"] {
  const members = typeof type === "string" && /^[\w" |/]{80,}$/.test(type) ? type.split(" | ") : [];
  return members.length > 1 ? members.map((member) => `\n| ${member}`).join("") : type;
}

function document(declaration: Declaration, definition: Definition, input: TypesInput): Declaration {
  const { docs } = input;
  const { name } = definition;
  const documented = {
    ...declaration,
    isExported: true,
    docs: docsOf(docs.get(name), input.tags(definition), input.revision),
  };
  if (documented.kind !== StructureKind.Interface) return documented;
  const properties = (documented.properties ?? []).map((property): PropertySignatureStructure => {
    const key = property.name.startsWith('"') ? (JSON.parse(property.name) as string) : property.name;
    const comment = docsOf(docs.get(`${name}.${key}`), input.tags(definition, key), input.revision);
    return {
      ...property,
      kind: StructureKind.PropertySignature,
      name: propertyName(key),
      type: property.type ?? "unknown",
      docs: comment,
    };
  });
  return { ...documented, properties };
}

function docsOf(entry: DocEntry = {}, tags: readonly string[], revision: string): JSDocStructure[] {
  const { text, deprecated, deprecatedSince = revision } = entry;
  const holds = deprecated !== undefined && compareRevisions(deprecatedSince, revision) <= 0;
  const all = [...(text === undefined ? [] : [text]), ...tags, ...(holds ? [`@deprecated ${deprecated}`] : [])];
  const lines = all.map((line) => line.replaceAll("*/", "*\\/"));
  if (lines.length === 0) return [];
  const description = lines.length === 1 ? lines.join("") : `\n${lines.join("\n")}`;
  return [{ kind: StructureKind.JSDoc, description }];
}

function definitionsMap(definitions: readonly Definition[]): InterfaceDeclarationStructure {
  return {
    kind: StructureKind.Interface,
    name: "Definitions",
    isExported: true,
    docs: ["Every definition of this revision by its name."],
    properties: definitions.map(({ name }) => ({ name, type: name })),
  };
}

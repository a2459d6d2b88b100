/**
 * The intermediate representation: one revision of the protocol as plain data, between the schemas and the emitters.
 * `generated/<revision>/metamodel.json` is this, written down.
 */

/** What a value must look like. Every union of the IR is discriminated on `kind`. */
export type Shape =
  | { readonly kind: "any" }
  | { readonly kind: "never" }
  | { readonly kind: "null" }
  | { readonly kind: "boolean" }
  | StringShape
  | NumberShape
  | { readonly kind: "const"; readonly value: Scalar }
  | { readonly kind: "enum"; readonly values: readonly Scalar[] }
  | ArrayShape
  | ObjectShape
  | { readonly kind: "ref"; readonly name: string }
  | { readonly kind: "union"; readonly members: readonly Shape[] }
  | { readonly kind: "all"; readonly members: readonly Shape[] };

export type Scalar = string | number | boolean | null;

/** `format` is an annotation only (TRAP-37); lengths count Unicode code points, as JSON Schema does. */
export interface StringShape {
  readonly kind: "string";
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

export interface NumberShape {
  readonly kind: "number" | "integer";
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

export interface ArrayShape {
  readonly kind: "array";
  readonly items: Shape;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/**
 * An object. `properties` is in the canonical (alphabetical) order. `values` is what members that `properties` does not name
 * must be: `any` where the schema is open, which is everywhere unless it says otherwise (TRAP-11).
 */
export interface ObjectShape {
  readonly kind: "object";
  readonly properties: Readonly<Record<string, Property>>;
  readonly values: Shape;
  /** True where the schema means any object and says nothing of its members: TypeScript's `object` (TRAP-13). */
  readonly opaque?: true;
}

export interface Property {
  readonly shape: Shape;
  readonly required: boolean;
}

/** A named payload type. */
export interface Definition {
  readonly name: string;
  readonly shape: Shape;
  /** True where the schema inlined the shape and the generator named it (TRAP-19). */
  readonly synthesized: boolean;
  /** True where the definition accepts exactly the JSON values, so that guards need no recursion. */
  readonly json: boolean;
  /** Identifier of the extension that brings the definition; absent for the core. */
  readonly extension?: string;
}

export type Side = "client" | "server";

/**
 * How a method travels: as a JSON-RPC request or notification of its own, or as an input request inside an
 * `InputRequiredResult` (revision 2026-07-28).
 */
export type MethodKind = "request" | "notification" | "input";

/** One method in one revision, joined to its payloads. */
export interface Method {
  readonly method: string;
  readonly kind: MethodKind;
  /** Which side may send it; both for `ping` and its like. */
  readonly from: readonly Side[];
  /** Definition of the whole request or notification. */
  readonly definition: string;
  /** Definition of `params`; absent where the schema has none at all. */
  readonly params?: string;
  readonly paramsRequired: boolean;
  /** Definition of the result; absent for notifications. */
  readonly result?: string;
  /** Other results that the same request may be answered with, and what selects them. */
  readonly alternatives: readonly Alternative[];
  /** Dotted paths of the capabilities that gate the method, by the side that must have declared them. */
  readonly capabilities: Capabilities;
  /** Where `params` accept task augmentation (2025-11-25). */
  readonly taskAugmentable: boolean;
  /** Where the result carries `ttlMs` and `cacheScope`. */
  readonly cacheable: boolean;
  /** HTTP header mirrors: header name → dotted path in the message. */
  readonly headers: Readonly<Record<string, string>>;
  readonly extension?: string;
}

export interface Capabilities {
  readonly client?: string;
  readonly server?: string;
}

export interface Alternative {
  readonly definition: string;
  /** `resultType` selects by the value of that member; `task` is the answer to a request that carried `params.task`. */
  readonly when: { readonly resultType: string } | { readonly request: string };
}

/** An error with a payload of its own, found by its code. */
export interface TypedError {
  readonly name: string;
  readonly code: number;
  /** Definition of the error message or the error object; absent for constants that the schema does not define. */
  readonly definition?: string;
}

export type Era = "stateful" | "stateless";

/** Facts about a revision that its schema cannot say; see `codegen/overlay/traits.ts`. */
export type Traits = Readonly<Record<string, boolean>>;

export interface Erratum {
  readonly pointer: string;
  readonly reason: string;
}

/** One revision, complete. Definitions and methods are in alphabetical order. */
export interface Model {
  readonly revision: string;
  readonly era: Era;
  readonly traits: Traits;
  readonly definitions: Readonly<Record<string, Definition>>;
  readonly methods: readonly Method[];
  readonly errors: readonly TypedError[];
  readonly errata: readonly Erratum[];
}

/** Calls `visit` for a shape and everything inside it, without following references. */
export function walkShape(shape: Shape, visit: (shape: Shape) => void): void {
  visit(shape);
  for (const child of childShapes(shape)) walkShape(child, visit);
}

/** The shapes directly inside a shape. */
export function childShapes(shape: Shape): readonly Shape[] {
  switch (shape.kind) {
    case "array":
      return [shape.items];
    case "object":
      return [...Object.values(shape.properties).map((property) => property.shape), shape.values];
    case "union":
    case "all":
      return shape.members;
    default:
      return [];
  }
}

/** Rebuilds a shape with each direct child replaced. */
export function mapChildren(shape: Shape, change: (shape: Shape) => Shape): Shape {
  switch (shape.kind) {
    case "array":
      return { ...shape, items: change(shape.items) };
    case "object": {
      const properties = Object.fromEntries(
        Object.entries(shape.properties).map(([key, property]) => [
          key,
          { ...property, shape: change(property.shape) },
        ]),
      );
      return { ...shape, properties, values: change(shape.values) };
    }
    case "union":
    case "all":
      return { ...shape, members: shape.members.map(change) };
    default:
      return shape;
  }
}

/** Names of the definitions that a shape refers to directly. */
export function referencesOf(shape: Shape): ReadonlySet<string> {
  const names = new Set<string>();
  walkShape(shape, (inner) => {
    if (inner.kind === "ref") names.add(inner.name);
  });
  return names;
}

/**
 * Writes the forms that handlers ask people to fill in: exactly the restricted JSON Schema of the protocol, with the type of the answer.
 * Elicitation, form mode; requirements ELIC-20 to ELIC-30.
 */

import { McpWireError } from "../errors.js";
import { unmet } from "../schema/form.js";

/** What every field may have. */
export interface FieldOptions<T> {
  /** What the field is called. */
  readonly title?: string;
  /** What it is for. */
  readonly description?: string;
  /** What it holds before the person touches it. Revisions without defaults ignore it, except for `Form.boolean`. */
  readonly default?: T;
}

/** Text: `minLength` and `maxLength` in characters. */
export interface TextOptions extends FieldOptions<string> {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly format?: "email" | "uri" | "date" | "date-time";
}

export interface NumberOptions extends FieldOptions<number> {
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Several choices: how few and how many. */
export interface SeveralOptions<C> extends FieldOptions<readonly C[]> {
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** A choice with a name for people. */
export interface TitledChoice<C extends string = string> {
  readonly const: C;
  readonly title: string;
}

export interface TextField extends TextOptions {
  readonly type: "string";
}
export interface NumberField extends NumberOptions {
  readonly type: "number";
}
export interface IntegerField extends NumberOptions {
  readonly type: "integer";
}
export interface BooleanField extends FieldOptions<boolean> {
  readonly type: "boolean";
}
export interface ChoiceField<C extends string> extends FieldOptions<C> {
  readonly type: "string";
  readonly enum: readonly C[];
  /** Names for people, in the form that came before titled choices. */
  readonly enumNames?: readonly string[];
}
export interface TitledChoiceField<C extends string> extends FieldOptions<C> {
  readonly type: "string";
  readonly oneOf: readonly TitledChoice<C>[];
}
export interface ChoicesField<C extends string> extends SeveralOptions<C> {
  readonly type: "array";
  readonly items: { readonly type: "string"; readonly enum: readonly C[] };
}
export interface TitledChoicesField<C extends string> extends SeveralOptions<C> {
  readonly type: "array";
  readonly items: { readonly anyOf: readonly TitledChoice<C>[] };
}

/** Any field that `Form` writes. */
export type Field =
  | TextField
  | NumberField
  | IntegerField
  | BooleanField
  | ChoiceField<string>
  | TitledChoiceField<string>
  | ChoicesField<string>
  | TitledChoicesField<string>;

/** A field that may be left empty. */
export interface OptionalField<F extends Field = Field> {
  readonly optional: F;
}

type Fields = { readonly [name: string]: Field | OptionalField };
type FieldIn<F> = F extends OptionalField<infer Inner> ? Inner : F;
type RequiredIn<P> = { [K in keyof P]: P[K] extends OptionalField ? never : K }[keyof P];

/** A form of these fields; all that are not optional are required. */
export interface ObjectForm<P extends Fields> {
  readonly type: "object";
  readonly properties: { readonly [K in keyof P]: FieldIn<P[K]> };
  readonly required: readonly RequiredIn<P>[];
}

type ChoiceFor<C extends string | TitledChoice> = [C] extends [TitledChoice]
  ? TitledChoiceField<C["const"]>
  : ChoiceField<C & string>;
type ChoicesFor<C extends string | TitledChoice> = [C] extends [TitledChoice]
  ? TitledChoicesField<C["const"]>
  : ChoicesField<C & string>;
type ValueIn<C extends string | TitledChoice> = C extends TitledChoice ? C["const"] : C & string;

/** What writes forms; each member throws McpWireError `INVALID_USE` for a field that no answer could fit. */
export interface FormWriter {
  /** The form. A field is required unless it stands in `Form.optional`. */
  object<const P extends Fields>(fields: P): ObjectForm<P>;
  /** A field that may be left empty. */
  optional<const F extends Field>(field: F): OptionalField<F>;
  /** Text. */
  string(options?: TextOptions): TextField;
  /** A number. */
  number(options?: NumberOptions): NumberField;
  /** A whole number. */
  integer(options?: NumberOptions): IntegerField;
  /** Yes or no. */
  boolean(options?: FieldOptions<boolean>): BooleanField;
  /** One of the choices: texts (`enum`), or values with titles (`oneOf`). */
  oneOf<const C extends string | TitledChoice>(
    choices: readonly C[],
    options?: FieldOptions<NoInfer<ValueIn<C>>>,
  ): ChoiceFor<C>;
  /** Any of the choices: texts, or values with titles (`anyOf`). */
  anyOf<const C extends string | TitledChoice>(
    choices: readonly C[],
    options?: SeveralOptions<NoInfer<ValueIn<C>>>,
  ): ChoicesFor<C>;
  /** One of the choices, with its titles in `enumNames`, for clients that know no other. `Form.oneOf` is written so where it has to be. */
  legacyOneOf<const C extends TitledChoice>(
    choices: readonly C[],
    options?: FieldOptions<NoInfer<C["const"]>>,
  ): ChoiceField<C["const"]>;
}

/** Writes forms for `ctx.elicit({ message, requestedSchema: Form.object({ … }) })`. */
export const Form: FormWriter = {
  object(fields) {
    const entries = Object.entries<Field | OptionalField>(fields);
    const inner = entries.map(([name, field]) => [name, "optional" in field ? field.optional : field]);
    return {
      type: "object",
      properties: Object.fromEntries(inner),
      required: entries.filter(([, field]) => !("optional" in field)).map(([name]) => name),
    } as unknown as ObjectForm<typeof fields>;
  },
  optional: (field) => ({ optional: field }),
  string(options = {}) {
    ordered("minLength", options.minLength, "maxLength", options.maxLength);
    return usable({ type: "string", ...options });
  },
  number(options = {}) {
    ordered("minimum", options.minimum, "maximum", options.maximum);
    return usable({ type: "number", ...options });
  },
  integer(options = {}) {
    ordered("minimum", options.minimum, "maximum", options.maximum);
    return usable({ type: "integer", ...options });
  },
  boolean: (options = {}) => usable({ type: "boolean", ...options }),
  oneOf(choices, options = {}) {
    const written = isTitled(choices) ? { oneOf: titled(choices) } : { enum: untitled(choices) };
    return usable({ type: "string", ...written, ...options }) as unknown as ChoiceFor<(typeof choices)[number]>;
  },
  anyOf(choices, options = {}) {
    ordered("minItems", options.minItems, "maxItems", options.maxItems);
    const items = isTitled(choices) ? { anyOf: titled(choices) } : { type: "string", enum: untitled(choices) };
    return usable({ type: "array", items, ...options }) as unknown as ChoicesFor<(typeof choices)[number]>;
  },
  legacyOneOf(choices, options = {}) {
    const known = titled(choices);
    const written = { enum: known.map((choice) => choice.const), enumNames: known.map(({ title }) => title) };
    return usable({ type: "string", ...written, ...options });
  },
};

function isTitled(choices: readonly (string | TitledChoice)[]): choices is readonly TitledChoice[] {
  return typeof choices[0] === "object";
}

function titled<C extends TitledChoice>(choices: readonly C[]): readonly C[] {
  different(choices.map((choice) => choice.const));
  return choices.map((choice) => ({ ...choice }));
}

function untitled(choices: readonly (string | TitledChoice)[]): readonly string[] {
  different(choices);
  return [...(choices as readonly string[])];
}

function different(values: readonly unknown[]): void {
  if (values.length > 0 && values.every((value) => typeof value === "string") && new Set(values).size === values.length)
    return;
  throw useless("choices are different texts, at least one, and all of them titled or none");
}

function ordered(least: string, low: number | undefined, most: string, high: number | undefined): void {
  if (low !== undefined && high !== undefined && low > high) throw useless(`${least} is above ${most}`);
}

/** Members that are `undefined` are left out: on the wire they are not there either. */
function usable<F extends object>(field: F): F {
  const { default: value } = field as { default?: unknown };
  const expected = value === undefined ? undefined : unmet(field as { readonly [keyword: string]: unknown }, value);
  if (expected !== undefined) throw useless(`its default is not ${expected}`);
  return Object.fromEntries(Object.entries(field).filter(([, given]) => given !== undefined)) as F;
}

function useless(why: string): McpWireError {
  return new McpWireError("INVALID_USE", `A field of a form is of no use: ${why}.`, "Mend the field.");
}

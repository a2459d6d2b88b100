/**
 * The forms that a person fills in: what their fields may be, which type their values have, and whether an answer fits. Only keywords of
 * the restricted schema count: a pattern in somebody else's form is never run. Elicitation; requirements ELIC-20 to ELIC-33.
 */

import type { PrimitiveSchemaDefinition } from "../../generated/neutral/types.js";
import type { Failure } from "../../generated/prelude.js";

/** One field of a form: text, a number, yes or no, or a choice. */
export type FormField =
  | PrimitiveSchemaDefinition
  | { readonly type: "string" | "number" | "integer" | "boolean" | "array" };

/** A form: a flat object. Of `Form.object`, of TypeBox's `Type.Object`, or written out. */
export interface FormSchema {
  readonly type: "object";
  readonly properties: { readonly [name: string]: FormField };
  readonly required?: readonly string[] | undefined;
  readonly $schema?: string | undefined;
}

/** What a field can hold. */
export type FormValue = string | number | boolean | string[];

/** The values of a form that was accepted; fields that are not required may be absent. */
export type FormValues<S> = S extends { readonly properties: infer P }
  ? string extends keyof P
    ? { [name: string]: FormValue }
    : { -readonly [K in keyof P as K extends RequiredName<S> ? K : never]: ValueOf<P[K]> } & {
          -readonly [K in keyof P as K extends RequiredName<S> ? never : K]?: ValueOf<P[K]>;
        } extends infer Values
      ? // Without a name, so that editors show the fields.
        { [K in keyof Values]: Values[K] }
      : never
  : { [name: string]: FormValue };

type RequiredName<S> = S extends { readonly required: readonly (infer Name)[] } ? Name : never;
type ValueOf<F> = F extends { readonly type: infer T }
  ? T extends "boolean"
    ? boolean
    : T extends "number" | "integer"
      ? number
      : T extends "array"
        ? F extends { readonly items: infer I }
          ? ChoiceOf<I>[]
          : string[]
        : ChoiceOf<F>
  : FormValue;
type ChoiceOf<F> = F extends { readonly enum: readonly (infer C)[] }
  ? C & string
  : F extends { readonly oneOf: readonly { readonly const: infer C }[] }
    ? C & string
    : F extends { readonly anyOf: readonly { readonly const: infer C }[] }
      ? C & string
      : string;

type Loose = { readonly [keyword: string]: unknown };

/** Why the content of an accepted answer does not fit its form; empty where it does. */
export function formFailures(form: FormSchema, content: object): Failure[] {
  const given = content as Loose;
  const has = (name: string): boolean => Object.hasOwn(given, name) && given[name] !== undefined;
  const missing = (form.required ?? [])
    .filter((name) => !has(name))
    .map((name) => ({ pointer: below(name), expected: "a value", actual: "missing" }));
  const unfit = Object.entries(form.properties).flatMap(([name, field]) => {
    const expected = has(name) ? unmet(field as Loose, given[name]) : undefined;
    return expected === undefined ? [] : [{ pointer: below(name), expected, actual: nameOf(given[name]) }];
  });
  return [...missing, ...unfit];
}

/**
 * The content with the default of every field that has none, as a person leaves them who accepts the form as it was shown. A member that
 * is there and `undefined` was emptied on purpose: it gets no default and is left out. A default that does not fit its field is none.
 */
export function withDefaults(form: FormSchema, content: object): { [name: string]: unknown } {
  const filled = new Map(Object.entries(content).filter(([, value]) => value !== undefined));
  for (const [name, field] of Object.entries(form.properties)) {
    const { default: value } = field as Loose;
    if (value === undefined || Object.hasOwn(content, name) || unmet(field as Loose, value) !== undefined) continue;
    filled.set(name, structuredClone(value));
  }
  // Plain assignment would take a field called `__proto__` for a prototype.
  return Object.fromEntries(filled);
}

/** What a value of a field should be and is not; `undefined` where it fits. */
export function unmet(field: Loose, value: unknown): string | undefined {
  switch (field.type) {
    case "boolean":
      return typeof value === "boolean" ? undefined : "true or false";
    case "integer":
      return Number.isInteger(value) ? unmetBounds(field, value as number) : "a whole number";
    case "number":
      return typeof value === "number" && Number.isFinite(value) ? unmetBounds(field, value) : "a number";
    case "array":
      return unmetChoices(field, value);
    default:
      return typeof value === "string" ? unmetText(field, value) : "text";
  }
}

function unmetBounds({ minimum, maximum }: Loose, value: number): string | undefined {
  if (typeof minimum === "number" && value < minimum) return `at least ${minimum}`;
  return typeof maximum === "number" && value > maximum ? `at most ${maximum}` : undefined;
}

function unmetText(field: Loose, value: string): string | undefined {
  const choices = choicesOf(field);
  if (choices !== undefined) return choices.includes(value) ? undefined : oneOf(choices);
  const { minLength, maxLength, format } = field;
  if (typeof minLength === "number" && lengthOf(value) < minLength) return `at least ${minLength} characters`;
  if (typeof maxLength === "number" && lengthOf(value) > maxLength) return `at most ${maxLength} characters`;
  const fits = typeof format === "string" && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  return fits === undefined || fits(value) ? undefined : `text of the format ${String(format)}`;
}

function unmetChoices({ items, minItems, maxItems }: Loose, value: unknown): string | undefined {
  if (!Array.isArray(value)) return "a list";
  if (typeof minItems === "number" && value.length < minItems) return `at least ${minItems} choices`;
  if (typeof maxItems === "number" && value.length > maxItems) return `at most ${maxItems} choices`;
  const choices = choicesOf((items ?? {}) as Loose);
  const fits = (one: unknown): boolean => typeof one === "string" && (choices === undefined || choices.includes(one));
  return value.every(fits) ? undefined : `only ${choices === undefined ? "texts" : oneOf(choices)}`;
}

/** The values that a choice has, in whichever way they are written. */
function choicesOf(field: Loose): readonly unknown[] | undefined {
  if (Array.isArray(field.enum)) return field.enum;
  const titled = field.oneOf ?? field.anyOf;
  return Array.isArray(titled) ? titled.map((choice) => (choice as { const?: unknown } | null)?.const) : undefined;
}

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  email: (text) => text.length <= 320 && /^[^\s@]+@[^\s@]+$/.test(text),
  uri: (text) => /^[a-z][a-z0-9+.-]*:\S*$/i.test(text) && URL.canParse(text),
  date: isDate,
  "date-time": (text) => {
    const [, date = "", hour, minute, second] =
      /^(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/.exec(text) ?? [];
    // The sixtieth second is a leap second.
    return isDate(date) && Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;
  },
};

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function oneOf(choices: readonly unknown[]): string {
  return choices.map((choice) => JSON.stringify(choice)).join(" or ");
}

/** In characters, not in the halves of some of them. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _character of text) length++;
  return length;
}

function below(name: string): string {
  return `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** Never the value itself: what a person typed is not for error messages that travel. */
function nameOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** The type of a revision's `methods`, shared by all of them. Copied into every output folder beside the prelude. */

/** One method of a revision. */
export interface MethodEntry {
  /** `input` is a request inside an `InputRequiredResult`, which has no JSON-RPC envelope. */
  readonly kind: "request" | "notification" | "input";
  /** The sides that may send it. */
  readonly from: readonly ("client" | "server")[];
  /** Definition of the whole message. */
  readonly definition: string;
  /** Definition of `params` and its guard. */
  readonly params?: string;
  readonly isParams?: (value: unknown) => boolean;
  readonly paramsRequired: boolean;
  /** Definition of the result and its guard; absent for notifications. */
  readonly result?: string;
  readonly isResult?: (value: unknown) => boolean;
  /** Results that may stand in for it, and what selects each: a `resultType`, or a member of the request. */
  readonly alternatives?: readonly AlternativeEntry[];
  /** Dotted paths of the capabilities that each side must have declared. */
  readonly capabilities?: { readonly client?: string; readonly server?: string };
  /** Where params accept `task` (2025-11-25). */
  readonly taskAugmentable?: true;
  /** Where results carry `ttlMs` and `cacheScope`. */
  readonly cacheable?: true;
  /** HTTP header → dotted path in the message that it mirrors. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Identifier of the extension that brings the method. */
  readonly extension?: string;
}

export interface AlternativeEntry {
  readonly result: string;
  readonly isResult: (value: unknown) => boolean;
  readonly resultType?: string;
  readonly request?: string;
  /** Identifier of the extension that brings the alternative. */
  readonly extension?: string;
}

/** A revision's methods by name. */
export type MethodTable = Readonly<Record<string, MethodEntry>>;

/** An error code, and the guard of the whole response or of its `error` member, as the schema defines it. */
export interface ErrorEntry {
  readonly code: number;
  readonly isMessage?: (value: unknown) => boolean;
  readonly isError?: (value: unknown) => boolean;
}

/** A revision's error codes by name. */
export type ErrorTable = Readonly<Record<string, ErrorEntry>>;

/** What a check of messages needs to know of a revision. */
export interface RevisionTable {
  readonly methods: MethodTable;
  readonly errors: ErrorTable;
  /** The guard of a result whose method is not known. */
  readonly isResult: (value: unknown) => boolean;
  /** Where an error response must name its request. */
  readonly errorIdRequired: boolean;
}

/** Any JSON value, as the schema constants hold it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The JSON form of a diff: what `mcpwire diff --json` prints. Lists are in alphabetical order, empty lists stay, and a member
 * that does not apply is absent, so that two runs on the same revisions give the same text.
 */

import type { Era, MethodKind, Side } from "../model.js";

/**
 * Who breaks by a change; `codegen/diff/breaking.ts` has the rules.
 *
 * `sender`: sides whose messages of the old revision may be invalid now, or may not be sent any longer.
 * `receiver`: sides that know the old revision alone and can be handed something it did not allow.
 */
export interface Breaks {
  readonly sender: readonly Side[];
  readonly receiver: readonly Side[];
}

/** Everything that differs between two revisions. */
export interface Diff {
  /** Version of this form. It grows when a member changes its meaning or goes away. */
  readonly format: 1;
  readonly before: string;
  readonly after: string;
  readonly era?: EraChange;
  readonly traits: readonly TraitChange[];
  readonly errors: readonly ErrorChange[];
  /** The vocabulary of the specification itself. */
  readonly core: PartDiff;
  /** The vocabulary of each extension that either revision has. */
  readonly extensions: readonly ExtensionDiff[];
}

export interface EraChange {
  readonly before: Era;
  readonly after: Era;
  readonly breaks: Breaks;
}

/** A fact of the overlay that one of the two revisions has. */
export interface TraitChange {
  readonly trait: string;
  readonly change: "gained" | "lost";
  readonly breaks: Breaks;
}

export interface ErrorChange {
  readonly name: string;
  readonly change: "added" | "removed" | "code";
  /** The code; of an error that changed it, the new one. */
  readonly code: number;
  readonly codeBefore?: number;
  readonly breaks: Breaks;
}

/** What differs in one vocabulary: the core's or an extension's. */
export interface PartDiff {
  readonly definitions: DefinitionsDiff;
  readonly methods: MethodsDiff;
}

export interface ExtensionDiff extends PartDiff {
  readonly extension: string;
  /** `kept` where both revisions have the extension. */
  readonly status: "added" | "removed" | "kept";
}

/**
 * Definitions of the schemas. Those that the generator itself named are in none of the lists but `named`, `inlined` and
 * `changed`. Adding or removing a definition breaks nobody by itself: what refers to it is a change of its own.
 */
export interface DefinitionsDiff {
  readonly added: readonly MovedFrom[];
  readonly removed: readonly MovedTo[];
  readonly renamed: readonly Renamed[];
  /** Inlined before; the schema gives it a name now. */
  readonly named: readonly string[];
  /** Had a name before; the schema inlines it now. */
  readonly inlined: readonly string[];
  readonly changed: readonly DefinitionChange[];
}

export interface MovedFrom {
  readonly name: string;
  /** `core`, or the extension that had it before. */
  readonly movedFrom?: string;
  /** How a definition that moved differs from what it was. */
  readonly changes?: readonly PayloadChange[];
}

export interface MovedTo {
  readonly name: string;
  /** `core`, or the extension that has it now. */
  readonly movedTo?: string;
}

export interface Renamed {
  readonly before: string;
  readonly after: string;
}

export interface DefinitionChange {
  /** The name in the newer revision. */
  readonly name: string;
  /** The sides that send it in both revisions; empty where no message carries it. */
  readonly sentBy: readonly Side[];
  readonly changes: readonly PayloadChange[];
}

/** One difference inside a definition. */
export interface PayloadChange {
  /** Place in the payload: `a.b`, `a[]` for items, `a{}` for the values of a map, `a["odd key"]`; empty for the whole. */
  readonly path: string;
  readonly change: PayloadChangeKind;
  /**
   * What was and what is, in words: the type of a property that came or went, both types where a type changed, the value of
   * a constraint.
   */
  readonly before?: string;
  readonly after?: string;
  /** Name of the keyword, where `change` is `constraint`. */
  readonly constraint?: string;
  /** Members of an enumeration or union that are new, and those that are gone. */
  readonly added?: readonly string[];
  readonly removed?: readonly string[];
  /** Of a property that came or went: whether it is required. */
  readonly required?: boolean;
  readonly breaks: Breaks;
}

/**
 * `respelled` is a type that another schema text describes and that accepts the same values, or whose differences follow as
 * changes of their own.
 */
export type PayloadChangeKind =
  | "property-added"
  | "property-removed"
  | "now-required"
  | "now-optional"
  | "type"
  | "respelled"
  | "enum"
  | "constraint";

export interface MethodsDiff {
  readonly added: readonly MethodEntry[];
  readonly removed: readonly MethodEntry[];
  readonly changed: readonly MethodChanges[];
}

export interface MethodEntry {
  readonly method: string;
  readonly kind: MethodKind;
  readonly from: readonly Side[];
  readonly movedFrom?: string;
  readonly movedTo?: string;
  /** How a method that moved differs from what it was. */
  readonly changes?: readonly MethodChange[];
  readonly breaks: Breaks;
}

export interface MethodChanges {
  readonly method: string;
  readonly changes: readonly MethodChange[];
}

export interface MethodChange {
  readonly change:
    | "kind"
    | "from"
    | "params"
    | "params-required"
    | "result"
    | "alternative"
    | "capability"
    | "header"
    | "task-augmentable"
    | "cacheable";
  /** The one thing that changed, where the method has several: a header's name, the side whose capability it is. */
  readonly subject?: string;
  readonly before?: string;
  readonly after?: string;
  readonly breaks: Breaks;
}

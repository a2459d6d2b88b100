/**
 * Known mistakes of the upstream schemas, one row each. A row applies where the value at `pointer` equals `from`; a row that
 * does not apply is an error, so that a mended schema retires its row.
 */

import type { Json } from "../json.js";

export interface ErratumRow {
  readonly revision: string;
  /** JSON Pointer into `schema/<revision>.json`. */
  readonly pointer: string;
  readonly from: Json;
  readonly to: Json;
  readonly reason: string;
}

const FRACTIONS =
  "A form answer may be any number; the schema's source says number, the derived JSON says integer (TRAP-33).";

export const ERRATA: readonly ErratumRow[] = [
  {
    revision: "2025-06-18",
    pointer: "/$defs/ElicitResult/properties/content/additionalProperties/type",
    from: ["string", "integer", "boolean"],
    to: ["string", "number", "boolean"],
    reason: FRACTIONS,
  },
  {
    revision: "2025-11-25",
    pointer: "/$defs/ElicitResult/properties/content/additionalProperties/anyOf/1/type",
    from: ["string", "integer", "boolean"],
    to: ["string", "number", "boolean"],
    reason: FRACTIONS,
  },
  {
    revision: "2026-07-28",
    pointer: "/$defs/ElicitResult/properties/content/additionalProperties/anyOf/1/type",
    from: ["string", "integer", "boolean"],
    to: ["string", "number", "boolean"],
    reason: FRACTIONS,
  },
  {
    revision: "2026-07-28",
    pointer: "/$defs/JSONValue/anyOf/2/type",
    from: ["string", "integer", "boolean"],
    to: ["string", "number", "boolean", "null"],
    reason: "A JSON value may be null or a fractional number; the derived JSON lost both (TRAP-34).",
  },
];

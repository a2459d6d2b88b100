/** The levels of log entries in their order, which the generated enum does not keep (LOG-03). */

import type { LoggingLevel } from "../../generated/neutral/types.js";

const ORDER: readonly LoggingLevel[] = [
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
];

/** Whether an entry of `level` is severe enough for who asked for `wanted`; nobody asked where that is absent. */
export function reaches(level: LoggingLevel, wanted: LoggingLevel | undefined): boolean {
  return wanted !== undefined && ORDER.indexOf(level) >= ORDER.indexOf(wanted);
}

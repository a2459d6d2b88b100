/** What the referee's checks amount to: a verdict for each scenario, and the lines that tell it. */

import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** One thing that the referee looked at, as it writes it down. */
export interface RefereeCheck {
  readonly id: string;
  readonly status: string;
  readonly description?: string;
  readonly errorMessage?: string;
}

export interface Verdict {
  readonly scenario: string;
  readonly counts: Readonly<Record<Status, number>>;
  /** Each failure and each warning in words. */
  readonly notes: readonly string[];
  readonly passed: boolean;
}

const STATUSES = ["SUCCESS", "FAILURE", "WARNING", "SKIPPED"] as const;

type Status = (typeof STATUSES)[number];

/** Scenarios of what is not there yet, or that cannot prove anything. */
const LEFT_OUT = [{ prefix: "tasks-status-notifications", reason: "is always skipped by the referee" }];

/** The scenarios that are not run, by the reason why. */
export function leftOut(scenarios: readonly string[]): Map<string, string[]> {
  const named = LEFT_OUT.map(
    ({ prefix, reason }) => [reason, scenarios.filter((name) => name.startsWith(prefix))] as const,
  );
  return new Map(named.filter(([, names]) => names.length > 0).map(([reason, names]) => [reason, names]));
}

/** The checks that the referee left in a folder, by scenario. A scenario that broke off left none. */
export function readChecks(folder: string): Map<string, readonly RefereeCheck[]> {
  const found = new Map<string, readonly RefereeCheck[]>();
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (basename(path) !== "checks.json") continue;
    const scenario = dirname(path).replace(/-\d{4}-\d\d-\d\dT[^/]*$/, "");
    found.set(scenario, JSON.parse(readFileSync(join(folder, path), "utf8")) as RefereeCheck[]);
  }
  return found;
}

/**
 * Judges one scenario. It passes where something was found right, nothing was found wrong, and nothing gave cause for a warning.
 *
 * @param checks the referee's checks; `undefined` where it left none.
 * @param problem what else went wrong, such as a client that failed.
 */
export function judge(scenario: string, checks: readonly RefereeCheck[] | undefined, problem?: string): Verdict {
  const counts = { SUCCESS: 0, FAILURE: 0, WARNING: 0, SKIPPED: 0 };
  const notes: string[] = [];
  for (const { status, id, errorMessage, description } of checks ?? []) {
    if (Object.hasOwn(counts, status)) counts[status as Status]++;
    if (status === "FAILURE" || status === "WARNING") notes.push(`${status} ${id}: ${errorMessage ?? description}`);
  }
  if (checks === undefined) notes.push("FAILURE: the referee left no checks");
  else if (counts.SUCCESS === 0) notes.push("FAILURE: nothing was found right, so nothing was proved");
  if (problem !== undefined) notes.push(`FAILURE: ${problem}`);
  return { scenario, counts, notes, passed: notes.length === 0 };
}

export function headline(): string {
  return row(STATUSES, "scenario");
}

/** A line of counts, and one for each warning and failure. */
export function tell({ scenario, counts, notes }: Verdict, remark = ""): string {
  const line = row(
    STATUSES.map((status) => String(counts[status])),
    `${scenario}${remark}`,
  );
  return [line, ...notes.map((note) => row(["", "", "", ""], `  ${note}`))].join("\n");
}

function row(cells: readonly string[], last: string): string {
  return `  ${cells.map((cell) => cell.padStart(7)).join(" ")}  ${last}`;
}

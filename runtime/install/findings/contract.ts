/** What a rule sees of a command, and what it says. */

/** How bad: `danger` can take the machine over at once, `caution` is for a second look. */
export type Severity = "danger" | "caution";

/** Something about a command that a person should know before saying yes. */
export interface Finding {
  /** A stable name, such as `shell-code`. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence for the person. It quotes nothing of the command. */
  readonly message: string;
  /** Which part: `command`, `name`, `cwd`, `args/0`, `env/PATH`. */
  readonly part: string;
}

/** One program that the command runs, itself or by a program that starts others. */
export interface Run {
  /** The program's name without folders and ending, in lower case. */
  readonly program: string;
  /** As it is written. */
  readonly written: string;
  readonly args: readonly string[];
  /** Parts that the arguments are, in the same order. */
  readonly parts: readonly string[];
  readonly part: string;
}

/** The findings without those that say the same of the same part once more. */
export function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((one) => [`${one.part} ${one.code}`, one])).values()];
}

export function danger(code: string, part: string, message: string): Finding {
  return { code, severity: "danger", message, part };
}

export function caution(code: string, part: string, message: string): Finding {
  return { code, severity: "caution", message, part };
}

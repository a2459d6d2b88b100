/** How a command says that it cannot go on: one line with what is wrong, where, and the way out, and an exit code. */

export interface FailureParts {
  readonly what: string;
  readonly where: string;
  readonly wayOut: string;
  readonly cause?: unknown;
}

/** Findings, such as a file that is not what it should be. */
export const EXIT_FINDINGS = 1;
/** Input that nothing can be done with, bad usage included. */
export const EXIT_UNUSABLE = 2;

/** Unusable input, told in the three parts that every complaint has. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly parts: FailureParts;

  constructor(parts: FailureParts) {
    super(parts.what, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.parts = parts;
  }
}

/** Prints one line on stderr, the stack trace only on demand, and returns the exit code. */
export function report(error: unknown): number {
  const { what, where, wayOut } = partsOf(error);
  process.stderr.write(`${oneLine(`mcpwire: ${[what, where, wayOut].filter((part) => part !== "").join(", ")}`)}\n`);
  if (isDebugging() && error instanceof Error) process.stderr.write(`${stackOf(error)}\n`);
  return isStale(error) ? EXIT_FINDINGS : EXIT_UNUSABLE;
}

function isDebugging(): boolean {
  return process.argv.includes("--debug") || (process.env.DEBUG ?? "") !== "";
}

const CHECK_PATH = "check the path and the permissions";

function partsOf(error: unknown): FailureParts {
  if (error instanceof Failure) return error.parts;
  if (isGeneratorError(error)) return generatorParts(error);
  if (isSystemError(error)) {
    const where = error.path ?? error.syscall ?? "";
    return { what: reasonOf(error), where, wayOut: CHECK_PATH };
  }
  const what = error instanceof Error ? error.message : String(error);
  return { what, where: "in mcpwire itself", wayOut: "run again with --debug and report the trace" };
}

/** What the generator throws, known by its name: the generator is loaded by the commands that need it only. */
interface GeneratorFailure extends Error {
  readonly code: string;
  readonly source: string | undefined;
  readonly pointer: string | undefined;
}

function isGeneratorError(error: unknown): error is GeneratorFailure {
  return error instanceof Error && error.name === "GeneratorError";
}

function isStale(error: unknown): boolean {
  return isGeneratorError(error) && error.code === "STALE_OUTPUT";
}

/** The generator writes `<source>#<pointer>: <what>; <way out>`. */
function generatorParts({ message, source, pointer, cause }: GeneratorFailure): FailureParts {
  const where = source === undefined ? "" : `${source}${pointer === undefined ? "" : `#${pointer}`}`;
  if (isSystemError(cause) && cause.code !== "ENOENT") return { what: reasonOf(cause), where, wayOut: CHECK_PATH };
  const rest = where !== "" && message.startsWith(`${where}: `) ? message.slice(where.length + 2) : message;
  const [what = "", ...ways] = rest.split("; ");
  return { what, where, wayOut: ways.join("; ") || "give the schema.json of a revision" };
}

/** Node writes `EISDIR: illegal operation on a directory, read`; the words between are the reason. */
function reasonOf(error: NodeJS.ErrnoException): string {
  return error.message.replace(/^[A-Z_]+: /, "").replace(/, \w+( '.*')?$/, "");
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "code" in error;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
}

/** The trace with those of its causes, whichever of them says most. */
function stackOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by: ${stackOf(error.cause)}` : own;
}

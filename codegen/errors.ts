/** The one error of the generator: what is wrong with an input, where, and the way out. */

/** Codes of {@link GeneratorError}. */
export type GeneratorErrorCode =
  | "NOT_A_SCHEMA"
  | "UNKNOWN_KEYWORD"
  | "UNKNOWN_FORM"
  | "UNKNOWN_REFERENCE"
  | "UNUSED_ERRATUM"
  | "UNKNOWN_ROLE"
  | "NO_RESULT_RULE"
  | "NAME_CONFLICT"
  | "UNKNOWN_REVISION"
  | "STALE_OUTPUT"
  | "UNREADABLE_INPUT";

/**
 * Thrown by every phase of the generator.
 *
 * `pointer` is a JSON Pointer (RFC 6901) into the file named by `source`; both are absent where no place can be named.
 */
export class GeneratorError extends Error {
  override readonly name = "GeneratorError";
  readonly code: GeneratorErrorCode;
  readonly source: string | undefined;
  readonly pointer: string | undefined;

  constructor(
    code: GeneratorErrorCode,
    message: string,
    place: { source?: string; pointer?: string; cause?: unknown } = {},
  ) {
    const where =
      place.source === undefined ? "" : `${place.source}${place.pointer === undefined ? "" : `#${place.pointer}`}: `;
    super(`${where}${message}`, place.cause === undefined ? undefined : { cause: place.cause });
    this.code = code;
    this.source = place.source;
    this.pointer = place.pointer;
  }
}

/** Appends one reference token to a JSON Pointer, escaped as RFC 6901 section 3 says. */
export function pointerTo(base: string, token: string | number): string {
  return `${base}/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

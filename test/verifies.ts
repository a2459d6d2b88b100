/** Marks a test with the requirements it proves, so that coverage of the specification can be counted in the titles. */

/** The suffix of a test's title: `verifies("STDIO-01", "STDIO-02")` is ` [STDIO-01 STDIO-02]`. */
export function verifies(...ids: string[]): string {
  return ids.length === 0 ? "" : ` [${ids.join(" ")}]`;
}

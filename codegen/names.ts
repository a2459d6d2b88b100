/** Names: every definition must be able to be the name of a type and, after `is`, of a guard, beside what is generated anyway. */

import { guardName } from "./emit/guard-scope.js";
import { GeneratorError, pointerTo } from "./errors.js";

/** Words that TypeScript keeps for itself where a type is declared. */
const KEYWORDS =
  "any as async await bigint boolean break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof interface keyof let never new null number object package private protected public readonly return static string super switch symbol this throw true try type typeof undefined unknown unique var void while with yield";

/** What the files of a revision export or use themselves. */
const OWN =
  "Array ClientNotifications ClientRequests Definitions ErrorEntry ErrorName Failure InputRequestMethods MethodEntry MethodName Number Object Readonly Record ServerNotifications ServerRequests errors explain lastFailure methods revision";

const TAKEN: ReadonlyMap<string, string> = new Map([
  ...KEYWORDS.split(" ").map((word) => [word, "is a word of TypeScript"] as const),
  ...OWN.split(" ").map((word) => [word, "is a name that the generated files need"] as const),
]);

/** @throws GeneratorError `NAME_CONFLICT` for a name that cannot stand in the generated files. */
export function checkNames(definitions: readonly string[], source: string): void {
  const guards = new Map<string, string>();
  for (const name of definitions) {
    const other = guards.get(guardName(name));
    const reason = TAKEN.get(name) ?? (other === undefined ? undefined : `has the same guard as ${other}`);
    if (reason !== undefined) {
      const message = `${JSON.stringify(name)} ${reason}; the definition needs another name`;
      throw new GeneratorError("NAME_CONFLICT", message, { source, pointer: pointerTo("/$defs", name) });
    }
    guards.set(guardName(name), name);
  }
}

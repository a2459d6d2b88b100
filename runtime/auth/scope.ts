/** Which scopes to ask for, and when asking for more can help. SEP-835; requirements AUTH-71 to AUTH-73, AUTH-79 to AUTH-82, AUTH-89. */

/** What is known when scopes are chosen. */
export interface ScopeFacts {
  /** The scopes of the challenge, which say what this operation needs. */
  readonly challenged: readonly string[] | undefined;
  /** The scopes that the resource publishes. */
  readonly supported: readonly string[] | undefined;
  /** What the application wants in any case. */
  readonly wanted: readonly string[] | undefined;
  /** What was asked for before at the same authorization server, for the same resource. */
  readonly before: readonly string[] | undefined;
  /** Whether what was granted before did not do. */
  readonly insufficient: boolean;
}

/** The scopes to ask for; none means that the parameter is left out. */
export function chooseScopes({ challenged, supported, wanted, before, insufficient }: ScopeFacts): string[] {
  const knows = !insufficient && (wanted !== undefined || before !== undefined);
  const published = knows ? [] : (supported ?? []);
  return [...new Set([...(before ?? []), ...(wanted ?? []), ...(challenged ?? published)])];
}

/** What a challenge asks for beyond what was asked for already; asking again for the same would be refused again. */
export function missingScopes(challenged: readonly string[], before: readonly string[]): string[] {
  return challenged.filter((scope) => !before.includes(scope));
}

/** `offline_access` is asked for where the authorization server has it, and never on the word of the resource alone. */
export function withOfflineAccess(
  scopes: readonly string[],
  supportedByServer: unknown,
  wanted: boolean,
): readonly string[] {
  const offered = Array.isArray(supportedByServer) && supportedByServer.includes("offline_access");
  return wanted && offered && !scopes.includes("offline_access") ? [...scopes, "offline_access"] : scopes;
}

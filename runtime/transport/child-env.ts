/**
 * Which variables of this process a child gets to see (STDIO-41): enough to find programs, a home and a language, and no secrets
 * that happen to be set.
 */

const POSIX = ["HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER"];

const WINDOWS = [
  "APPDATA",
  "COMSPEC",
  "HOMEDRIVE",
  "HOMEPATH",
  "LOCALAPPDATA",
  "NUMBER_OF_PROCESSORS",
  "PATH",
  "PATHEXT",
  "PROCESSOR_ARCHITECTURE",
  "PROGRAMDATA",
  "PROGRAMFILES",
  "SYSTEMDRIVE",
  "SYSTEMROOT",
  "TEMP",
  "TMP",
  "USERNAME",
  "USERPROFILE",
  "WINDIR",
];

/** The names that are inherited by default on this platform. */
export const DEFAULT_ENV_NAMES: readonly string[] = process.platform === "win32" ? WINDOWS : POSIX;

/**
 * The environment for a child: the inherited names that are set here, and over them what `env` says.
 * Shell functions that some shells export as variables are left out.
 */
export function childEnv(
  inherit: readonly string[] | "all",
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = inherit === "all" ? Object.keys(process.env) : inherit;
  const result: Record<string, string> = {};
  for (const name of names) {
    const value = process.env[name];
    if (value !== undefined && !value.startsWith("()")) result[name] = value;
  }
  return { ...result, ...env };
}

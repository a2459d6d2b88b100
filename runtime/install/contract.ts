/** What an installation is: the exact command of a server, where it came from, and what is still to be said by the person. */

/** Where a text came from, for the person to read. */
export type InstallationSource = "link" | "configuration" | "registry" | "command";

/** A value that only the person can give. */
export interface InstallationInput {
  readonly id: string;
  readonly description: string;
  /** Whether it is to be kept out of sight. */
  readonly secret: boolean;
  readonly default: string | undefined;
  /** The values that are allowed; absent where any is. */
  readonly choices: readonly string[] | undefined;
  readonly required: boolean;
}

/**
 * A server that somebody offers to install. It is data: nothing has been run, looked up or fetched.
 *
 * Where `url` is there, the server runs elsewhere, `command` is empty, and there is nothing to agree to. Text may hold
 * `${input:id}` for inputs that {@link fillInputs} has not filled yet.
 */
export interface Installation {
  /** As the text says; only the person can tell whether it is true. */
  readonly name: string;
  readonly source: InstallationSource;
  /** A program, by name or path. No shell reads it. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Names of variables in `env` whose values are not shown. */
  readonly secretEnv: readonly string[];
  /** Working directory; absent where the text names none. */
  readonly cwd: string | undefined;
  readonly url: string | undefined;
  readonly inputs: readonly InstallationInput[];
  /** Values of inputs, by id. */
  readonly values: Readonly<Record<string, string>>;
  /** What the text also asks for and is not done, for the person to read. */
  readonly ignored: readonly string[];
}

/** A command, ready to be agreed to: nothing in it is left open. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Names of this process's variables that it gets as well. */
  readonly inheritEnv: readonly string[];
}

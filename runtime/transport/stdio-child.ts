/**
 * The client end of stdio: a server started as a child process. Requirements STDIO-01 to STDIO-13, STDIO-26 to STDIO-28, STDIO-41.
 * Starting one runs a program with the user's rights: consent (SEC-01 to SEC-07) is asked for before `open` is called.
 */

import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { existsSync } from "node:fs";
import crossSpawn from "cross-spawn";
import { ConnectionError, type McpWireError } from "../errors.js";
import type { Channel, ChannelEvents } from "../jsonrpc/channel.js";
import type { RpcPayload } from "../jsonrpc/message.js";
import { type ChildExit, endChild } from "./child-end.js";
import { childEnv, DEFAULT_ENV_NAMES } from "./child-env.js";
import type { LineWriter } from "./line-writer.js";
import { forgetGroup, OWN_GROUP, rememberGroup } from "./process-group.js";
import { createStreamChannel, type StreamChannel, type StreamLimits } from "./streams.js";

/** What to start, and how to end it. */
export interface ChildOptions extends StreamLimits {
  /** A program, by name or path; no shell reads it. */
  readonly command: string;
  readonly args?: readonly string[];
  /** Working directory. Default: this process's. */
  readonly cwd?: string;
  /** Variables for the child, over the inherited ones. */
  readonly env?: Readonly<Record<string, string>>;
  /** Names of this process's variables that the child inherits, or all of them. Default {@link DEFAULT_ENV_NAMES}. */
  readonly inheritEnv?: readonly string[] | "all";
  /** What happens to the child's stderr besides being kept: nothing, on to this process's stderr, or to a function. Default `"keep"`. */
  readonly stderr?: "keep" | "pass" | ((text: string) => void);
  /** Characters of stderr that are kept, the last ones. Default 65 536. */
  readonly stderrKept?: number;
  /** Milliseconds from closing stdin to SIGTERM. Default 2 000. */
  readonly endMs?: number;
  /** Milliseconds from SIGTERM to SIGKILL. Default 2 000. */
  readonly termMs?: number;
}

/** A channel to a child process. */
export interface ChildChannel extends Channel {
  /** Absent before `open` and when the program could not be started. */
  readonly pid: number | undefined;
  /** The end of what the child wrote to stderr. It is no sign of failure (STDIO-12). */
  readonly stderr: string;
  /** How the child ended, once it has. */
  readonly exit: ChildExit | undefined;
}

/** How long a dead child's last words may take to arrive when something else still holds its stdout. */
const LAST_WORDS_MS = 250;

/**
 * Makes the channel; `open` starts the program, and rejects with `ConnectionError` `SPAWN_FAILED` when that fails.
 * A child that ends by itself closes the channel with `PEER_EXITED`; `close` ends it: stdin is closed, then the whole process group gets
 * SIGTERM, then SIGKILL. On Windows the last two are one `taskkill` of the tree.
 */
export function createChildChannel(options: ChildOptions): ChildChannel {
  return new ChildProcessChannel(options);
}

class ChildProcessChannel implements ChildChannel {
  exit: ChildExit | undefined = undefined;
  stderr = "";
  readonly #options: ChildOptions;
  readonly #exited: Promise<void>;
  #sayExited = (): void => undefined;
  #child: ChildProcessWithoutNullStreams | undefined = undefined;
  #channel: StreamChannel | undefined = undefined;
  #spawnFailure: ConnectionError | undefined = undefined;

  constructor(options: ChildOptions) {
    this.#options = options;
    this.#exited = new Promise((resolve) => {
      this.#sayExited = resolve;
    });
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async open(events: ChannelEvents): Promise<void> {
    let child: ChildProcessWithoutNullStreams;
    try {
      child = this.#spawn();
    } catch (cause) {
      const failure = this.#spawnError(cause);
      events.onclose(failure);
      throw failure;
    }
    this.#child = child;
    this.#channel = createStreamChannel({
      input: child.stdout,
      output: child.stdin,
      limits: this.#options,
      pauseWhenCongested: false,
      halfClose: false,
      release: (reason, writer) => this.#release(child, reason, writer),
    });
    this.#channel.open(events);
    this.#keepStderr(child);
    child.on("exit", (code, signal) => this.#onexit({ code, signal }));
    if (child.pid !== undefined) rememberGroup(child.pid);
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.on("error", (cause) => {
        if (child.pid !== undefined) return;
        this.#spawnFailure = this.#spawnError(cause);
        this.#sayExited();
        this.#channel?.abandon(this.#spawnFailure);
        reject(this.#spawnFailure);
      });
    });
  }

  send(message: RpcPayload): Promise<void> | undefined {
    if (this.#channel === undefined)
      throw new ConnectionError("NOT_OPEN", "The channel is not open.", "Call `open` before sending.");
    return this.#channel.send(message);
  }

  close(): Promise<void> {
    return this.#channel?.close() ?? Promise.resolve();
  }

  #spawn(): ChildProcessWithoutNullStreams {
    const { command, args = [], cwd, env = {}, inheritEnv = DEFAULT_ENV_NAMES } = this.#options;
    return crossSpawn(command, [...args], {
      cwd,
      env: childEnv(inheritEnv, env),
      stdio: ["pipe", "pipe", "pipe"],
      detached: OWN_GROUP,
      windowsHide: true,
    }) as ChildProcessWithoutNullStreams;
  }

  #spawnError(cause: unknown): ConnectionError {
    const { command, cwd } = this.#options;
    const { code = "", message = String(cause) } = cause as { code?: string; message?: string };
    const problem = `The program ${JSON.stringify(command)} could not be started: `;
    if (code === "ENOENT" && cwd !== undefined && !existsSync(cwd)) {
      return new ConnectionError(
        "SPAWN_FAILED",
        `${problem}its working directory ${cwd} does not exist.`,
        "Correct `cwd`.",
        cause,
      );
    }
    if (code === "ENOENT") {
      const wayOut = "Install it, give its full path, or put its folder into PATH through `env`.";
      return new ConnectionError("SPAWN_FAILED", `${problem}command not found.`, wayOut, cause);
    }
    const wayOut = code === "EACCES" ? "Make the file executable." : "See `cause`.";
    return new ConnectionError("SPAWN_FAILED", `${problem}${message}.`, wayOut, cause);
  }

  /** The pipe must be drained, or the child would block on a full one (STDIO-13). */
  #keepStderr(child: ChildProcessWithoutNullStreams): void {
    const { stderr = "keep", stderrKept = 65_536 } = this.#options;
    child.stderr.setEncoding("utf8");
    child.stderr.on("data", (text: string) => {
      this.stderr = (this.stderr + text).slice(-stderrKept);
      if (stderr === "pass") process.stderr.write(text);
      else if (stderr !== "keep") stderr(text);
    });
    // Nothing depends on stderr; that it broke is not worth an uncaught exception.
    child.stderr.on("error", () => child.stderr.destroy());
  }

  #onexit(exit: ChildExit): void {
    this.exit = exit;
    this.#sayExited();
    // The end of stdout usually comes at once and ends the channel; a grandchild that holds it must not delay that.
    setTimeout(() => this.#channel?.abandon(this.#exitError(exit, undefined)), LAST_WORDS_MS).unref();
  }

  async #release(
    child: ChildProcessWithoutNullStreams,
    reason: McpWireError | undefined,
    writer: LineWriter,
  ): Promise<McpWireError | undefined> {
    if (this.#spawnFailure !== undefined) return this.#spawnFailure;
    const { endMs = 2_000, termMs = 2_000 } = this.#options;
    writer.submit();
    child.stdin.end();
    const byItself = await endChild(child, this.#exited, endMs, termMs);
    if (child.pid !== undefined) forgetGroup(child.pid);
    // Something that left the group may still hold the pipes, and would keep this process alive.
    child.stdout.destroy();
    child.stderr.destroy();
    if (reason === undefined || !byItself || this.exit === undefined) return reason;
    return this.#exitError(this.exit, reason);
  }

  #exitError({ code, signal }: ChildExit, cause: McpWireError | undefined): ConnectionError {
    const how = signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
    const words = this.stderr.trim().slice(-500);
    const problem = `The program ${JSON.stringify(this.#options.command)} ${how}.${words === "" ? "" : ` Its last words on stderr were: ${words}\n`}`;
    return new ConnectionError(
      "PEER_EXITED",
      problem,
      "Start it again; if it ends again, run the command by hand.",
      cause,
    );
  }
}

/**
 * Opens a page in the person's own browser, which neither this process nor a model can look into. The address may be a stranger's: only
 * web addresses pass, and no shell ever sees them. Requirements SEC-27 to SEC-30, ELIC-54, ELIC-58.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { McpWireError } from "../errors.js";
import { openableUrl } from "./address.js";

/** How to open. */
export interface OpenUrlOptions {
  /** Program and leading arguments; the address is added as the last one. Default: what the platform has for it. */
  readonly command?: readonly [program: string, ...args: string[]];
  /** Default: this one. */
  readonly platform?: NodeJS.Platform;
  /** Milliseconds to wait for the program to fail; it may as well run for as long as the browser does. Default 3 000. */
  readonly waitMs?: number;
}

/**
 * Opens an address in the browser of the system, once {@link openableUrl} let it pass. The person agreed before; this asks nobody.
 *
 * Throws `McpWireError` `URL_REFUSED`, and `OPEN_FAILED` where there is no program to open with, or where it failed within `waitMs`.
 */
export async function openUrl(address: string | URL, options: OpenUrlOptions = {}): Promise<void> {
  const { href } = openableUrl(address);
  const [program, ...args] = options.command ?? commandOf(options.platform ?? process.platform);
  await run(program, [...args, href], options.waitMs ?? 3_000);
}

function commandOf(platform: NodeJS.Platform): readonly [string, ...string[]] {
  if (platform === "darwin") return ["/usr/bin/open"];
  if (platform !== "win32") return ["xdg-open"];
  // `start` is a command of the shell; this is what it would call.
  return [`${process.env.SystemRoot ?? "C:\\Windows"}\\System32\\rundll32.exe`, "url.dll,FileProtocolHandler"];
}

function run(program: string, args: readonly string[], waitMs: number): Promise<void> {
  const failed = (what: string, cause?: unknown): McpWireError =>
    new McpWireError("OPEN_FAILED", `${program} ${what}.`, "Open the address by hand.", cause);
  return new Promise((resolve, reject) => {
    let child: ChildProcess;
    try {
      child = spawn(program, args, { shell: false, stdio: "ignore", detached: true, windowsHide: true });
    } catch (error) {
      // An address that is longer than programs may be given, among others.
      reject(failed("could not be started", error));
      return;
    }
    const patience = setTimeout(() => {
      child.unref();
      resolve();
    }, waitMs);
    child.once("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(patience);
      reject(failed(error.code === "ENOENT" ? "is not there to open pages with" : "could not be started", error));
    });
    child.once("exit", (code, signal) => {
      clearTimeout(patience);
      if (code === 0) resolve();
      else reject(failed(code === null ? `was ended by ${signal}` : `ended with exit code ${code}`));
    });
  });
}

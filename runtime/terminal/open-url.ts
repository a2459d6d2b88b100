/**
 * Opens a page in the person's own browser, which neither this process nor a model can look into. The address may be a stranger's: only
 * web addresses pass, and no shell ever sees them. Requirements SEC-27 to SEC-30, ELIC-54, ELIC-58.
 */

import { spawn } from "node:child_process";
import { McpWireError } from "../errors.js";
import { visibleText } from "./visible.js";

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
 * The address, if it is one to open: `https`, or `http` on this machine, written without anything that programs read in different ways
 * (backslashes, spaces, control characters, a user's name before the host). The host is in its ASCII form, so that a look-alike of a
 * known name shows as `xn--…`.
 *
 * Throws `McpWireError` `URL_REFUSED`.
 */
export function openableUrl(address: string | URL): URL {
  const text = typeof address === "string" ? address : address.href;
  const refuse = (why: string): McpWireError =>
    new McpWireError(
      "URL_REFUSED",
      `The address "${visibleText(text)}" is not opened: ${why}.`,
      "Only https addresses, and http addresses of this machine, are.",
    );
  if (/[\\\s\p{C}]/u.test(text)) throw refuse("it has backslashes, spaces or invisible characters");
  if (!URL.canParse(text)) throw refuse("it is no absolute URL");
  const url = new URL(text);
  const { protocol, hostname, username, password } = url;
  if (protocol !== "https:" && !(protocol === "http:" && isLoopback(hostname)))
    throw refuse(protocol === "http:" ? "it is not encrypted" : `its scheme is ${protocol.slice(0, -1)}`);
  if (username !== "" || password !== "")
    throw refuse(`it names a user, so that its host, ${url.host}, is easily misread`);
  return url;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
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
    const child = spawn(program, args, { shell: false, stdio: "ignore", detached: true, windowsHide: true });
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

/**
 * Signals to a child and everything it started. On POSIX the child leads a process group of its own; on Windows `taskkill` walks the tree.
 * Requirements STDIO-26, STDIO-27.
 */

import { type ChildProcess, spawn } from "node:child_process";

const windows = process.platform === "win32";

/** Leaders whose groups must not outlive this process: being leaders, they do not get the terminal's Ctrl-C. */
const leaders = new Set<number>();

/** Whether children are to be spawned `detached`, which makes them leaders of groups. */
export const OWN_GROUP: boolean = !windows;

/** Remembers a leader until {@link forgetGroup}; if this process exits before that, the group is asked to end. */
export function rememberGroup(pid: number): void {
  if (windows) return;
  if (leaders.size === 0) process.on("exit", endGroups);
  leaders.add(pid);
}

export function forgetGroup(pid: number): void {
  leaders.delete(pid);
  if (leaders.size === 0) process.off("exit", endGroups);
}

function endGroups(): void {
  for (const pid of leaders) signalGroup(pid, "SIGTERM");
}

/** Whether anything of the group is left; on Windows only the child itself can be asked for. */
export function groupAlive(child: ChildProcess): boolean {
  if (windows) return child.exitCode === null && child.signalCode === null;
  return child.pid !== undefined && signalGroup(child.pid, 0);
}

/** Sends a signal to the whole group. Windows knows no polite way, so SIGTERM does nothing there. */
export function killGroup(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (child.pid === undefined) return;
  if (!windows) {
    signalGroup(child.pid, signal);
  } else if (signal === "SIGKILL") {
    const killer = spawn("taskkill", ["/pid", String(child.pid), "/T", "/F"], { stdio: "ignore", windowsHide: true });
    killer.on("error", () => child.kill("SIGKILL"));
  }
}

/** False when there is nothing (any more) to signal. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    // EPERM means that something is there which is not ours to signal.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

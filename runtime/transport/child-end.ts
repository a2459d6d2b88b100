/**
 * Ends a child whose stdin is closed, together with everything it started, however unwilling.
 * The order and its patience: requirements STDIO-26, STDIO-27.
 */

import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { within } from "./patience.js";
import { groupAlive, killGroup } from "./process-group.js";

/** How a process ended: one of the two is not null. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How long after SIGKILL the remains may take to vanish; where nobody collects orphans (some containers) they never do. */
const KILL_MS = 500;
const POLL_MS = 10;

/**
 * Waits for the child, then signals what is left of its group: SIGTERM, and after `termMs` SIGKILL.
 * `exited` must resolve when the child has. Gives whether the child itself ended without a signal from here.
 */
export async function endChild(
  child: ChildProcess,
  exited: Promise<void>,
  endMs: number,
  termMs: number,
): Promise<boolean> {
  const byItself = await within(endMs, exited);
  if (!groupAlive(child)) return byItself;
  killGroup(child, "SIGTERM");
  if (!(await groupGone(child, termMs))) {
    killGroup(child, "SIGKILL");
    await groupGone(child, KILL_MS);
  }
  await within(KILL_MS, exited);
  return byItself;
}

async function groupGone(child: ChildProcess, ms: number): Promise<boolean> {
  const end = performance.now() + ms;
  while (groupAlive(child)) {
    if (performance.now() >= end) return false;
    await sleep(POLL_MS);
  }
  return true;
}

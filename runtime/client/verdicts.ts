/** What servers were found to speak, so that they need not be probed each time. Requirements LIFE-79, LIFE-80. */

import type { Revision } from "../../generated/revisions.js";
import { type McpWireError, toWireError } from "../errors.js";

/** Keeps the revision agreed on by a key that tells the target, without its secrets, and the revisions of the client. */
export interface VerdictStore {
  get(key: string): Revision | undefined | Promise<Revision | undefined>;
  set(key: string, revision: Revision): unknown;
}

/** More targets than this are not remembered. */
const MAX_KEPT = 1_000;

const kept = new Map<string, Revision>();

/** For as long as this process runs. */
export const processVerdicts: VerdictStore = {
  get: (key) => kept.get(key),
  set(key, revision) {
    kept.delete(key);
    kept.set(key, revision);
    if (kept.size <= MAX_KEPT) return;
    for (const oldest of kept.keys()) {
      kept.delete(oldest);
      return;
    }
  },
};

/** The verdict on one target; a store that fails costs a probe and no more. */
export interface Verdict {
  read(): Promise<Revision | undefined>;
  write(revision: Revision): Promise<void>;
}

export function createVerdict(
  store: VerdictStore | false,
  key: string | undefined,
  report: (error: McpWireError) => void,
): Verdict {
  const failed = (error: unknown): void => report(toWireError(error, "The store of verdicts"));
  let last: Revision | undefined;
  return {
    async read() {
      if (store === false || key === undefined) return undefined;
      try {
        last = await store.get(key);
      } catch (error) {
        failed(error);
      }
      return last;
    },
    async write(revision) {
      if (store === false || key === undefined || revision === last) return;
      try {
        await store.set(key, revision);
      } catch (error) {
        failed(error);
      }
    },
  };
}

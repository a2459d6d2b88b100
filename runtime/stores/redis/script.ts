/** A Lua script, which Redis runs as one step: sent by its digest, and in full where the server does not know it yet. */

import { createHash } from "node:crypto";

export interface Script {
  readonly lua: string;
  readonly digest: string;
}

/** The script has to be safe to run twice: what was sent when a connection broke is sent again. */
export function createScript(lua: string): Script {
  return { lua, digest: createHash("sha1").update(lua).digest("hex") };
}

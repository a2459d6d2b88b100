/** The wire of one row: a server behind a tap, and the address by which a client reaches it. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Address } from "../drivers/driver.js";
import type { Row } from "../rows.js";
import { type Conversation, readConversations } from "./transcript.js";

export interface Wire {
  readonly address: Address;
  /** What passed so far, one for each connection or session. */
  conversations(): readonly Conversation[];
  /** Breaks every stream that is open. */
  cut(): void;
  close(): Promise<void>;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The program that serves on stdio; the revisions are those of this package's server. */
const STDIO: Readonly<Record<string, readonly string[]>> = {
  mcpwire: [here("../servers/mcpwire.mjs"), "stdio"],
  "official v1": [here("../servers/official-v1-stdio.mjs")],
  "official v2": [here("../servers/official-v2-stdio.mjs")],
  fastmcp: [here("../servers/fastmcp.mjs"), "stdio"],
  everything: [here("../node_modules/@modelcontextprotocol/server-everything/dist/index.js"), "stdio"],
};

export async function openWire(row: Row): Promise<Wire> {
  const narrowed = row.server === "mcpwire" && row.alone ? [row.revision] : [];
  return openStdioWire([...(STDIO[row.server] ?? []), ...narrowed]);
}

function openStdioWire(program: readonly string[]): Wire {
  const folder = mkdtempSync(join(tmpdir(), "mcpwire-interop-"));
  return {
    address: { command: process.execPath, args: [here("./stdio-tap.mjs"), folder, process.execPath, ...program] },
    conversations: () => readConversations(folder),
    cut() {
      throw new Error("A pipe cannot be cut and come back.");
    },
    async close() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The wire of one row: a server behind a tap, and the address by which a client reaches it. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Address } from "../drivers/driver.js";
import type { Row } from "../rows.js";
import { openHttpTap } from "./http-tap.js";
import { startServer } from "./server-process.js";
import { type Conversation, readConversations } from "./transcript.js";

export interface Wire {
  readonly address: Address;
  /** What passed so far, one for each connection or session. */
  conversations(): readonly Conversation[];
  /** What this package's server reported as wrong, where it is the server. */
  reports(): readonly string[];
  /** Breaks every stream that is open. */
  cut(): void;
  close(): Promise<void>;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const everything = here("../node_modules/@modelcontextprotocol/server-everything/dist/index.js");

/** The program that serves on stdio. */
const STDIO: Readonly<Record<string, readonly string[]>> = {
  mcpwire: [here("../servers/mcpwire.mjs"), "stdio"],
  "official v1": [here("../servers/official-v1-stdio.mjs")],
  "official v2": [here("../servers/official-v2-stdio.mjs")],
  fastmcp: [here("../servers/fastmcp.mjs"), "stdio"],
  everything: [everything, "stdio"],
};

/** The program that serves on a port. Some are told it as an argument, all by `PORT`. */
const HTTP: Readonly<Record<string, (port: number, row: Row) => readonly string[]>> = {
  mcpwire: (port) => [here("../servers/mcpwire.mjs"), String(port)],
  "official v1": (port) => [here("../servers/official-v1-http.mjs"), String(port)],
  "official v2": (port) => [here("../servers/official-v2-http.mjs"), String(port)],
  fastmcp: (port) => [here("../servers/fastmcp.mjs"), String(port)],
  everything: (_port, { transport }) => [everything, transport === "sse" ? "sse" : "streamableHttp"],
};

/** Where the servers of others have the transport of 2024-11-05; this package's has it at the one address. */
const SSE_PATH = "/sse";

export async function openWire(row: Row): Promise<Wire> {
  const folder = mkdtempSync(join(tmpdir(), "mcpwire-interop-"));
  const reported = join(folder, "reports.txt");
  const further = row.server === "mcpwire" ? [reported, ...(row.alone ? [row.revision] : [])] : [];
  const base = {
    reports: () => (existsSync(reported) ? readFileSync(reported, "utf8").split("\n").filter(Boolean) : []),
    clean: () => rmSync(folder, { recursive: true, force: true }),
  };
  return row.transport === "stdio" ? openStdioWire(row, folder, further, base) : await openHttpWire(row, further, base);
}

/** What the wires have in common. */
interface Base {
  readonly reports: Wire["reports"];
  readonly clean: () => void;
}

async function openHttpWire(row: Row, further: readonly string[], { reports, clean }: Base): Promise<Wire> {
  const server = await startServer((port) => [...(HTTP[row.server]?.(port, row) ?? []), ...further]);
  const sse = row.transport === "sse";
  const path = sse && row.server !== "mcpwire" ? SSE_PATH : "/mcp";
  const tap = await openHttpTap(`http://127.0.0.1:${server.port}${path}`);
  return {
    address: { url: tap.url, sse },
    conversations: tap.conversations,
    reports,
    cut: tap.cut,
    async close() {
      await tap.close();
      await server.close();
      clean();
    },
  };
}

function openStdioWire(row: Row, folder: string, further: readonly string[], { reports, clean }: Base): Wire {
  const program = [process.execPath, ...(STDIO[row.server] ?? []), ...further];
  return {
    address: { command: process.execPath, args: [here("./stdio-tap.mjs"), folder, ...program] },
    conversations: () => readConversations(folder),
    reports,
    cut() {
      throw new Error("A pipe cannot be cut and come back.");
    },
    close: async () => clean(),
  };
}

/** What one can connect to, and how a channel to it is made. */

import { McpWireError } from "../errors.js";
import type { Channel } from "../jsonrpc/channel.js";
import type { HttpOptions } from "../protocol/http-client.js";
import { createMemoryPair } from "../transport/memory.js";
import type { ChildOptions } from "../transport/stdio-child.js";

/** An MCP endpoint of an HTTP server, with how to speak to it. */
export interface HttpTarget extends HttpOptions {
  /** An http or https URL, without credentials in it. */
  readonly url: string | URL;
}

/** A channel; a URL; a program to start; or a server in this process. */
export type Target = string | URL | HttpTarget | ChildOptions | Channel | InProcess;

/** What a server object needs to be connected to without a wire. */
export interface InProcess {
  /** Serves one client on a channel. */
  connect(channel: Channel): Promise<unknown>;
}

/** How to get to a target. */
export interface Way {
  /** Makes a channel that is not open yet. */
  channel(): Promise<Channel>;
  /** How often in a row the target may be opened again without having answered anything; 0 where it cannot be opened twice. */
  readonly restarts: number;
  /** Tells targets apart, as far as what they speak is concerned; absent where that cannot be told. */
  readonly key?: string;
}

/** How often a program is started again that answers nothing. */
const MAX_RESTARTS = 3;

/** @throws McpWireError `INVALID_USE` for what is no target. */
export async function readTarget(target: Target): Promise<Way> {
  if (typeof target === "string" || target instanceof URL) return await wayToUrl({ url: target });
  if (typeof target === "object" && target !== null) {
    if ("url" in target) return await wayToUrl(target);
    if ("command" in target) return await wayToProgram(target);
    if ("connect" in target) return once(() => inProcess(target));
    if ("send" in target) return once(async () => target);
  }
  const problem = `${JSON.stringify(target)} is no channel, no URL, no command and no server.`;
  const wayOut = "Give an http or https URL, `{ command, args }`, a channel, or a server of this process.";
  throw new McpWireError("INVALID_USE", problem, wayOut);
}

async function wayToUrl({ url, ...options }: HttpTarget): Promise<Way> {
  const { createHttpChannel } = await import("../protocol/http-client.js");
  const { readHttpUrl, shownUrl } = await import("../transport/http-client.js");
  const read = readHttpUrl(url);
  return {
    channel: async () => createHttpChannel(read, options),
    // Each new session is asked for by a request of the caller, so nothing is repeated by itself.
    restarts: Number.POSITIVE_INFINITY,
    key: shownUrl(read),
  };
}

async function wayToProgram(options: ChildOptions): Promise<Way> {
  const { createChildChannel } = await import("../transport/stdio-child.js");
  const { command, args = [], cwd = "", env = {} } = options;
  return {
    channel: async () => createChildChannel(options),
    restarts: MAX_RESTARTS,
    // The variables may be secrets, and keys may be stored.
    key: JSON.stringify([command, ...args, cwd, hashOf(JSON.stringify(env))]),
  };
}

function once(channel: () => Promise<Channel>): Way {
  return { channel, restarts: 0 };
}

async function inProcess(target: InProcess): Promise<Channel> {
  const [near, far] = createMemoryPair();
  await target.connect(far);
  return near;
}

/** FNV-1a: enough to tell a few texts apart, and too little to learn them from. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash;
}

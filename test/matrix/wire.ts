/** A tap on a channel: every message that passes is checked as part of the conversation. */

import { fileURLToPath } from "node:url";
import { revisions } from "../../generated/revisions.js";
import type { Channel } from "../../runtime/jsonrpc/channel.js";
import { createConversationChecker } from "../../runtime/protocol/conversation.js";
import { createHttpChannel, createHttpSseChannel } from "../../runtime/protocol/http-client.js";
import { createServer } from "../../runtime/server/server.js";
import { createMemoryTaskStore } from "../../runtime/tasks/store-memory.js";
import { createMemoryPair } from "../../runtime/transport/memory.js";
import { createChildChannel } from "../../runtime/transport/stdio-child.js";
import { createNodes } from "../http/nodes.js";
import { createCounters, defineSubject } from "./fixtures/subject.mjs";

export interface Tapped extends Channel {
  /** What does not fit, one line each. */
  readonly faults: string[];
  /** Everything that passed. */
  readonly messages: { readonly from: "client" | "server"; readonly message: Record<string, unknown> }[];
}

/** Checks what passes the client's end of a channel. */
export function tap(channel: Channel): Tapped {
  const checker = createConversationChecker();
  const faults: string[] = [];
  const messages: Tapped["messages"] = [];
  const see = (from: "client" | "server", message: unknown): void => {
    const copy = structuredClone(message) as Record<string, unknown>;
    messages.push({ from, message: copy });
    const report = checker.feed({ from, message: copy });
    if (!report.ok)
      faults.push(`${from} ${report.revision}: ${JSON.stringify(report.failures)} ${JSON.stringify(copy)}`);
  };
  return {
    faults,
    messages,
    open: (events) =>
      channel.open({
        onmessage(message, origin) {
          see("server", message);
          events.onmessage(message, origin);
        },
        onerror: (error) => events.onerror(error),
        onlost: (id, error) => events.onlost(id, error),
        onend: () => events.onend(),
        onclose: (reason) => events.onclose(reason),
      }),
    send(message, about) {
      see("client", message);
      return channel.send(message, about);
    },
    ...(channel.giveUp === undefined ? {} : { giveUp: (id) => channel.giveUp?.(id) === true }),
    close: () => channel.close(),
  };
}

export type Transport = "memory" | "stdio" | "http" | "http-sse" | "nodes";

/** A tapped channel to a fresh subject. What `end` stops is the subject, where it does not stop by itself. */
export async function openSubject(transport: Transport): Promise<Tapped & { end(): Promise<void> }> {
  if (transport === "stdio") {
    const script = fileURLToPath(new URL("fixtures/stdio-subject.mjs", import.meta.url));
    return { ...tap(createChildChannel({ command: process.execPath, args: [script] })), end: nothing };
  }
  if (transport === "nodes") {
    const counters = createCounters();
    const tasks = { store: createMemoryTaskStore({ maxTasks: 1_000, maxTasksPerOwner: 1_000 }) };
    const requestState = { keys: [new Uint8Array(32).fill(7)] };
    const nodes = await createNodes(2, () =>
      defineSubject(createServer, { counters, tasks, requestState, onerror: () => undefined }),
    );
    return { ...tap(createHttpChannel(nodes.url, {})), end: () => nodes.close() };
  }
  const server = defineSubject(createServer, { onerror: () => undefined });
  const end = (): Promise<void> => server.close();
  if (transport === "memory") {
    const [near, far] = createMemoryPair();
    await server.connect(far);
    return { ...tap(near), end };
  }
  const { url } = await server.serveHttp();
  const create = transport === "http" ? createHttpChannel : createHttpSseChannel;
  return { ...tap(create(url, {})), end };
}

async function nothing(): Promise<void> {}

/** One column of the matrix. */
export type Row = (typeof revisions)[number] & { readonly transport: Transport };

/** What the behaviours differ by. Tests may name revisions; the runtime may not. */
export const rows: readonly Row[] = revisions.flatMap((row) => {
  const transports: readonly Transport[] = [
    "memory",
    "stdio",
    "http",
    "nodes",
    ...(row.traits.httpSse ? ["http-sse" as const] : []),
  ];
  return transports.map((transport) => ({ ...row, transport }));
});

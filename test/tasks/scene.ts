/** What the tests of tasks share: a server with tools of every kind, and ways to wait that no clock decides. */

import { setTimeout as wait } from "node:timers/promises";
import { RpcError } from "../../runtime/errors.js";
import type { Server } from "../../runtime/server/server.js";

export const TASKS: string = "io.modelcontextprotocol/tasks";
export const RELATED: string = "io.modelcontextprotocol/related-task";
export const DECLARED: object = { extensions: { [TASKS]: {} } };

const NAME = { type: "object", properties: { name: { type: "string" } }, required: ["name"] } as const;

/** Lets tests open what a tool waits for. */
export class Gates {
  readonly #open = new Set<string>();
  readonly #waiting = new Map<string, () => void>();
  /** How often each tool ran, and what became of its signal. */
  readonly runs: string[] = [];

  open(name: string): void {
    this.#open.add(name);
    this.#waiting.get(name)?.();
  }

  pass(name: string, signal?: AbortSignal): Promise<void> {
    if (this.#open.has(name)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.set(name, resolve);
      signal?.addEventListener("abort", () => {
        this.runs.push(`aborted ${name}`);
        reject(signal.reason);
      });
    });
  }
}

const GATED = { type: "object", properties: { gate: { type: "string" } }, required: ["gate"] } as const;

/** Defines tools that wait at gates, fail, ask and report. */
export function defineTaskTools(server: Server, gates: Gates): void {
  server.tool("plain", { input: GATED }, async ({ gate }) => `plain ${gate}`);
  server.tool("work", { task: "optional", input: GATED }, async ({ gate }, ctx) => {
    gates.runs.push(gate);
    ctx.status(`at the gate ${gate}`);
    await gates.pass(gate, ctx.signal);
    return `through ${gate}`;
  });
  server.tool("must", { task: "required", input: GATED }, async ({ gate }) => {
    await gates.pass(gate);
    return `must ${gate}`;
  });
  server.tool("broken", { task: "optional" }, () => {
    throw new Error("it is broken");
  });
  server.tool("refuse", { task: "optional" }, () => {
    throw new RpcError(-31_000, "no", { why: "because" });
  });
  server.tool("fault", { task: "optional", output: NAME }, () => ({ structuredContent: { name: 5 } as never }));
  server.tool("steps", { task: "optional", input: GATED }, async ({ gate }, ctx) => {
    ctx.progress({ progress: 1, total: 2 });
    ctx.log("error", "a step");
    await gates.pass(gate);
    ctx.progress({ progress: 2, total: 2 });
    return "stepped";
  });
  server.tool("greet", { task: "optional" }, async (_args, ctx) => {
    const answer = await ctx.elicit({ message: "Your name?", requestedSchema: NAME });
    return answer.action === "accept" ? `Hello ${answer.content.name}.` : `You said ${answer.action}.`;
  });
  server.tool("both", { task: "optional" }, async (_args, ctx) => {
    const [first, second] = await Promise.all([
      ctx.elicit({ message: "Your first name?", requestedSchema: NAME }, { key: "first" }),
      ctx.elicit({ message: "Your last name?", requestedSchema: NAME }, { key: "last" }),
    ]);
    return `${first.content?.name} ${second.content?.name}`;
  });
  server.tool("twice", { task: "optional" }, async (_args, ctx) => {
    await ctx.elicit({ message: "One?", requestedSchema: NAME }, { key: "same" });
    await ctx.elicit({ message: "Two?", requestedSchema: NAME }, { key: "same" });
    return "never";
  });
}

/** Waits until something holds; fails only when it does not for a long time. */
export async function until<T>(what: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (let tries = 0; tries < 2_000; tries++) {
    const value = await what();
    if (value !== undefined && value !== null && value !== false) return value as NonNullable<T>;
    await wait(5);
  }
  throw new Error("What was waited for did not come.");
}

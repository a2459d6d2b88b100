/** What the servers of these tests offer. */

import type { Server } from "../../runtime/server/server.js";

/** What happened to handlers that were held, by the name they were given. */
export interface Held {
  readonly started: string[];
  readonly aborted: string[];
  /** Lets a held handler go on. */
  release(name: string): void;
}

export function defineScene(server: Server): Held {
  const started: string[] = [];
  const aborted: string[] = [];
  const waiting = new Map<string, () => void>();
  const named = { type: "object" as const, properties: { name: { type: "string" as const } } };
  server.tool("echo", { input: named }, ({ name }) => `echo ${name}`);
  server.tool("chatty", { input: named }, (args, ctx) => {
    ctx.log("error", `log of ${args.name}`);
    ctx.progress({ progress: 1 });
    return `chatted ${args.name}`;
  });
  server.tool("held", { input: named }, async ({ name = "" }, ctx) => {
    started.push(name);
    ctx.log("error", `before ${name}`);
    await new Promise<void>((resolve) => {
      waiting.set(name, resolve);
      ctx.signal.addEventListener("abort", () => {
        aborted.push(name);
        resolve();
      });
    });
    ctx.log("error", `after ${name}`);
    return `held ${name}`;
  });
  server.tool("polled", { input: named }, async ({ name = "" }, ctx) => {
    const detached = ctx.disconnect(20);
    started.push(name);
    await new Promise<void>((resolve) => waiting.set(name, resolve));
    return `polled ${name} ${detached}`;
  });
  server.tool("greet", {}, async (_args, ctx) => {
    const { action } = await ctx.elicit({ message: "Who?", requestedSchema: { type: "object", properties: {} } });
    return `they ${action}`;
  });
  server.tool(
    "mirror",
    {
      input: {
        type: "object",
        properties: {
          region: { type: "string", "x-mcp-header": "Region" },
          deep: { type: "object", properties: { count: { type: "integer", "x-mcp-header": "Count" } } },
          sure: { type: "boolean", "x-mcp-header": "Sure" },
        },
      } as object,
    },
    (args) => JSON.stringify(args),
  );
  server.resource("memo:%C3%A9", { name: "memo" }, () => "noted");
  server.prompt("ask", {}, () => "?");
  return {
    started,
    aborted,
    release(name) {
      waiting.get(name)?.();
    },
  };
}

/** Tools that the referee wants run as tasks. */

import { setTimeout as wait } from "node:timers/promises";
import { RpcError, type Server } from "mcpwire/server";

const CONFIRMATION = {
  type: "object",
  properties: { confirm: { type: "boolean", title: "Confirm" } },
  required: ["confirm"],
} as const;

const NAME = { type: "object", properties: { name: { type: "string", title: "Name" } }, required: ["name"] } as const;

export function defineTasks(server: Server): void {
  server.tool(
    "greet",
    {
      description: "Says hello, at once.",
      input: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
    },
    ({ name }) => `Hello, ${name}!`,
  );
  server.tool(
    "slow_compute",
    {
      description: "Computes for so many seconds.",
      task: "optional",
      input: {
        type: "object",
        properties: { seconds: { type: "number", minimum: 0, maximum: 120 }, label: { type: "string" } },
      },
    },
    async ({ seconds = 0, label = "it" }, ctx) => {
      ctx.status(`Computing ${label}.`);
      await wait(seconds * 1_000, undefined, { signal: ctx.signal });
      return `Computed ${label} in ${seconds} s.`;
    },
  );
  server.tool("failing_job", { description: "A job that fails.", task: "required" }, async () => {
    await wait(50);
    throw new Error("The job failed.");
  });
  server.tool(
    "protocol_error_job",
    { description: "A job that ends with an error of the protocol.", task: "required" },
    async () => {
      await wait(50);
      throw new RpcError(-31_000, "The job could not be done.");
    },
  );
  defineAsking(server);
}

function defineAsking(server: Server): void {
  server.tool(
    "confirm_delete",
    {
      description: "Deletes a file, once that is confirmed.",
      task: "required",
      input: { type: "object", properties: { filename: { type: "string" } } },
    },
    async ({ filename = "the file" }, ctx) => {
      const answer = await ctx.elicit({ message: `Delete ${filename}?`, requestedSchema: CONFIRMATION });
      return answer.content?.confirm === true ? `Deleted ${filename}.` : `Kept ${filename}.`;
    },
  );
  server.tool("multi_input", { description: "Asks two things at once.", task: "required" }, async (_args, ctx) => {
    const [name, sure] = await Promise.all([
      ctx.elicit({ message: "Your name?", requestedSchema: NAME }),
      ctx.elicit({ message: "Are you sure?", requestedSchema: CONFIRMATION }),
    ]);
    return `${name.content?.name ?? "Nobody"} is ${sure.content?.confirm === true ? "" : "not "}sure.`;
  });
  server.tool(
    "test_tool_with_task",
    {
      description: "Asks for a name before there is a task.",
      task: "optional",
      input: { type: "object", properties: { name: { type: "string" } } },
    },
    async ({ name = "nobody" }) => {
      await wait(50);
      return `Hello ${name}.`;
    },
  );
  // What is asked here is asked for the request, before the tool makes a task of it.
  server.use("tools/call", async (params, ctx, next) => {
    if (params.name !== "test_tool_with_task") return await next();
    const answer = await ctx.elicit({ message: "Your name?", requestedSchema: NAME });
    return await next({ ...params, arguments: { ...params.arguments, name: answer.content?.name ?? "nobody" } });
  });
}

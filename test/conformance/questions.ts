/** What the referee's server scenarios call that asks the client back: one handler for both ways of asking. */

import type { Context, Server } from "mcpwire/server";

type Form = Parameters<Context["elicit"]>[0];

const ask = (message: string, properties: Form["requestedSchema"]["properties"]): Form => ({
  message,
  requestedSchema: { type: "object", properties, required: Object.keys(properties) },
});
const NAME = ask("What is your name?", { name: { type: "string" } });
const CONFIRM = ask("Please confirm.", { ok: { type: "boolean" } });

const think = (text: string, maxTokens: number): Parameters<Context["sample"]>[0] => ({
  messages: [{ role: "user", content: { type: "text", text } }],
  maxTokens,
});
const CAPITAL = think("What is the capital of France?", 100);

const titled = (...names: string[]) => names.map((title, index) => ({ const: `value${index + 1}`, title }));
const OPTIONS = ["option1", "option2", "option3"];

/** Forms with everything that a form may have (SEP-1034, SEP-1330). */
const DEFAULTS: Form = {
  message: "Look at the defaults.",
  requestedSchema: {
    type: "object",
    properties: {
      name: { type: "string", default: "John Doe" },
      age: { type: "integer", default: 30 },
      score: { type: "number", default: 95.5 },
      status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
      verified: { type: "boolean", default: true },
    },
  },
};
const ENUMS: Form = {
  message: "Choose.",
  requestedSchema: {
    type: "object",
    properties: {
      untitledSingle: { type: "string", enum: OPTIONS },
      titledSingle: { type: "string", oneOf: titled("First", "Second", "Third") },
      legacyEnum: { type: "string", enum: ["opt1", "opt2", "opt3"], enumNames: ["One", "Two", "Three"] },
      untitledMulti: { type: "array", items: { type: "string", enum: OPTIONS } },
      titledMulti: { type: "array", items: { anyOf: titled("First", "Second", "Third") } },
    },
  },
};

export function defineQuestions(server: Server): void {
  server.tool(
    "test_sampling",
    {
      description: "Asks the client's model.",
      input: { type: "object", properties: { prompt: { type: "string" } }, required: ["prompt"] },
    },
    async ({ prompt }, ctx) => `The model said: ${JSON.stringify((await ctx.sample(think(prompt, 100))).content)}`,
  );
  server.tool(
    "test_elicitation",
    {
      description: "Asks the person.",
      input: { type: "object", properties: { message: { type: "string" } }, required: ["message"] },
    },
    async ({ message }, ctx) =>
      said(await ctx.elicit(ask(message, { username: { type: "string" }, email: { type: "string" } }))),
  );
  server.tool("test_elicitation_sep1034_defaults", { description: "Asks with defaults." }, async (_args, ctx) =>
    said(await ctx.elicit(DEFAULTS)),
  );
  server.tool("test_elicitation_sep1330_enums", { description: "Asks for choices." }, async (_args, ctx) =>
    said(await ctx.elicit(ENUMS)),
  );
  server.tool("test_streaming_elicitation", { description: "Asks the person's name." }, async (_args, ctx) =>
    said(await ctx.elicit(NAME)),
  );
  server.tool("test_missing_capability", { description: "Cannot do without a model." }, async (_args, ctx) =>
    JSON.stringify((await ctx.sample(CAPITAL)).content),
  );
}

function said(answer: Awaited<ReturnType<Context["elicit"]>>): string {
  return `The person said ${answer.action}: ${JSON.stringify(answer.content ?? {})}`;
}

/** Questions under the keys that the referee answers. */
export function defineRounds(server: Server): void {
  const tool = (name: string, description: string, run: (ctx: Context) => Promise<string>): void => {
    server.tool(`test_input_required_result_${name}`, { description }, (_args, ctx) => run(ctx));
  };
  tool("elicitation", "Asks the person's name.", async (ctx) => said(await ctx.elicit(NAME, { key: "user_name" })));
  tool("sampling", "Asks the model.", async (ctx) =>
    JSON.stringify((await ctx.sample(CAPITAL, { key: "capital_question" })).content),
  );
  tool("list_roots", "Asks for the roots.", async (ctx) =>
    (await ctx.roots({ key: "client_roots" })).map(({ uri }) => uri).join(" "),
  );
  tool("request_state", "Remembers something while it asks.", async (ctx) => {
    const remembered = await ctx.once("remembered", () => "state-ok");
    return `${remembered}: ${said(await ctx.elicit(CONFIRM, { key: "confirm" }))}`;
  });
  tool("multiple_inputs", "Asks three things at once.", async (ctx) => {
    const [name, greeting, roots] = await Promise.all([
      ctx.elicit(NAME, { key: "user_name" }),
      ctx.sample(think("Write a greeting.", 50), { key: "greeting" }),
      ctx.roots({ key: "client_roots" }),
    ]);
    return `${said(name)} ${JSON.stringify(greeting.content)} ${roots.length} roots`;
  });
  tool("multi_round", "Asks one thing after the other.", async (ctx) => {
    const name = await ctx.elicit(ask("Step 1: your name?", { name: { type: "string" } }), { key: "step1" });
    const color = await ctx.elicit(ask("Step 2: your colour?", { color: { type: "string" } }), { key: "step2" });
    return `${said(name)} ${said(color)}`;
  });
  tool("tampered_state", "Asks, and trusts nobody.", async (ctx) =>
    said(await ctx.elicit(CONFIRM, { key: "confirm" })),
  );
  tool("capabilities", "Asks whoever can be asked.", async (ctx) =>
    ctx.client.capabilities.elicitation === undefined
      ? JSON.stringify((await ctx.sample(CAPITAL)).content)
      : said(await ctx.elicit(NAME)),
  );
  server.prompt("test_input_required_result_prompt", { description: "Asks for its context." }, async (_values, ctx) =>
    said(await ctx.elicit(ask("What is it about?", { context: { type: "string" } }), { key: "user_context" })),
  );
}

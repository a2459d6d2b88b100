/** What the referee's server scenarios call, read and get that asks nothing back: tools of every kind of content, resources, prompts. */

import { setTimeout as wait } from "node:timers/promises";
import type { Registration, Server } from "mcpwire/server";

/** A grey pixel. */
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";
/** Four samples of silence. */
const WAV = "UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQgAAAAAAAAAAAAAAA==";

const TEXT = { type: "text", text: "This is a simple text response for testing." } as const;
const IMAGE = { type: "image", data: PNG, mimeType: "image/png" } as const;
const embedded = (uri: string, mimeType: string, text: string) =>
  ({ type: "resource", resource: { uri, mimeType, text } }) as const;

/** The first tool of the list succeeds without arguments: the referee calls whichever comes first. */
export function defineContentTools(server: Server): void {
  server.tool("test_simple_text", { description: "Answers with text." }, () => [TEXT]);
  server.tool("test_image_content", { description: "Answers with an image." }, () => [IMAGE]);
  server.tool("test_audio_content", { description: "Answers with sound." }, () => [
    { type: "audio", data: WAV, mimeType: "audio/wav" },
  ]);
  server.tool("test_embedded_resource", { description: "Answers with a resource." }, () => [
    embedded("test://embedded-resource", "text/plain", "An embedded resource."),
  ]);
  server.tool("test_multiple_content_types", { description: "Answers with content of several kinds." }, () => [
    TEXT,
    IMAGE,
    embedded("test://mixed-content-resource", "application/json", JSON.stringify({ mixed: true })),
  ]);
  server.tool("test_error_handling", { description: "Fails." }, () => {
    throw new Error("This tool fails on purpose.");
  });
}

/** Tools that say something while they work, or let the client go meanwhile. */
export function defineSignalTools(server: Server): void {
  server.tool("test_tool_with_logging", { description: "Logs while it works." }, async (_args, ctx) => {
    for (const step of ["started", "working", "finished"]) {
      ctx.log("info", `Tool ${step}`);
      await wait(50);
    }
    return "Logged.";
  });
  server.tool("test_logging_tool", { description: "Logs if the client wants that." }, (_args, ctx) => {
    ctx.log("info", "Tool called");
    return "Done.";
  });
  server.tool("test_tool_with_progress", { description: "Reports progress." }, async (_args, ctx) => {
    for (const progress of [0, 50, 100]) {
      ctx.progress({ progress, total: 100, message: `${progress} of 100` });
      await wait(20);
    }
    return "Done.";
  });
  server.tool("test_reconnection", { description: "Lets the client come back for the answer." }, async (_args, ctx) => {
    const left = ctx.disconnect(500);
    await wait(100);
    return left ? "You came back." : "You never left.";
  });
}

/** Tools whose schema is what matters. */
export function defineSchemaTools(server: Server): void {
  const contact = { contactMethod: { const: "phone" } };
  server.tool(
    "json_schema_2020_12_tool",
    {
      description: "Has an input schema with keywords of JSON Schema 2020-12.",
      input: {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        type: "object",
        $defs: {
          address: {
            $anchor: "addressDef",
            type: "object",
            properties: { street: { type: "string" }, city: { type: "string" } },
          },
        },
        properties: {
          name: { type: "string" },
          address: { $ref: "#/$defs/address" },
          contactMethod: { type: "string", enum: ["phone", "email"] },
          phone: { type: "string" },
          email: { type: "string" },
        },
        allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
        if: { properties: contact, required: ["contactMethod"] },
        // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
        then: { required: ["phone"] },
        else: { required: ["email"] },
        additionalProperties: false,
      },
    },
    (args) => JSON.stringify(args),
  );
  server.tool(
    "test_x_mcp_header",
    {
      description: "Has an argument that requests mirror in a header.",
      input: { type: "object", properties: { region: { type: "string", "x-mcp-header": "Region" } } },
    },
    ({ region }) => `Region: ${region ?? "none"}`,
  );
}

/** Tools that change what the server offers. */
export function defineChangeTools(server: Server): void {
  const addTool = () => server.tool("test_changing_tool", { description: "Comes and goes." }, () => [TEXT]);
  const addPrompt = () => server.prompt("test_changing_prompt", { description: "Comes and goes." }, () => "Hello.");
  server.tool("test_trigger_tool_change", { description: "Changes the list of tools." }, toggle(addTool));
  server.tool("test_trigger_prompt_change", { description: "Changes the list of prompts." }, toggle(addPrompt));
}

function toggle(add: () => Registration): () => string {
  let added: Registration | undefined;
  return () => {
    if (added === undefined) added = add();
    else {
      added.remove();
      added = undefined;
    }
    return "Changed.";
  };
}

export function defineResources(server: Server): void {
  const text = { description: "Text.", mimeType: "text/plain" };
  server.resource("test://static-text", { name: "static-text", ...text }, () => "The text of a static resource.");
  server.resource("test://static-binary", { name: "static-binary", description: "Bytes.", mimeType: "image/png" }, () =>
    Buffer.from(PNG, "base64"),
  );
  server.resource("test://watched-resource", { name: "watched-resource", ...text }, () => "Can be subscribed to.");
  server.resourceTemplate(
    "test://template/{id}/data",
    { name: "template", description: "Data by id.", mimeType: "application/json" },
    ({ id }) => JSON.stringify({ id, templateTest: true, data: `Data for ${id}` }),
  );
}

export function definePrompts(server: Server): void {
  const message = (content: typeof TEXT | typeof IMAGE | ReturnType<typeof embedded>) =>
    ({ role: "user", content }) as const;
  server.prompt("test_simple_prompt", { description: "A prompt without arguments." }, () => "This is a simple prompt.");
  server.prompt(
    "test_prompt_with_arguments",
    {
      description: "A prompt with two arguments.",
      arguments: {
        arg1: { required: true, complete: (value) => ["testing", "tested"].filter((one) => one.startsWith(value)) },
        arg2: { required: true },
      },
    },
    ({ arg1, arg2 }) => `The arguments are ${arg1} and ${arg2}.`,
  );
  server.prompt(
    "test_prompt_with_embedded_resource",
    { description: "A prompt with a resource in it.", arguments: { resourceUri: { required: true } } },
    ({ resourceUri }) => [message(embedded(resourceUri, "text/plain", "An embedded resource.")), message({ ...TEXT })],
  );
  server.prompt("test_prompt_with_image", { description: "A prompt with an image." }, () => [
    message(IMAGE),
    message(TEXT),
  ]);
}

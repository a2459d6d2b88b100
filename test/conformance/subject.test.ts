/** The server for the referee, without a referee: everything on it answers, in both ways of asking back. */

import { connect } from "mcpwire/client";
import { expect, test } from "vitest";
import { fillForm } from "./form.js";
import { createSubject } from "./subject.js";

const ARGUMENTS: Readonly<Record<string, Record<string, unknown>>> = {
  greet: { name: "Ada" },
  test_sampling: { prompt: "2+2?" },
  test_elicitation: { message: "Who are you?" },
  json_schema_2020_12_tool: { name: "Ada", contactMethod: "email", email: "ada@example.com" },
};
const PROMPT_ARGUMENTS: Readonly<Record<string, Record<string, string>>> = {
  test_prompt_with_arguments: { arg1: "one", arg2: "two" },
  test_prompt_with_embedded_resource: { resourceUri: "test://static-text" },
};

test.each(["2025-11-25", "2026-07-28"] as const)("everything on the server answers at %s", async (revision) => {
  const logged: unknown[] = [];
  const events: string[] = [];
  const client = await connect(createSubject(), {
    revisions: [revision],
    elicit: ({ requestedSchema }) => ({ action: "accept", content: fillForm(requestedSchema) }),
    sample: () => ({ role: "assistant", model: "none", content: { type: "text", text: "4" } }),
    roots: [{ uri: "file:///home/ada" }],
    onlog: ({ data }) => logged.push(data),
  });
  const listening = await client.subscribe({ tools: true, prompts: true }, ({ type }) => events.push(type));
  await client.setLogLevel("info");
  const tools = await client.listTools();
  expect(tools[0]?.name).toBe("test_simple_text");
  const failed: string[] = [];
  for (const { name } of tools) {
    const call = client.callTool(name, ARGUMENTS[name] ?? {});
    if (name === "protocol_error_job") {
      await expect(call).rejects.toMatchObject({ rpcCode: -31_000 });
      continue;
    }
    const result = await call;
    if (result.isError === true) failed.push(name);
    else expect(result.content.length).toBeGreaterThan(0);
  }
  expect(failed).toEqual(["test_error_handling", "failing_job"]);
  expect(logged).toContain("Tool called");
  await expect.poll(() => events.sort()).toEqual(["promptsChanged", "toolsChanged"]);
  for (const { uri } of await client.listResources())
    expect((await client.readResource(uri)).contents).toMatchObject([{ uri, mimeType: expect.any(String) }]);
  for (const { name } of await client.listPrompts())
    expect((await client.getPrompt(name, PROMPT_ARGUMENTS[name])).messages.length).toBeGreaterThan(0);
  await listening.close();
  await client.close();
});

test("forms are filled with their defaults, and with something where they demand it", () => {
  const requestedSchema = {
    type: "object" as const,
    properties: {
      kept: { type: "string" as const, default: "as it is" },
      left: { type: "string" as const },
      chosen: { type: "string" as const, enum: ["first", "second"] },
      counted: { type: "integer" as const, minimum: 3 },
      agreed: { type: "boolean" as const },
    },
    required: ["chosen", "counted", "agreed"],
  };
  expect(fillForm(requestedSchema)).toEqual({ kept: "as it is", chosen: "first", counted: 3, agreed: true });
});

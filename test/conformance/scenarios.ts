/** What a client does in each of the referee's scenarios. */

import { type Client, type ConnectOptions, connect } from "mcpwire/client";
import { type AuthorizationContext, createAuthorization } from "./authorization.js";
import { fillForm } from "./form.js";

/** What the referee hands over beside the URL. */
export interface ScenarioContext extends AuthorizationContext {
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }[];
}

type Scenario = (client: Client, context: ScenarioContext) => Promise<void>;

const listTools: Scenario = async (client) => {
  console.log((await client.listTools()).map(({ name }) => name).join("\n"));
};

/** What every scenario of authorization asks for once there is a token. */
const useTool: Scenario = async (client) => {
  await client.listTools();
  console.log(await client.callTool("test-tool", {}));
};

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  initialize: listTools,
  "request-metadata": listTools,
  "json-schema-ref-no-deref": listTools,
  async tools_call(client) {
    await client.listTools();
    console.log(await client.callTool("add_numbers", { a: 5, b: 3 }));
  },
  async "elicitation-sep1034-client-defaults"(client) {
    console.log(await client.callTool("test_client_elicitation_defaults", {}));
  },
  async "sse-retry"(client) {
    await client.listTools();
    console.log(await client.callTool("test_reconnection", {}));
  },
  async "sep-2322-client-request-state"(client) {
    await client.listTools();
    await Promise.all([client.callTool("test_mrtr_echo_state", {}), client.callTool("test_mrtr_unrelated", {})]);
    await client.callTool("test_mrtr_no_state", {});
    await client.callTool("test_mrtr_unrelated", {});
    await client.callTool("test_mrtr_no_result_type", {});
  },
  async "http-standard-headers"(client) {
    await client.listTools();
    await client.callTool("test_headers", {});
    const [resource] = await client.listResources();
    if (resource !== undefined) await client.readResource(resource.uri);
    await client.listPrompts();
    await client.getPrompt("test_prompt");
  },
  async "http-custom-headers"(client, { toolCalls = [] }) {
    await client.listTools();
    for (const call of toolCalls) await client.callTool(call.name, call.arguments);
  },
  async "http-invalid-tool-headers"(client) {
    for (const { name } of await client.listTools()) await client.callTool(name, { region: "us-west1" });
  },
  async "json-schema-2020-12-preservation"(client) {
    const tools = await client.listTools();
    const schema = tools.find(({ name }) => name === "json_schema_2020_12_tool")?.inputSchema;
    await client.callTool("json_schema_echo", { schema });
  },
};

/** @throws Error for a scenario that is not in the table. Without one, the tools are listed. */
export async function runScenario(url: string, name: string | undefined, context: ScenarioContext): Promise<void> {
  const authorized = name?.startsWith("auth/") === true;
  const scenario = name === undefined ? listTools : authorized ? useTool : SCENARIOS[name];
  if (scenario === undefined)
    throw new Error(`There is no scenario ${name} here. Known are ${Object.keys(SCENARIOS).join(", ")}.`);
  const options: ConnectOptions = {
    name: "mcpwire-conformance-client",
    version: "1.0.0",
    elicit: ({ requestedSchema }) => ({ action: "accept", content: fillForm(requestedSchema) }),
    sample: () => ({ role: "assistant", model: "none", content: { type: "text", text: "Nothing to say." } }),
    roots: [],
    onerror: (error) => console.error(error.message),
  };
  const target = authorized ? { url, fetch: createAuthorization(name, context).fetch } : url;
  const client = await connect(target, options);
  try {
    await scenario(client, context);
  } finally {
    await client.close();
  }
}

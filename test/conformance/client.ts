/** The client that the referee judges: does what the scenario named in the environment asks for, against the server at its last argument. */

import { runScenario } from "./scenarios.js";

const url = process.argv.at(-1);
if (url === undefined || !URL.canParse(url)) {
  console.error("Usage: client.js <url>, with the name of a scenario in MCP_CONFORMANCE_SCENARIO.");
  process.exit(2);
}
const { MCP_CONFORMANCE_SCENARIO: scenario, MCP_CONFORMANCE_CONTEXT: context = "{}" } = process.env;
try {
  await runScenario(url, scenario, JSON.parse(context));
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}

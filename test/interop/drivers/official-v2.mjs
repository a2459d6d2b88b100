/** The client of `@modelcontextprotocol/client`: it speaks both eras, the newer one only where it is told to. */

import {
  Client,
  LOG_LEVEL_META_KEY,
  SSEClientTransport,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { driverOf } from "./official.mjs";

const MODES = { handshake: "legacy", either: "auto", stateless: { pin: "2026-07-28" } };

export async function openOfficialV2(address, opening) {
  const client = new Client(
    { name: "official-v2", version: "1.0.0" },
    {
      capabilities: { elicitation: {}, sampling: {}, roots: { listChanged: true } },
      versionNegotiation: { mode: MODES[opening] },
    },
  );
  const driver = driverOf(client);
  client.setRequestHandler("elicitation/create", driver.elicit);
  client.setRequestHandler("sampling/createMessage", driver.sample);
  client.setRequestHandler("roots/list", driver.roots);
  client.setNotificationHandler("notifications/message", driver.onlog);
  client.setNotificationHandler("notifications/resources/updated", driver.onupdate);
  client.setNotificationHandler("notifications/tools/list_changed", driver.ontools);
  await client.connect(transportTo(address));
  driver.callTool = (name, args, how) => client.callTool({ name, arguments: args }, how);
  if (client.getProtocolEra() === "modern") speakStateless(client, driver);
  return driver;
}

/** What the newer era does in another way, and this client leaves to its user. */
function speakStateless(client, driver) {
  let level;
  driver.setLevel = async (wanted) => {
    level = wanted;
  };
  driver.callTool = (name, args, how) => {
    const _meta = level === undefined ? {} : { _meta: { [LOG_LEVEL_META_KEY]: level } };
    return client.callTool({ name, arguments: args, ..._meta }, how);
  };
  driver.subscribe = async (uri) => {
    await client.listen({ toolsListChanged: true, resourceSubscriptions: [uri] });
  };
  driver.rootsChanged = async () => undefined;
  driver.ping = async () => void (await client.discover());
}

function transportTo(address) {
  if (address.url === undefined) return new StdioClientTransport({ ...address, stderr: "ignore" });
  const url = new URL(address.url);
  if (address.sse) return new SSEClientTransport(url);
  const reconnectionOptions = {
    initialReconnectionDelay: 20,
    maxReconnectionDelay: 200,
    reconnectionDelayGrowFactor: 1.5,
    maxRetries: 10,
  };
  return new StreamableHTTPClientTransport(url, { reconnectionOptions });
}

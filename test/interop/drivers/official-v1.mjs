/** The client of `@modelcontextprotocol/sdk`. It always offers its newest revision and takes any older one that it knows. */

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { driverOf } from "./official.mjs";

export async function openOfficialV1(address) {
  const capabilities = { elicitation: {}, sampling: {}, roots: { listChanged: true } };
  const client = new Client({ name: "official-v1", version: "1.0.0" }, { capabilities });
  const driver = driverOf(client);
  client.setRequestHandler(ElicitRequestSchema, driver.elicit);
  client.setRequestHandler(CreateMessageRequestSchema, driver.sample);
  client.setRequestHandler(ListRootsRequestSchema, driver.roots);
  client.setNotificationHandler(LoggingMessageNotificationSchema, driver.onlog);
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, driver.onupdate);
  client.setNotificationHandler(ToolListChangedNotificationSchema, driver.ontools);
  await client.connect(transportTo(address));
  return driver;
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

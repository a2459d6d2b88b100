/** The client of this package. */

import type { LoggingLevel } from "../../../generated/neutral/types.js";
import type { Revision } from "../../../generated/revisions.js";
import { type ConnectOptions, connect } from "../../../runtime/client/connect.js";
import type { Driver, Heard, OpenDriver } from "./driver.js";

export const openMcpwire: OpenDriver = async (address, _opening, revisions) => {
  const heard: Heard = { logs: [], events: [], asked: [], errors: [] };
  const options: ConnectOptions = {
    name: "interop",
    version: "1.0.0",
    ...(revisions === undefined ? {} : { revisions: revisions as readonly Revision[] }),
    elicit(form) {
      heard.asked.push(form.message);
      return { action: "accept", content: { name: "Ada" } };
    },
    sample(params) {
      heard.asked.push(JSON.stringify(params.messages));
      return { role: "assistant", model: "m1", stopReason: "endTurn", content: { type: "text", text: "4" } };
    },
    roots() {
      heard.asked.push("roots");
      return [{ uri: "file:///work", name: "work" }];
    },
    onlog: (entry) => heard.logs.push(entry as Heard["logs"][number]),
    onevent: (event) => heard.events.push(event.type === "resourceUpdated" ? `uri ${event.uri}` : event.type),
    onerror: (error) => heard.errors.push(`${error.code}: ${error.message}`),
  };
  const target = "url" in address ? address.url : address;
  const client = await connect(target, options);
  const { serverInfo } = client.peer;
  return {
    ...heard,
    serverName: serverInfo?.name,
    listTools: async () => await client.listTools(),
    listResources: async () => await client.listResources(),
    listTemplates: async () => await client.listResourceTemplates(),
    listPrompts: async () => await client.listPrompts(),
    callTool: (name, args, how) => client.callTool(name, args, how) as ReturnType<Driver["callTool"]>,
    readResource: (uri) => client.readResource(uri) as ReturnType<Driver["readResource"]>,
    getPrompt: (name, args) => client.getPrompt(name, args),
    complete: async (ref, argument) => (await client.complete({ ref, argument })).completion.values,
    setLevel: (level) => client.setLogLevel(level as LoggingLevel),
    async subscribe(uri) {
      await client.subscribe({ tools: true, uris: [uri] }, () => undefined);
    },
    rootsChanged: () => client.rootsChanged(),
    ping: () => client.ping(),
    close: () => client.close(),
  };
};

/** Subscriptions: one client hears of a resource and of the list of tools while another works, in both ways that revisions have for it. */

import { EventEmitter, once } from "node:events";
import { connect } from "mcpwire/client";
import { createServer } from "mcpwire/server";

const server = createServer({ name: "thermometer", version: "1.0.0" });
let degrees = 20;
server.resource("sensor://hall", { name: "hall" }, () => `${degrees} °C`);
server.tool("warm", {}, () => {
  degrees++;
  server.resourceUpdated("sensor://hall");
  return "Warmer.";
});

for (const revision of ["2025-11-25", "2026-07-28"]) {
  const watcher = await connect(server, { revisions: [revision] });
  const worker = await connect(server, { revisions: [revision] });
  const heard = new EventEmitter();
  const listening = await watcher.subscribe({ tools: true, uris: ["sensor://hall"] }, (event) =>
    heard.emit("event", event),
  );
  console.log(
    revision,
    `listens for ${Object.keys(listening.agreed).filter((key) => listening.agreed[key] !== false)}`,
  );

  // An event says that something changed. What it is now has to be read.
  const [[first]] = await Promise.all([once(heard, "event"), worker.callTool("warm")]);
  const { contents } = await watcher.readResource(first.uri);
  console.log(`  ${first.type}: ${contents[0].text}`);

  const hearing = once(heard, "event");
  const extra = server.tool("calibrate", {}, () => "Calibrated.");
  const [second] = await hearing;
  console.log(`  ${second.type}: ${(await watcher.listTools()).map(({ name }) => name)}`);

  await listening.close();
  extra.remove(); // nobody is told any more
  await watcher.close();
  await worker.close();
}

/** A server with the same work as a plain call and as a task; over stdio where it is started as a program. */

import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { createServer } from "../../dist/runtime/server/index.js";

const WORK_MS = 10;
const input = { type: "object", properties: { value: { type: "integer" } }, required: ["value"] };

/** More than all that are made. */
const ROOM = { maxTasks: 1_000_000, maxTasksPerClient: 1_000_000 };

/** @param {object} [tasks] how they are kept; apart from the room for them, the defaults are what is measured */
export function createTaskServer(tasks) {
  const server = createServer({ name: "tasks", version: "1", tasks: { ...ROOM, ...tasks } });
  const work = async ({ value }) => {
    await wait(WORK_MS);
    return String(value);
  };
  server.tool("plain", { input }, work);
  server.tool("work", { input, task: "optional" }, work);
  return server;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await createTaskServer().serveStdio();

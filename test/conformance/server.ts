/**
 * The server that the referee judges, on HTTP at `--port` (0, the default, takes a free one). `--sse` answers every request by an event
 * stream. Writes its URL to stdout when it is ready.
 */

import { parseArgs } from "node:util";
import { createSubject } from "./subject.js";

const { values } = parseArgs({
  options: { port: { type: "string", default: "0" }, sse: { type: "boolean", default: false } },
});
const { url } = await createSubject().serveHttp({
  port: Number(values.port),
  host: "127.0.0.1",
  path: "/mcp",
  answers: values.sse ? "sse" : "auto",
});
console.log(url);

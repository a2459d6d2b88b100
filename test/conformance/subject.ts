/** Everything that the referee expects of a server, on one server. */

import { createServer, type Server } from "mcpwire/server";
import {
  defineChangeTools,
  defineContentTools,
  definePrompts,
  defineResources,
  defineSchemaTools,
  defineSignalTools,
} from "./content.js";
import { defineQuestions, defineRounds } from "./questions.js";
import { defineTasks } from "./tasks.js";

export function createSubject(): Server {
  const server = createServer({
    name: "mcpwire-conformance-server",
    version: "1.0.0",
    requestState: { keys: ["a secret that protects nothing, for tests"] },
  });
  for (const define of [
    defineContentTools,
    defineSignalTools,
    defineQuestions,
    defineRounds,
    defineSchemaTools,
    defineChangeTools,
    defineResources,
    definePrompts,
    defineTasks,
  ])
    define(server);
  return server;
}

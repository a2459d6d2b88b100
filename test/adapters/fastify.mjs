/** Behind Fastify, which parses bodies itself; `hijack` leaves the answer to the handler. */

import fastify from "fastify";

/** @param handler what `server.toNodeHandler()` gives. */
export function mountFastify(handler) {
  const app = fastify();
  app.all("/mcp", (request, reply) => {
    reply.hijack();
    handler(request.raw, reply.raw, request.body);
  });
  return app;
}

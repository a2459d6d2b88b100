/** Behind Hono, on whatever it runs. */

import { Hono } from "hono";

/** @param handler what `server.toFetchHandler()` gives. */
export function mountHono(handler) {
  const app = new Hono();
  app.all("/mcp", (context) => handler(context.req.raw));
  return app;
}

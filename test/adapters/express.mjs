/** Behind Express. It works with bodies that `express.json()` has parsed, and reads them itself where nothing has. */

import express from "express";

/** @param handler what `server.toNodeHandler()` gives. */
export function mountExpress(handler, { parse }) {
  const app = express();
  if (parse) app.use(express.json());
  app.all("/mcp", handler);
  return app;
}

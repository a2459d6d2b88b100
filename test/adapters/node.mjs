/** Behind a server of Node's own. */

import { createServer } from "node:http";

/** @param handler what `server.toNodeHandler()` gives. */
export function mountNode(handler) {
  return createServer((request, response) => {
    if (request.url?.split("?")[0] === "/mcp") handler(request, response);
    else response.writeHead(404).end();
  });
}

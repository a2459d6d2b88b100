/** The requests that the load generators send, as text, for both eras. */

const STATEFUL = "2025-11-25";
const STATELESS = "2026-07-28";
const client = { name: "load", version: "1.0.0" };
const meta = {
  "io.modelcontextprotocol/protocolVersion": STATELESS,
  "io.modelcontextprotocol/clientInfo": client,
  "io.modelcontextprotocol/clientCapabilities": {},
};

const rpc = (members) => JSON.stringify({ jsonrpc: "2.0", ...members });

/** What a session of each era begins with, and the params of its requests. */
export const ERAS = {
  stateful: {
    revision: STATEFUL,
    initialize: rpc({
      id: 0,
      method: "initialize",
      params: { protocolVersion: STATEFUL, capabilities: {}, clientInfo: client },
    }),
    initialized: rpc({ method: "notifications/initialized" }),
    params: (own) => own,
  },
  stateless: {
    revision: STATELESS,
    params: (own) => ({ ...own, _meta: meta }),
  },
};

/** A request of an era by its id: everything but the id is made once. */
export function requestOf(era, method, own) {
  const text = rpc({ id: 0, method, params: ERAS[era].params(own) });
  const [before, after] = text.split('"id":0');
  return (id) => `${before}"id":${id}${after}`;
}

/** A call of the tool `echo`. */
export function echoCall(era, text = "hello") {
  return requestOf(era, "tools/call", { name: "echo", arguments: { text } });
}

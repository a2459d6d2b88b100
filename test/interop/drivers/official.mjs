/** What the clients of the official packages have in common. */

/** A driver around a client that is not connected yet, with the handlers to register. */
export function driverOf(client) {
  const logs = [];
  const events = [];
  const asked = [];
  const errors = [];
  client.onerror = (error) => errors.push(error.message);
  return {
    logs,
    events,
    asked,
    errors,
    get serverName() {
      return client.getServerVersion()?.name;
    },
    elicit({ params }) {
      asked.push(params.message);
      return { action: "accept", content: { name: "Ada" } };
    },
    sample({ params }) {
      asked.push(JSON.stringify(params.messages));
      return { role: "assistant", model: "m1", stopReason: "endTurn", content: { type: "text", text: "4" } };
    },
    roots() {
      asked.push("roots");
      return { roots: [{ uri: "file:///work", name: "work" }] };
    },
    onlog: ({ params }) => void logs.push(params),
    onupdate: ({ params }) => void events.push(`uri ${params.uri}`),
    ontools: () => void events.push("toolsChanged"),
    listTools: () => allOf((params) => client.listTools(params), "tools"),
    listResources: () => allOf((params) => client.listResources(params), "resources"),
    listTemplates: () => allOf((params) => client.listResourceTemplates(params), "resourceTemplates"),
    listPrompts: () => allOf((params) => client.listPrompts(params), "prompts"),
    callTool: (name, args, how) => client.callTool({ name, arguments: args }, undefined, how),
    readResource: (uri) => client.readResource({ uri }),
    getPrompt: (name, args) => client.getPrompt({ name, arguments: args }),
    complete: async (ref, argument) => (await client.complete({ ref, argument })).completion.values,
    setLevel: async (level) => void (await client.setLoggingLevel(level)),
    subscribe: async (uri) => void (await client.subscribeResource({ uri })),
    rootsChanged: () => client.sendRootsListChanged(),
    ping: async () => void (await client.ping()),
    async close() {
      // The session is ended as a good client does; over stdio there is none.
      await client.transport?.terminateSession?.();
      await client.close();
    },
  };
}

async function allOf(fetch, key) {
  const items = [];
  let cursor;
  do {
    const page = await fetch(cursor === undefined ? undefined : { cursor });
    items.push(...page[key]);
    cursor = page.nextCursor;
  } while (cursor !== undefined && items.length < 1_000);
  return items;
}

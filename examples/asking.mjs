/**
 * A handler that asks: the person for the number of nights, the model for a greeting. It is written once; the client speaks a revision in
 * which questions are requests of the server, then one in which they come back as results and the handler runs again.
 */

import { connect } from "mcpwire/client";
import { createServer } from "mcpwire/server";
import { Type } from "typebox";

const server = createServer({ name: "hotel", version: "1.0.0" });
const booked = [];
let runs = 0;

server.tool(
  "book",
  { description: "Books a room.", input: Type.Object({ room: Type.String() }) },
  async ({ room }, ctx) => {
    runs++;
    const stay = await ctx.elicit({
      message: `How many nights in the ${room}?`,
      requestedSchema: {
        type: "object",
        properties: { nights: { type: "integer", title: "Nights", minimum: 1, maximum: 14 } },
        required: ["nights"],
      },
    });
    if (stay.action !== "accept") return "Nothing was booked.";
    // An effect before the next question: it must not happen again when the handler does.
    const number = await ctx.once("book", () => booked.push(`${room}, ${stay.content.nights} nights`));
    const { content } = await ctx.sample({
      messages: [{ role: "user", content: { type: "text", text: `Welcome a guest of the ${room} in one line.` } }],
      maxTokens: 40,
    });
    return `Booking ${number}: ${booked[number - 1]}. ${content.text}`;
  },
);

/** The person and the model of this client; a real one shows forms and calls a model, with the person looking on. */
const answers = {
  elicit: ({ message }) => {
    console.log(`  person is asked: ${message}`);
    return { action: "accept", content: { nights: 2 } };
  },
  sample: ({ messages }) => {
    console.log(`  model is asked: ${messages[0].content.text}`);
    return { role: "assistant", model: "a-model", content: { type: "text", text: "Welcome!" } };
  },
};

for (const revision of ["2025-11-25", "2026-07-28"]) {
  runs = 0;
  console.log(revision);
  const client = await connect(server, { ...answers, revisions: [revision] });
  const { content } = await client.callTool("book", { room: "Blue room" });
  console.log(`  ${content[0].text} (the handler ran ${runs === 1 ? "once" : `${runs} times`})`);
  await client.close();
}

const shy = await connect(server);
const { isError, content } = await shy.callTool("book", { room: "Red room" }).catch((error) => ({
  isError: true,
  content: [{ text: `${error.rpcCode} ${JSON.stringify(error.data)}` }],
}));
console.log(`a client without answers\n  ${isError}: ${content[0].text}`);
await shy.close();

/**
 * Starts the research server and gives it a model: here one that follows a script, so that the example needs no key. A real one is an
 * object with `models` and `generate` too. Revisions may be given as arguments.
 */

import { fileURLToPath } from "node:url";
import { connect, createSampler, createScriptedModel } from "mcpwire/client";

const script = fileURLToPath(new URL("research-server.mjs", import.meta.url));
const wanted = process.argv.length > 2 ? process.argv.slice(2) : ["2025-11-25", "2026-07-28"];
const WORDS = { benefit: "sedum", effort: "costs" };

/** What the model says: it searches, reads all that was found, and sums up. */
function think({ messages, tools }) {
  const [first, ...rest] = messages.map(({ content }) => content);
  if (tools.length === 0) return `Edited: ${first[0].text.split("\n").slice(1).join(" ")}`;
  const angle = /Look only at: (\w+)/.exec(first[0].text)[1];
  if (rest.length === 0) return { use: [["search", { word: WORDS[angle] }]] };
  const told = rest.at(-1).map((block) => block.content[0].text);
  return rest.length === 2
    ? { use: told[0].split(", ").map((name) => ["read_note", { name }]) }
    : `${told.length} notes, the first says "${told[0].slice(0, 24)}..."`;
}

for (const revision of wanted) {
  let questions = 0;
  const client = await connect(
    { command: process.execPath, args: [script] },
    {
      revisions: [revision],
      sampleWithTools: true,
      sample: createSampler({
        provider: createScriptedModel(think),
        limits: { requests: 20, maxTokens: 500 },
        approve: {
          // The place to ask a person.
          request(request, { server }) {
            questions++;
            return server.name === "research" && request.maxTokens <= 1_000 ? request : false;
          },
        },
      }),
    },
  );
  const task = await client.startTool("research", { question: "How can a yard be kept cool?" });
  let last;
  for await (const state of task.updates) last = state;
  const { structuredContent } = await task.result();
  console.log(`${revision}, ${last.status} as a task: ${last.message}, ${questions} questions`);
  for (const { angle, toolCalls } of structuredContent.findings) console.log(`  ${angle}: ${toolCalls} tools`);
  console.log(`  ${structuredContent.answer}`);
  await client.close();
}

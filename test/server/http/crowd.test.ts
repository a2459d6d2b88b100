/** Many clients at once, all with the same ids: none gets what belongs to another. */

import { expect, onTestFinished, test } from "vitest";
import type { Server } from "../../../runtime/server/server.js";
import { verifies } from "../../verifies.js";
import { meta } from "../raw.js";
import { call, initialize, POSTING, request, type Served, serve, WAYS } from "./http.js";
import { converse, dial } from "./raw-http.js";

const CLIENTS = 1_000;

/** Answers nobody before everybody asked, and then the last one first. */
function define(server: Server): void {
  const waiting: (() => void)[] = [];
  server.tool("meet", { input: { type: "object", properties: { who: { type: "string" } } } }, async ({ who }, ctx) => {
    const all = new Promise<void>((resolve) => waiting.push(resolve));
    if (waiting.length === CLIENTS) for (const go of waiting.reverse()) go();
    await all;
    const { principal } = ctx.origin as { principal?: string };
    if (Number(who) % 2 === 0) ctx.log("error", `said to ${who}.`);
    return `answer to ${who} of ${principal}.`;
  });
}

/** Posts for one client and gives the whole answer as text, its headers included. */
type Send = (headers: Readonly<Record<string, string>>, message: object) => Promise<string>;

async function connect(served: Served, authorization: string): Promise<Send> {
  if (served.way === "node") {
    const socket = await dial(served.url);
    onTestFinished(() => void socket.destroy());
    return (headers, message) => {
      const lines = Object.entries({ ...headers, authorization }).map(([name, value]) => `${name}: ${value}`);
      return converse(socket, lines, message);
    };
  }
  return async (headers, message) => {
    const answer = await served.post(message, { ...POSTING, ...headers, authorization });
    return `${[...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n")}\n${await answer.text()}`;
  };
}

/** The clients in an answer to whom something is said. */
const spokenTo = (text: string): string[] =>
  [...text.matchAll(/(?:said to|answer to) ([^."]+)/g)].map(([, who = ""]) => who);

const own = (who: number): string[] => [...(who % 2 === 0 ? [`${who}`] : []), `${who} of ${who}`];

const open = (way: Served["way"]): Promise<Served> =>
  serve(way, define, {
    jsonWithinMs: Number.POSITIVE_INFINITY,
    authenticate: (asked) => ({ principal: asked.header("authorization") ?? "" }),
  });

const crowd = <T>(visit: (who: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: CLIENTS }, (_, who) => visit(who)));

test.each(WAYS)(
  `by %s, a thousand clients without sessions get their own answers${verifies("LIFE-55", "LIFE-56")}`,
  async (way) => {
    const served = await open(way);
    const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "meet" };
    const _meta = { ...meta(), "io.modelcontextprotocol/logLevel": "error" };
    const answers = await crowd(async (who) => {
      const send = await connect(served, String(who));
      return await send(headers, request(1, "tools/call", { name: "meet", arguments: { who: String(who) }, _meta }));
    });
    expect(answers.map(spokenTo)).toEqual(answers.map((_, who) => own(who)));
    expect(served.errors).toEqual([]);
  },
);

test.each(WAYS)("by %s, a thousand clients with sessions get their own answers", async (way) => {
  const served = await open(way);
  const ids = new Set<string>();
  const answers = await crowd(async (who) => {
    const send = await connect(served, String(who));
    const id = /mcp-session-id: (\S+)/i.exec(await send({}, initialize("2025-06-18")))?.[1] ?? "";
    ids.add(id);
    return await send({ "mcp-session-id": id }, call(1, "meet", { who: String(who) }));
  });
  expect(ids.size).toBe(CLIENTS);
  expect(answers.map(spokenTo)).toEqual(answers.map((_, who) => own(who)));
  expect(served.errors).toEqual([]);
});

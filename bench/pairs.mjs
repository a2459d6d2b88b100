/** A client and a server in one process: calls one after another and many at once, and long lists; beside the official pair. */

import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { connect } from "../dist/runtime/client/index.js";
import { createMemoryPair, createServer } from "../dist/runtime/server/index.js";
import { byTurns, perRound } from "./load/rounds.mjs";
import { summary } from "./stats.mjs";

const CALLS = 10_000;
const LENGTHS = [1_000, 5_000];
const info = { name: "pair", version: "1.0.0" };

function ownServer(tools) {
  const server = createServer({ ...info, pageSize: 10_000 });
  const input = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
  for (let number = 0; number < tools; number++)
    server.tool(
      number === 0 ? "echo" : `tool-${number}`,
      { description: `Number ${number}.`, input },
      ({ text }) => text,
    );
  return server;
}

function officialServer(tools) {
  const server = new McpServer(info, { capabilities: { tools: {} } });
  const inputSchema = z.object({ text: z.string() });
  const run = ({ text }) => ({ content: [{ type: "text", text }] });
  for (let number = 0; number < tools; number++) {
    const name = number === 0 ? "echo" : `tool-${number}`;
    server.registerTool(name, { description: `Number ${number}.`, inputSchema }, run);
  }
  return server;
}

async function ownPair() {
  const [left, right] = createMemoryPair();
  await ownServer(1).connect(right);
  const client = await connect(left, { ...info });
  return { call: (text) => client.callTool("echo", { text }), close: () => client.close() };
}

async function officialPair() {
  const [left, right] = InMemoryTransport.createLinkedPair();
  await officialServer(1).connect(right);
  const client = new Client(info);
  await client.connect(left);
  return { call: (text) => client.callTool({ name: "echo", arguments: { text } }), close: () => client.close() };
}

const microseconds = (start, count) => Number(process.hrtime.bigint() - start) / 1e3 / count;

async function sequential({ call }) {
  const start = process.hrtime.bigint();
  for (let number = 0; number < CALLS; number++) {
    const { content } = await call("hello");
    if (content[0].text !== "hello") throw new Error("a call was answered wrongly");
  }
  return microseconds(start, CALLS);
}

async function concurrent({ call }) {
  const start = process.hrtime.bigint();
  const answers = await Promise.all(Array.from({ length: CALLS }, () => call("hello")));
  if (answers.some(({ content }) => content[0].text !== "hello")) throw new Error("a call was answered wrongly");
  return microseconds(start, CALLS);
}

/** Microseconds a call, and how many times as long the official pair takes. */
export async function measureMemory({ blocks = 5 } = {}) {
  const pairs = { mcpwire: await ownPair(), "sdk 2": await officialPair() };
  const figures = {};
  for (const [name, run] of Object.entries({ sequential, concurrent })) {
    const subjects = Object.entries(pairs).map(([who, pair]) => [who, () => run(pair)]);
    const times = await byTurns(Object.fromEntries(subjects), { warmup: 1, blocks });
    figures[name] = {
      microseconds: Object.fromEntries(Object.entries(times).map(([who, sample]) => [who, summary(sample)])),
      faster: perRound(times["sdk 2"], times.mcpwire),
    };
  }
  for (const { close } of Object.values(pairs)) await close();
  return figures;
}

/** A transport of both kinds that lets messages be put in by hand. What writing a message costs is not what is measured. */
function bareTransport() {
  let answered;
  const transport = {
    onsent: undefined,
    receive: undefined,
    // As a channel.
    open(events) {
      transport.receive = (message) => events.onmessage(message);
    },
    // As a transport of the peer.
    async start() {
      transport.receive = (message) => transport.onmessage(message);
    },
    onmessage: undefined,
    send(message) {
      if (message.method === undefined) answered?.(message);
      else transport.onsent?.(message);
    },
    async close() {},
    ask(message) {
      return new Promise((resolve) => {
        answered = resolve;
        transport.receive(message);
      });
    },
  };
  return transport;
}

/** The peer wants promises of what it sends. */
function promising(transport) {
  const { send } = transport;
  transport.send = async (message) => send(message);
  return transport;
}

const INITIALIZE = {
  jsonrpc: "2.0",
  id: "open",
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: info },
};

async function listedBy(connectTo, transport) {
  await connectTo(transport);
  await transport.ask(INITIALIZE);
  transport.receive({ jsonrpc: "2.0", method: "notifications/initialized" });
  let id = 0;
  return async (tools) => {
    const start = process.hrtime.bigint();
    const { result } = await transport.ask({ jsonrpc: "2.0", id: ++id, method: "tools/list" });
    const time = Number(process.hrtime.bigint() - start) / 1e6;
    if (result?.tools?.length !== tools) throw new Error(`a list of ${tools} tools was answered wrongly`);
    return { time, result };
  };
}

/** Answers whatever a client asks: the handshake, and lists with what `prepare` has parsed, which no answer shares with another. */
function answering(transport, list) {
  let ready;
  const opened = { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: info };
  const answerTo = (method) => {
    if (method === "initialize") return { result: opened };
    return method === "tools/list" ? { result: ready } : { error: { code: -32601, message: "none" } };
  };
  transport.onsent = ({ id, method }) => {
    if (id !== undefined) queueMicrotask(() => transport.receive({ jsonrpc: "2.0", id, ...answerTo(method) }));
  };
  transport.prepare = () => {
    ready = JSON.parse(list);
  };
  return transport;
}

async function timed(transport, list, tools) {
  transport.prepare();
  const start = process.hrtime.bigint();
  const found = await list();
  const time = Number(process.hrtime.bigint() - start) / 1e6;
  if (found.length !== tools) throw new Error(`${found.length} of ${tools} tools came`);
  return time;
}

async function listsOf(tools, blocks) {
  const servers = {
    mcpwire: await listedBy((wire) => ownServer(tools).connect(wire), bareTransport()),
    "sdk 2": await listedBy((wire) => officialServer(tools).connect(wire), promising(bareTransport())),
  };
  const list = JSON.stringify((await servers.mcpwire(tools)).result);
  const [ownWire, officialWire] = [answering(bareTransport(), list), promising(answering(bareTransport(), list))];
  const own = await connect(ownWire, { ...info, revisions: ["2025-11-25"] });
  const official = new Client(info);
  await official.connect(officialWire);
  const subjects = {
    "server mcpwire": async () => (await servers.mcpwire(tools)).time,
    "server sdk 2": async () => (await servers["sdk 2"](tools)).time,
    "client mcpwire": () => timed(ownWire, async () => await own.listTools({ cached: false }), tools),
    "client sdk 2": () => timed(officialWire, async () => (await official.listTools()).tools, tools),
  };
  const times = await byTurns(subjects, { warmup: 5, blocks });
  const faster = (side) => perRound(times[`${side} sdk 2`], times[`${side} mcpwire`]);
  return {
    milliseconds: Object.fromEntries(Object.entries(times).map(([name, sample]) => [name, summary(sample)])),
    server: faster("server"),
    client: faster("client"),
  };
}

/** Milliseconds of a list of tools on either side, how many times as long the peer takes, and how the time grows with the list. */
export async function measureLists({ blocks = 15 } = {}) {
  const figures = {};
  for (const tools of LENGTHS) figures[tools] = await listsOf(tools, blocks);
  const [short, long] = LENGTHS.map((tools) => figures[tools].milliseconds);
  const growth = (side) =>
    Math.log(long[`${side} mcpwire`].low / short[`${side} mcpwire`].low) / Math.log(LENGTHS[1] / LENGTHS[0]);
  return { lengths: figures, growth: { server: growth("server"), client: growth("client") } };
}

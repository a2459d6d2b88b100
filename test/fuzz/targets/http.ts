/**
 * The HTTP endpoint, by bytes on a socket and by a `Request`: whatever comes, it is answered, in the same way on both; no answer says more
 * than it should, and the server goes on for the next one.
 */

import { connect } from "node:net";
import fc from "fast-check";
import type { Server } from "../../../runtime/server/server.js";
import { bytesOf, cutAt, cuts, json, odd, utf8 } from "../bytes.js";
import { isUnpolluted, payload } from "../messages.js";
import { createSubject } from "../subject.js";
import { defineTarget, holds, same, type Target } from "../target.js";

interface Input {
  readonly method: string;
  readonly query: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly framing: "length" | "chunked" | "short" | "both" | "none";
  readonly cuts: readonly number[];
}

const limits = {
  maxBodyBytes: 20_000,
  maxSessions: 20,
  maxRequests: 50,
  requestTimeoutMs: 2_000,
  jsonWithinMs: 60_000,
};

/** One server for all runs, opened by the first: what they leave behind would show itself. */
interface Open {
  readonly server: Server;
  readonly port: number;
  readonly handle: (request: Request) => Promise<Response>;
}

let opening: Promise<Open> | undefined;

function open(): Promise<Open> {
  opening ??= (async () => {
    const server = createSubject();
    const { port } = await server.serveHttp(limits);
    return { server, port, handle: server.toFetchHandler(limits) };
  })();
  return opening;
}

const ACCEPT: readonly [string, string] = ["Accept", "application/json, text/event-stream"];
const TYPE: readonly [string, string] = ["Content-Type", "application/json"];
const value = fc.oneof(
  fc.string({ maxLength: 12 }),
  odd,
  fc.constantFrom(
    "2026-07-28",
    "2025-11-25",
    "tools/call",
    "echo",
    "text/event-stream",
    "*/*",
    "=?base64?YQ==?=",
    "=?base64?_?=",
    "x".repeat(20_000),
  ),
);
const name = fc.constantFrom(
  "Accept",
  "Content-Type",
  "Mcp-Session-Id",
  "MCP-Protocol-Version",
  "mcp-method",
  "Mcp-Name",
  "Mcp-Param-N",
  "Last-Event-ID",
  "Origin",
  "Authorization",
  "X-Odd",
  "Cookie",
  "__proto__",
  "constructor",
  "Content-Encoding",
  "Expect",
  "Upgrade",
  "Transfer-Encoding",
  "Content-Length",
);
const body = fc.oneof(
  { weight: 6, arbitrary: payload.map((message) => utf8(JSON.stringify(message) ?? "")) },
  { weight: 1, arbitrary: json.map((one) => utf8(JSON.stringify(one) ?? "")) },
  {
    weight: 1,
    arbitrary: fc.oneof(
      odd.map(utf8),
      fc.constantFrom(
        "",
        "{",
        "\xff\xfe",
        "[".repeat(19_000),
        " ".repeat(30_000),
        '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping","method":"tools/list"}',
      ),
    ),
  },
);
const mirrored = fc
  .record({ id: fc.nat(9), name: fc.constantFrom("echo", "fail", "slow", "ask"), text: odd })
  .map(({ id, name: tool, text }) => ({
    headers: [
      TYPE,
      ACCEPT,
      ["MCP-Protocol-Version", "2026-07-28"],
      ["Mcp-Method", "tools/call"],
      ["Mcp-Name", tool],
    ] as [string, string][],
    body: utf8(
      JSON.stringify({
        jsonrpc: "2.0",
        id,
        method: "tools/call",
        params: {
          name: tool,
          arguments: { text },
          _meta: {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": { elicitation: {} },
          },
        },
      }),
    ),
  }));
const loose = fc.record({
  headers: fc
    .tuple(
      fc.constantFrom<(readonly [string, string])[]>(
        [],
        [TYPE, ACCEPT],
        [TYPE, ACCEPT, ["MCP-Protocol-Version", "2026-07-28"]],
      ),
      fc.array(fc.tuple(name, value), { maxLength: 4 }),
    )
    .map(([given, more]) => [...given, ...more] as [string, string][]),
  body,
});

export const http: Target = defineTarget<Input>({
  name: "http",
  inputs: fc
    .record({
      method: fc.oneof(
        { weight: 8, arbitrary: fc.constant("POST") },
        {
          weight: 3,
          arbitrary: fc.constantFrom("GET", "DELETE", "PUT", "OPTIONS", "HEAD", "PATCH", "get", "M-SEARCH"),
        },
      ),
      query: fc.constantFrom(
        "",
        "",
        "",
        "?",
        "?sessionId=x",
        "?sessionId=%zz",
        `?a=${"b".repeat(3_000)}`,
        "?sessionId=__proto__",
      ),
      whole: fc.oneof(mirrored, loose),
      framing: fc.oneof(
        { weight: 20, arbitrary: fc.constantFrom<Input["framing"]>("length", "chunked") },
        { weight: 1, arbitrary: fc.constantFrom<Input["framing"]>("short", "both", "none") },
      ),
      cuts,
    })
    .map(({ whole, ...rest }) => ({ ...rest, ...whole })),
  corpus: [
    {
      method: "POST",
      query: "",
      headers: [TYPE, ACCEPT],
      body: `${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}`,
      framing: "length",
      cuts: [1, 2, 3],
    },
    {
      method: "POST",
      query: "",
      headers: [TYPE, ACCEPT, TYPE, ["Host", "evil.example"]],
      body: "{}",
      framing: "length",
      cuts: [],
    },
    {
      method: "POST",
      query: "",
      headers: [TYPE, ACCEPT, ["Transfer-Encoding", "chunked"], ["Transfer-Encoding", "identity"]],
      body: "{}",
      framing: "both",
      cuts: [],
    },
    { method: "GET", query: "", headers: [["Accept", "text/event-stream"]], body: "", framing: "none", cuts: [] },
  ],
  async run(input) {
    const byBytes = await overSocket(input);
    holds(byBytes === undefined || (byBytes.status >= 200 && byBytes.status < 600), `The status is ${byBytes?.status}`);
    const byRequest = await overRequest(input);
    if (byBytes !== undefined && byRequest !== undefined && isPlain(input))
      same(byBytes, byRequest, "By bytes and by a request");
    holds(isUnpolluted(), "A request changed what all objects have");
    const pong = await overSocket({
      method: "POST",
      query: "",
      headers: [TYPE, ACCEPT],
      body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
      framing: "length",
      cuts: [],
    });
    // A machine that is busy may not get to it in time.
    if (pong?.status !== 408) same(pong?.status, 400, "The status of a request without a session");
  },
  async end() {
    if (opening !== undefined) await (await opening).server.close();
  },
});

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function requestOf({ method, query, headers, body: text, framing }: Input): Buffer {
  const bytes = bytesOf(text);
  const own = headers.map(
    ([key, one]) => `${key}: ${Buffer.from(one.replace(/[\r\n\0]/g, " "), "utf8").toString("latin1")}`,
  );
  const length = framing === "short" ? bytes.length + 10 : bytes.length;
  const framed = framing === "chunked" || framing === "both";
  const lines = [
    `${method} /mcp${query} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Connection: close",
    ...own,
    ...(framed ? ["Transfer-Encoding: chunked"] : []),
    ...(framing === "length" || framing === "short" || framing === "both" ? [`Content-Length: ${length}`] : []),
  ];
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  const chunk = bytes.length === 0 ? "" : `${bytes.length.toString(16)}\r\n${text}\r\n`;
  return Buffer.concat([head, framed ? Buffer.from(`${chunk}0\r\n\r\n`, "latin1") : bytes]);
}

/** `undefined` where the server hangs up. */
async function overSocket(input: Input): Promise<Answer | undefined> {
  const { port } = await open();
  return await new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    let text = "";
    const finish = (answer: Answer | undefined): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("error", () => finish(undefined));
    socket.on("close", () => finish(answerOf(text, true)));
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const answer = answerOf(text, false);
      if (answer !== undefined) finish(answer);
    });
    socket.on("connect", () => {
      for (const part of cutAt(requestOf(input), input.cuts)) socket.write(part);
    });
  });
}

function answerOf(text: string, isAll: boolean): Answer | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  const status = Number(head.split(" ", 2)[1]);
  if (status === 100) return answerOf(text.slice(end + 4), isAll);
  const type = /^content-type: (.*)$/im.exec(head)?.[1] ?? "";
  const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? -1);
  if (type.startsWith("text/event-stream")) return { status, type, body: "" };
  const body = text.slice(end + 4);
  if (!isAll && (length < 0 || body.length < length)) return undefined;
  return { status, type, body: Buffer.from(body, "latin1").toString("utf8") };
}

async function overRequest({ method, query, headers, body: text }: Input): Promise<Answer | undefined> {
  let request: Request;
  try {
    const named = new Headers();
    for (const [key, one] of headers) named.append(key, Buffer.from(one, "utf8").toString("latin1"));
    named.set("host", "127.0.0.1");
    const bodiless = method === "GET" || method === "HEAD" || method.toUpperCase() === "GET";
    request = new Request(`http://127.0.0.1/mcp${query}`, {
      method,
      headers: named,
      ...(bodiless ? {} : { body: bytesOf(text) }),
    });
  } catch {
    // What the platform does not take cannot come that way.
    return undefined;
  }
  const { handle } = await open();
  const response = await handle(request);
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) {
    await response.body?.cancel();
    return { status: response.status, type, body: "" };
  }
  return { status: response.status, type, body: await response.text() };
}

/** Whether both ways are given the same: no header twice, none that a parser of HTTP takes for itself, and a body of its length. */
function isPlain({ method, headers, framing, body: text, query }: Input): boolean {
  const names = headers.map(([key]) => key.toLowerCase());
  const taken = ["expect", "upgrade", "transfer-encoding", "content-length", "host", "connection", "cookie"];
  const size = headers.reduce((sum, [key, one]) => sum + key.length + one.length, query.length);
  return (
    method === "POST" &&
    (framing === "length" || framing === "chunked") &&
    text !== "" &&
    size < 8_000 &&
    new Set(names).size === names.length &&
    !names.some((one) => taken.includes(one) || one.includes("__")) &&
    headers.every(([, one]) => /^[!-~]([ -~]*[!-~])?$/.test(one)) &&
    // A session opens under an id of its own, which later requests could name.
    !names.includes("mcp-session-id")
  );
}

/** The client's channel over HTTP with a handshake, against servers that are slow, sloppy or hostile. */

import { describe, expect, test } from "vitest";
import { createHttpChannel, type HttpOptions } from "../../runtime/protocol/http-client.js";
import { verifies } from "../verifies.js";
import { type Hit, openChannel, session, startHttp, type Told, until } from "./http-raw.js";

async function shaken(answer: (hit: Hit) => void, options: HttpOptions = { listen: false }, revision = "2025-11-25") {
  const server = await startHttp(session(answer));
  const told = await openChannel(createHttpChannel(server.url, options));
  await told.shake(revision);
  told.messages.length = 0;
  return { server, told };
}

const answer = (id: unknown): object => ({ id, result: { ok: id } });

describe("a session", () => {
  test(`begins with the handshake, and its id and revision go with every request${verifies("HTTP-09", "HTTP-10", "HTTP-12", "HTTP-31", "HTTP-57", "HTTP-61", "HTTP-67", "HTTP-70", "HTTP-71", "HTTP-74", "LIFE-24")}`, async () => {
    const { server, told } = await shaken((hit) => (hit.verb === "GET" ? hit.text(405, "") : hit.result({})), {});
    told.ask(1, "tools/list");
    await until(() => told.messages.length === 1);
    await until(() => server.verbs().includes("GET"));
    await told.channel.close();
    expect(new Set(server.verbs())).toEqual(
      new Set(["initialize", "notifications/initialized", "GET", "tools/list", "DELETE"]),
    );
    for (const { verb, body, headers } of server.hits) {
      const first = body.method === "initialize";
      expect(headers["mcp-session-id"]).toBe(first ? undefined : "session-1");
      expect(headers["mcp-protocol-version"]).toBe(first ? undefined : "2025-11-25");
      if (verb === "POST") expect(headers.accept).toBe("application/json, text/event-stream");
      if (verb === "GET") expect(headers.accept).toBe("text/event-stream");
    }
    expect(told).toMatchObject({ errors: [], lost: [], closed: [undefined] });
  });

  test(`has no header for the revision where that has none${verifies("HTTP-70")}`, async () => {
    const { server, told } = await shaken((hit) => hit.result({}), undefined, "2025-03-26");
    told.ask(1, "tools/list");
    await until(() => told.messages.length === 1);
    expect(server.of("tools/list")[0]?.headers).not.toHaveProperty("mcp-protocol-version");
    expect(server.of("tools/list")[0]?.headers).toMatchObject({ "mcp-session-id": "session-1" });
  });

  test(`may have no id, or one of no use, which is told without it${verifies("HTTP-59", "HTTP-60", "HTTP-66")}`, async () => {
    const server = await startHttp((hit) =>
      hit.body.method === "initialize"
        ? hit.result({ protocolVersion: "2025-11-25" }, { "mcp-session-id": "my secret" })
        : hit.text(404, ""),
    );
    const told = await openChannel(createHttpChannel(server.url, { listen: false }));
    await told.shake();
    told.ask(1, "tools/list");
    await until(() => told.lost.length === 1);
    expect(server.of("tools/list")[0]?.headers).not.toHaveProperty("mcp-session-id");
    expect(told.lost).toMatchObject([{ id: 1, error: { code: "HTTP_STATUS", status: 404 } }]);
    expect(told.errors).toMatchObject([{ code: "NOT_A_MESSAGE" }, { status: 404 }]);
    expect(String(told.errors)).not.toContain("secret");
    await told.channel.close();
    expect(server.verbs()).not.toContain("DELETE");
  });

  test(`that the server forgot is told as such${verifies("HTTP-64", "HTTP-65")}`, async () => {
    const { server, told } = await shaken((hit) =>
      hit.json(404, { jsonrpc: "2.0", id: null, error: { code: -32001, message: "gone" } }),
    );
    told.ask(1, "tools/list");
    await until(() => told.lost.length === 1);
    expect(told.lost).toMatchObject([{ id: 1, error: { code: "SESSION_LOST", cause: { rpcCode: -32001 } } }]);
    expect(String(told.lost[0]?.error)).not.toContain("session-1");
    await told.channel.close();
    expect(server.verbs()).not.toContain("DELETE");
  });

  test(`is not taken for lost by a 404 that names an unknown method${verifies("HTTP-65")}`, async () => {
    const { told } = await shaken((hit) => hit.error(404, -32601));
    told.ask(1, "odd/method");
    await until(() => told.messages.length === 1);
    expect(told.messages).toMatchObject([{ id: 1, error: { code: -32601 } }]);
  });

  test(`is open before anything else is sent${verifies("LIFE-17")}`, async () => {
    const order: string[] = [];
    const server = await startHttp((hit) => {
      const { method } = hit.body;
      if (method === "initialize") hit.result({ protocolVersion: "2025-11-25" });
      else if (method === "notifications/initialized")
        setTimeout(() => {
          order.push("initialized");
          hit.text(202, "");
        }, 100);
      else {
        order.push(method ?? "");
        hit.result({});
      }
    });
    const told = await openChannel(createHttpChannel(server.url, { listen: false }));
    told.ask(0, "initialize", { protocolVersion: "2025-11-25" });
    await until(() => told.messages.length === 1);
    void told.tell("notifications/initialized");
    told.ask(1, "tools/list");
    told.ask(2, "prompts/list");
    await until(() => told.messages.length === 3);
    expect(order).toEqual(["initialized", "tools/list", "prompts/list"]);
  });
});

describe("an answer", () => {
  test(`comes as JSON or as a stream, with what belongs to it before it${verifies("HTTP-18", "HTTP-29")}`, async () => {
    const { told } = await shaken((hit) => {
      const { id, method } = hit.body;
      if (method === "json") return hit.result({ ok: id });
      hit.stream(": hello\n\n", "event: odd\ndata: {}\n\n", "data: not json\n\n");
      hit.say({ method: "notifications/progress", params: {} }, { id: 7, method: "ping" }, answer(id));
      hit.response.end();
    });
    told.ask(1, "json");
    await until(() => told.messages.length === 1);
    told.ask(2, "stream");
    await until(() => told.messages.length === 4);
    expect(told.messages).toMatchObject([
      answer(1),
      { method: "notifications/progress" },
      { id: 7, method: "ping" },
      answer(2),
    ]);
    expect(told.errors).toMatchObject([{ code: "NOT_JSON", head: "not json" }]);
    expect(told.lost).toEqual([]);
  });

  test("is found whatever type it is said to have, and told what it is where it is none", async () => {
    const { told } = await shaken((hit) => {
      const { id } = hit.body;
      const text = JSON.stringify({ jsonrpc: "2.0", ...answer(id) });
      if (id === 1) hit.text(200, text, "text/plain");
      else if (id === 2) hit.text(200, text, "APPLICATION/JSON; charset=utf-8");
      else if (id === 3) hit.text(200, "<html>Hello</html>", "text/html");
      else if (id === 4) hit.text(200, '"text"', "application/json");
      else if (id === 5) hit.text(202, "");
      else hit.json(200, { jsonrpc: "2.0", id: null, error: { code: -32600, message: "what?" } });
    });
    for (const id of [1, 2, 3, 4, 5, 6]) told.ask(id, "x");
    await until(() => told.messages.length + told.lost.length === 6);
    expect([...told.messages].sort((a, b) => Number(a.id) - Number(b.id))).toMatchObject([answer(1), answer(2)]);
    const lost = new Map(told.lost.map(({ id, error }) => [id, error]));
    expect(lost.get(3)).toMatchObject({
      code: "NOT_A_MESSAGE",
      message: expect.stringContaining("text/html"),
      head: "<html>Hello</html>",
    });
    expect(lost.get(4)).toMatchObject({ code: "NOT_A_MESSAGE" });
    expect(lost.get(5)).toMatchObject({ code: "STREAM_LOST" });
    expect(lost.get(6)).toMatchObject({ name: "RpcError", rpcCode: -32600 });
  });

  test(`too large, or never ending, is given up${verifies("SEC-42")}`, async () => {
    const options = { listen: false, maxMessageBytes: 10_000 };
    const { told } = await shaken((hit) => {
      const { id } = hit.body;
      if (id === 1) hit.json(200, { jsonrpc: "2.0", id, result: { text: "x".repeat(20_000) } });
      else {
        hit.stream("id: 1\nretry: 0\n");
        hit.say(`data: ${"x".repeat(20_000)}`);
      }
    }, options);
    told.ask(1, "json");
    told.ask(2, "stream");
    await until(() => told.lost.length === 2);
    expect(told.lost.map(({ error }) => error.code)).toEqual(["TOO_LARGE", "TOO_LARGE"]);
  });

  test("to another request, or a second time, does no harm", async () => {
    let first: Hit | undefined;
    const { told } = await shaken((hit) => {
      if (hit.body.id === 1) first = hit;
      else {
        hit.stream(answer(1), answer(2), answer(2));
        hit.response.end();
      }
    });
    told.ask(1, "a");
    await until(() => first !== undefined);
    told.ask(2, "b");
    await until(() => told.messages.length === 3);
    // Its exchange is not waited for any longer.
    await until(() => first?.cut === true);
    expect(told).toMatchObject({ lost: [], errors: [] });
  });

  test(`to each request of a batch may come in one array or in parts${verifies("HTTP-13", "HTTP-19", "SSE-23")}`, async () => {
    const { server, told } = await shaken(
      (hit) => {
        const ids = (hit.body as unknown as { id: number }[]).map(({ id }) => id);
        const answers = ids.map((id) => ({ jsonrpc: "2.0", ...answer(id) }));
        if (ids[0] === 1) hit.json(200, answers);
        else {
          hit.stream(...answers.slice(1));
          hit.response.end();
        }
      },
      undefined,
      "2025-03-26",
    );
    const batch = (...ids: number[]) =>
      told.channel.send(ids.map((id) => ({ jsonrpc: "2.0" as const, id, method: "x" })));
    batch(1, 2);
    await until(() => told.messages.length === 1);
    expect(told.messages[0]).toMatchObject([answer(1), answer(2)]);
    batch(3, 4);
    await until(() => told.lost.length === 1);
    expect(told.lost).toMatchObject([{ id: 3, error: { code: "STREAM_LOST" } }]);
    expect(server.hits.filter(({ body }) => Array.isArray(body))).toHaveLength(2);
  });
});

describe("a refusal", () => {
  test.each([
    [
      400,
      { jsonrpc: "2.0", id: "server-error", error: { code: -32600, message: "bad" } },
      { name: "RpcError", rpcCode: -32600 },
    ],
    [500, { jsonrpc: "2.0", error: { code: -32603, message: "oh" } }, { name: "RpcError", rpcCode: -32603 }],
    [400, "nothing useful", { name: "HttpError", status: 400 }],
    [500, {}, { name: "HttpError", status: 500, message: expect.stringContaining("the server failed") }],
    [413, "", { name: "HttpError", status: 413, message: expect.stringContaining("larger than the server takes") }],
    [431, "", { name: "HttpError", status: 431, message: expect.stringContaining("headers") }],
    [429, "", { name: "HttpError", status: 429, message: expect.stringContaining("later") }],
    [401, { jsonrpc: "2.0", id: 1, error: { code: -32001, message: "no" } }, { name: "HttpError", status: 401 }],
    [403, "", { name: "HttpError", status: 403 }],
  ])(`with %d is told as what it says${verifies("HTTP-16", "HTTP-123")}`, async (status, body, error) => {
    const { told } = await shaken((hit) => hit.json(status, body, { "www-authenticate": "Bearer x" }));
    told.ask(1, "tools/list");
    await until(() => told.lost.length === 1);
    expect(told.lost).toMatchObject([{ id: 1, error }]);
    const [lost] = told.lost;
    if (lost?.error.name === "HttpError")
      expect((lost.error as unknown as { headers: Headers }).headers.get("www-authenticate")).toBe("Bearer x");
  });

  test("that names the request is its answer", async () => {
    const { told } = await shaken((hit) => hit.error(500, -32603));
    told.ask(1, "tools/list");
    await until(() => told.messages.length === 1);
    expect(told.messages).toMatchObject([{ id: 1, error: { code: -32603 } }]);
  });

  test("whose body never ends is told by its status", async () => {
    const { told } = await shaken((hit) => {
      hit.response.writeHead(502);
      hit.response.write("bad gate");
    });
    told.ask(1, "tools/list");
    await until(() => told.lost.length === 1, 20_000);
    expect(told.lost).toMatchObject([{ error: { status: 502, head: "bad gate" } }]);
  });

  test(`of a notification or an answer is told to the owner${verifies("HTTP-15", "HTTP-16")}`, async () => {
    const server = await startHttp((hit) =>
      hit.body.method === "initialize" ? hit.result({ protocolVersion: "2025-11-25" }) : hit.text(400, "no"),
    );
    const told = await openChannel(createHttpChannel(server.url, { listen: false }));
    await told.shake();
    told.channel.send({ jsonrpc: "2.0", id: 5, result: {} });
    await until(() => told.errors.length === 2);
    expect(told.errors).toMatchObject([
      { status: 400, message: expect.stringContaining("notifications/initialized") },
      { status: 400, message: expect.stringContaining("an answer") },
    ]);
  });

  test("by a server that is gone, or by headers that cannot be had, is told for each request", async () => {
    let fail = false;
    const headers = (): Record<string, string> => {
      if (fail) throw new Error("no token");
      return {};
    };
    const { server, told } = await shaken(() => undefined, { listen: false, headers });
    fail = true;
    told.ask(1, "x");
    await until(() => told.lost.length === 1);
    fail = false;
    await server.close();
    told.ask(2, "x");
    await until(() => told.lost.length === 2);
    expect(told.lost.map(({ error }) => error.code)).toEqual(["CALLBACK_FAILED", "REQUEST_FAILED"]);
    await told.channel.close();
    expect(told.closed).toEqual([undefined]);
  });
});

describe("a stream that is cut before the answer", () => {
  /** Cuts the POST after a first event, and answers each GET as told. */
  const cutting = (first: string, ...gets: ((hit: Hit) => void)[]) => {
    let post: Hit | undefined;
    return (hit: Hit): void => {
      if (hit.verb === "GET") gets.shift()?.(hit);
      else {
        post = hit;
        post.stream(first);
        setTimeout(() => hit.response.end(), 20);
      }
    };
  };
  const gets = (hits: readonly Hit[]): Hit[] => hits.filter(({ verb }) => verb === "GET");

  test(`is taken up by GET after the time that the server wants, until the answer came${verifies("HTTP-43", "HTTP-44", "HTTP-50", "HTTP-51", "HTTP-54", "HTTP-56")}`, async () => {
    let cutAt = 0;
    const { server, told } = await shaken(
      cutting(
        "id: a/1\nretry: 300\ndata:\n\n",
        (hit) => {
          cutAt = performance.now();
          hit.stream("id: a/2\n", { method: "notifications/progress", params: {} }, "retry: 20\n\n");
          hit.response.end();
        },
        (hit) => hit.response.destroy(),
        (hit) => {
          hit.stream(answer(1));
          hit.response.end();
        },
      ),
      undefined,
      "2025-03-26",
    );
    told.ask(1, "tools/call");
    await until(() => told.messages.length === 2);
    expect(told.messages).toMatchObject([{ method: "notifications/progress" }, answer(1)]);
    const [post] = server.of("tools/call");
    const [one, two, three] = gets(server.hits);
    expect((one?.at ?? 0) - (post?.at ?? 0)).toBeGreaterThanOrEqual(300);
    expect((two?.at ?? 0) - cutAt).toBeGreaterThanOrEqual(19);
    expect([one, two, three].map((hit) => hit?.headers["last-event-id"])).toEqual(["a/1", "a/2", "a/2"]);
    expect([one, two, three].map((hit) => hit?.headers["mcp-session-id"])).toEqual(Array(3).fill("session-1"));
    expect(server.of("tools/call")).toHaveLength(1);
    expect(told).toMatchObject({ lost: [], errors: [] });
  });

  test(`and had no id fails the request, and is not repeated${verifies("HTTP-55")}`, async () => {
    const { server, told } = await shaken(cutting(": hello\n\n"));
    told.ask(1, "tools/call");
    await until(() => told.lost.length === 1);
    expect(told.lost).toMatchObject([{ id: 1, error: { code: "STREAM_LOST" } }]);
    expect(server.verbs().filter((verb) => verb === "tools/call" || verb === "GET")).toEqual(["tools/call"]);
  });

  test.each([405, 400, 404])("and cannot be taken up (%d) fails the request", async (status) => {
    const { told } = await shaken(cutting("id: 1\nretry: 10\ndata:\n\n", (hit) => hit.text(status, "")));
    told.ask(1, "tools/call");
    await until(() => told.lost.length === 1);
    expect(told.lost).toMatchObject([{ id: 1, error: { code: "STREAM_LOST", cause: { status } } }]);
  });

  test("is not taken up for ever where that always fails", async () => {
    const always = Array.from({ length: 20 }, () => (hit: Hit) => hit.response.destroy());
    const { server, told } = await shaken(cutting("id: 1\nretry: 5\ndata:\n\n", ...always));
    told.ask(1, "tools/call");
    await until(() => told.lost.length === 1);
    expect(told.lost[0]?.error.code).toBe("STREAM_LOST");
    expect(gets(server.hits).length).toBeLessThan(15);
  });

  test("has ids that no header can hold: they are of no use", async () => {
    const { told } = await shaken(cutting("id: a\u0001b\ndata:\n\n"));
    told.ask(1, "tools/call");
    await until(() => told.lost.length === 1);
    expect(told.lost[0]?.error.code).toBe("STREAM_LOST");
  });

  test("has ids beyond ASCII, which go as UTF-8", async () => {
    const { server, told } = await shaken(
      cutting("id: \u00e4\u4e16\nretry: 10\ndata:\n\n", (hit) => {
        hit.stream(answer(1));
        hit.response.end();
      }),
    );
    told.ask(1, "tools/call");
    await until(() => told.messages.length === 1);
    const sent = gets(server.hits)[0]?.headers["last-event-id"] as string;
    expect(Buffer.from(sent, "latin1").toString()).toBe("\u00e4\u4e16");
  });
});

describe("the stream for what the server says unasked", () => {
  test.each([405, 404, 400])(`may be missing (%d)${verifies("HTTP-32", "HTTP-39")}`, async (status) => {
    const { server, told } = await shaken((hit) => (hit.verb === "GET" ? hit.text(status, "") : hit.result({})), {});
    await until(() => server.verbs().includes("GET"));
    told.ask(1, "tools/list");
    await until(() => told.messages.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told).toMatchObject({ errors: [], lost: [] });
    expect(server.verbs().filter((verb) => verb === "GET")).toHaveLength(1);
  });

  test(`carries requests and notifications, and is opened again from where it was cut${verifies("HTTP-30", "HTTP-33", "HTTP-43", "HTTP-50", "HTTP-52", "HTTP-36")}`, async () => {
    let count = 0;
    const { server, told } = await shaken((hit) => {
      if (hit.verb !== "GET") return hit.text(202, "");
      count++;
      hit.stream(`retry: 50\nid: ${count}\n`, { id: count, method: "ping" });
      if (count < 3) hit.response.end();
    }, {});
    await until(() => told.messages.length === 3);
    expect(told.messages).toMatchObject([1, 2, 3].map((id) => ({ id, method: "ping" })));
    const got = server.hits.filter(({ verb }) => verb === "GET");
    expect(got.map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "1", "2"]);
    for (const [index, hit] of got.entries())
      if (index > 0) expect(hit.at - (got[index - 1] as Hit).at).toBeGreaterThanOrEqual(49);
    await told.channel.close();
    await until(() => got[2]?.cut === true);
    expect(told).toMatchObject({ errors: [], closed: [undefined] });
  });

  test("is not asked for again and again where it is no stream, and not hammered where it fails", async () => {
    const { server, told } = await shaken((hit) => hit.text(200, "<html>", "text/html"), {});
    await until(() => told.errors.length === 1);
    expect(told.errors).toMatchObject([{ code: "NOT_A_MESSAGE" }]);
    expect(server.verbs().filter((verb) => verb === "GET")).toHaveLength(1);
    const other = await shaken((hit) => hit.text(503, ""), {});
    const tries = (): Hit[] => other.server.hits.filter(({ verb }) => verb === "GET");
    await until(() => tries().length === 2);
    // A busy machine only makes the pause longer.
    expect((tries()[1] as Hit).at - (tries()[0] as Hit).at).toBeGreaterThanOrEqual(499);
  });
});

describe("giving up", () => {
  test(`tells the server by a POST of its own, and only then ends the stream${verifies("HTTP-27", "HTTP-26")}`, async () => {
    let cutBefore: boolean | undefined;
    let slow: Hit | undefined;
    const server = await startHttp((hit) => {
      if (hit.body.method === "initialize") hit.result({ protocolVersion: "2025-11-25" });
      else if (hit.body.method === "notifications/cancelled") {
        cutBefore = slow?.cut;
        hit.text(202, "");
      } else if (hit.body.id === undefined) hit.text(202, "");
      else {
        slow = hit;
        hit.stream(": open\n\n");
      }
    });
    const told = await openChannel(createHttpChannel(server.url, { listen: false }));
    await told.shake();
    told.ask(1, "tools/call");
    await until(() => slow !== undefined);
    expect(told.channel.giveUp?.(1)).toBe(false);
    void told.tell("notifications/cancelled", { requestId: 1 });
    await until(() => slow?.cut === true);
    expect(cutBefore).toBe(false);
    expect(told).toMatchObject({ lost: [], errors: [] });
  });
});

describe("closing", () => {
  test(`sends what was taken, ends every exchange, and is told once${verifies("HTTP-67", "HTTP-68")}`, async () => {
    const cut: Hit[] = [];
    const { server, told } = await shaken((hit) => {
      cut.push(hit);
      if (hit.verb === "GET") hit.stream(": open\n\n");
    }, {});
    told.ask(1, "tools/call");
    await until(() => cut.length === 2);
    void told.tell("notifications/progress", {});
    await Promise.all([told.channel.close(), told.channel.close()]);
    expect(server.verbs()).toContain("notifications/progress");
    expect(server.verbs().at(-1)).toBe("DELETE");
    await until(() => cut.every((hit) => hit.cut));
    expect(told).toMatchObject({ lost: [], errors: [], closed: [undefined] });
    expect(() => told.channel.send({ jsonrpc: "2.0", method: "x" })).toThrow(/closed/);
  });

  test.each([404, 405, 500])("does not depend on what the server says to it (%d)", async (status) => {
    const inner = session(() => undefined);
    const server = await startHttp((hit) => (hit.verb === "DELETE" ? hit.text(status, "") : inner(hit)));
    const told: Told = await openChannel(createHttpChannel(server.url, { listen: false }));
    await told.shake();
    await told.channel.close();
    expect(told).toMatchObject({ errors: [], closed: [undefined] });
  });

  test("waits for a server that says nothing only so long", async () => {
    const inner = session(() => undefined);
    const server = await startHttp((hit) => {
      if (hit.verb !== "DELETE") inner(hit);
    });
    const told = await openChannel(createHttpChannel(server.url, { listen: false, closeMs: 50 }));
    await told.shake();
    await told.channel.close();
    expect(told.closed).toEqual([undefined]);
  });
});

test("a channel is opened before it is used, and takes no more than it can hold", async () => {
  const server = await startHttp(() => undefined);
  const channel = createHttpChannel(server.url, { closeMs: 10 });
  expect(() => channel.send({ jsonrpc: "2.0", method: "x" })).toThrow(/not open/);
  const told = await openChannel(channel);
  const cycle: Record<string, unknown> = {};
  cycle.cycle = cycle;
  expect(() => told.ask(1, "x", cycle)).toThrow(/JSON/);
  let waits: Promise<void> | undefined;
  for (let count = 0; count < 300; count++) waits = told.tell("notifications/progress", {});
  expect(waits).toBeInstanceOf(Promise);
  await told.channel.close();
  await waits;
});

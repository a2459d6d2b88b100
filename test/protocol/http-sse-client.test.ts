/** HTTP with SSE, the transport of before Streamable HTTP, as a client finds and speaks it. */

import { describe, expect, test } from "vitest";
import { createHttpChannel, createHttpSseChannel } from "../../runtime/protocol/http-client.js";
import { verifies } from "../verifies.js";
import { type Hit, openChannel, startHttp, until } from "./http-raw.js";

/** A server that has nothing but a stream at its URL, and takes messages at `/post`. */
function old(endpoint = "/post?sessionId=1", answer: (hit: Hit, stream: Hit) => void = echo): (hit: Hit) => void {
  let stream: Hit | undefined;
  return (hit) => {
    if (hit.verb === "GET") {
      stream = hit;
      hit.stream(`event: endpoint\ndata: ${endpoint}\n\n`);
    } else if (hit.path === "/mcp") hit.text(404, "Cannot POST");
    else {
      hit.text(202, "Accepted");
      answer(hit, stream as Hit);
    }
  };
}

function echo({ body }: Hit, stream: Hit): void {
  const result = body.method === "initialize" ? { protocolVersion: "2024-11-05" } : { ok: true };
  if (body.id !== undefined) stream.say("event: message\n", { id: body.id, result });
}

describe("a server of that time", () => {
  test(`is found by the refusal of the handshake, and posted to where it says${verifies("HTTP-76", "SSE-02", "SSE-03", "SSE-04", "SSE-05", "SSE-06", "SSE-07", "SSE-08", "SSE-09", "SSE-15", "SSE-21", "SSE-22")}`, async () => {
    const server = await startHttp(old());
    const told = await openChannel(createHttpChannel(server.url, { headers: { authorization: "a" } }));
    await told.shake();
    told.ask(1, "tools/list");
    await until(() => told.messages.length === 2);
    expect(server.hits.map(({ verb, path, body }) => [verb, path, body.method])).toEqual([
      ["POST", "/mcp", "initialize"],
      ["GET", "/mcp", undefined],
      ["POST", "/post?sessionId=1", "initialize"],
      ["POST", "/post?sessionId=1", "notifications/initialized"],
      ["POST", "/post?sessionId=1", "tools/list"],
    ]);
    for (const { headers, path } of server.hits) {
      expect(headers.authorization).toBe("a");
      if (path !== "/mcp") expect(Object.keys(headers).filter((name) => name.startsWith("mcp-"))).toEqual([]);
    }
    expect(server.hits[1]?.headers.accept).toBe("text/event-stream");
    await told.channel.close();
    await until(() => server.hits[1]?.cut === true);
    expect(told).toMatchObject({ errors: [], lost: [], closed: [undefined] });
  });

  test("can be asked for directly", async () => {
    const server = await startHttp(old());
    const told = await openChannel(createHttpSseChannel(server.url));
    await told.shake("2024-11-05");
    expect(server.hits[0]?.verb).toBe("GET");
  });

  test(`is gone with its stream${verifies("SSE-08")}`, async () => {
    let stream: Hit | undefined;
    const server = await startHttp(
      old(undefined, (hit, its) => {
        stream = its;
        echo(hit, its);
      }),
    );
    const told = await openChannel(createHttpSseChannel(server.url));
    await told.shake("2024-11-05");
    stream?.response.end();
    await until(() => told.closed.length === 1);
    expect(told.closed).toMatchObject([{ code: "CLOSED" }]);
    expect(() => told.ask(2, "x")).toThrow(/closed/);
  });

  test(`may refuse a message, which fails that request alone${verifies("SSE-17")}`, async () => {
    const inner = old();
    const server = await startHttp((hit) => (hit.body.method === "bad" ? hit.text(400, "no") : inner(hit)));
    const told = await openChannel(createHttpSseChannel(server.url));
    await told.shake("2024-11-05");
    told.ask(1, "bad");
    void told.tell("bad");
    await until(() => told.lost.length === 1 && told.errors.length === 1);
    expect(told.lost).toMatchObject([{ id: 1, error: { status: 400 } }]);
    told.ask(2, "good");
    await until(() => told.messages.length === 2);
  });

  test("may say what is no JSON, which is skipped", async () => {
    const server = await startHttp(
      old(undefined, (hit, stream) => {
        stream.say(
          "data: oops\n\n",
          "data:\n\n",
          "event: other\ndata: {}\n\n",
          "event: endpoint\ndata: /elsewhere\n\n",
        );
        echo(hit, stream);
      }),
    );
    const told = await openChannel(createHttpSseChannel(server.url));
    await told.shake("2024-11-05");
    expect(told.errors[0]).toMatchObject({ code: "NOT_JSON", head: "oops" });
    expect(server.hits.map(({ path }) => path)).not.toContain("/elsewhere");
  });
});

describe("an endpoint", () => {
  test(`of another origin is refused${verifies("SSE-14")}`, async () => {
    const thief = await startHttp((hit) => hit.text(202, ""));
    for (const endpoint of [thief.url, "//127.0.0.1:1/x", "http://"]) {
      const server = await startHttp(old(endpoint));
      const told = openChannel(createHttpSseChannel(server.url, { headers: { authorization: "a" } }));
      await expect(told).rejects.toMatchObject({
        code: "REQUEST_FAILED",
        message: expect.stringMatching(/wants messages to go/),
      });
    }
    expect(thief.hits).toEqual([]);
  });

  test.each<[string, (hit: Hit) => void, object]>([
    ["does not come", (hit) => hit.stream(": nothing\n\n"), { message: expect.stringContaining("100 ms") }],
    ["does not come before the end", (hit) => hit.text(200, "", "text/event-stream"), { code: "REQUEST_FAILED" }],
    ["is not on a stream", (hit) => hit.text(200, "<html>", "text/html"), { code: "REQUEST_FAILED" }],
    ["is refused", (hit) => hit.text(401, ""), { code: "HTTP_STATUS", status: 401 }],
    ["is cut", (hit) => hit.response.destroy(), { code: "REQUEST_FAILED" }],
  ])(`that %s is waited for only so long${verifies("SSE-09")}`, async (_what, answer, error) => {
    const server = await startHttp(answer);
    const closed: unknown[] = [];
    // Only the first is about time; a busy machine may need more than a moment for the others.
    const endpointTimeoutMs = "message" in error ? 100 : 60_000;
    const channel = createHttpSseChannel(server.url, { endpointTimeoutMs });
    const opening = channel.open({
      onmessage: () => undefined,
      onerror: () => undefined,
      onlost: () => undefined,
      onend: () => undefined,
      onclose: (reason) => void closed.push(reason),
    });
    await expect(opening).rejects.toMatchObject(error);
    expect(closed).toMatchObject([error]);
  });
});

describe("the refusal of a handshake", () => {
  const refusing = async (status: number, body: unknown, revision?: string) => {
    const server = await startHttp((hit) => (hit.verb === "GET" ? hit.text(405, "") : hit.json(status, body)));
    const told = await openChannel(createHttpChannel(server.url));
    told.ask(0, "initialize", { protocolVersion: revision ?? "2025-11-25" });
    await until(() => told.lost.length + told.messages.length === 1);
    return { tried: server.verbs().includes("GET"), told };
  };
  const modern = (code: number) => ({ jsonrpc: "2.0", id: 0, error: { code, message: "no" } });

  test.each([400, 404, 405])(
    `by %d leads to a GET, and stands where that fails too${verifies("HTTP-78", "LIFE-78")}`,
    async (status) => {
      const { tried, told } = await refusing(status, "no");
      expect(tried).toBe(true);
      expect(told.lost).toMatchObject([{ id: 0, error: { status } }]);
    },
  );

  test.each([401, 403, 406, 422, 500])(`by %d does not${verifies("HTTP-78")}`, async (status) => {
    const { tried, told } = await refusing(status, "no");
    expect(tried).toBe(false);
    expect(told.lost).toMatchObject([{ id: 0, error: { status } }]);
  });

  test(`by other statuses than those of credentials does for the revisions that say so${verifies("HTTP-77")}`, async () => {
    expect((await refusing(422, "no", "2025-06-18")).tried).toBe(true);
    expect((await refusing(401, "no", "2025-06-18")).tried).toBe(false);
    expect((await refusing(403, "no", "2025-03-26")).tried).toBe(false);
    expect((await refusing(500, "no", "2025-03-26")).tried).toBe(false);
  });

  test.each([
    [400, -32020],
    [400, -32022],
    [404, -32601],
  ])(`by %d with %d comes from a newer server${verifies("HTTP-78", "LIFE-76", "LIFE-77")}`, async (status, code) => {
    const { tried, told } = await refusing(status, modern(code));
    expect(tried).toBe(false);
    expect(told.messages).toMatchObject([{ id: 0, error: { code } }]);
  });
});

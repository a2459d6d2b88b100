/** Clients of URLs: how the revision is found over HTTP, what is remembered, and how lost sessions come back. */

import { describe, expect, test } from "vitest";
import { type ConnectOptions, connect, type Target } from "../../runtime/client/connect.js";
import type { McpWireError } from "../../runtime/errors.js";
import type { ServerEvent } from "../../runtime/protocol/era.js";
import { type Hit, startHttp, until } from "../protocol/http-raw.js";
import { verifies } from "../verifies.js";

const discovered = {
  resultType: "complete",
  supportedVersions: ["2026-07-28"],
  capabilities: { tools: { listChanged: true } },
  ttlMs: 0,
  cacheScope: "private",
};
const handshake = (hit: Hit, id?: string): void =>
  hit.result(
    {
      protocolVersion: hit.body.params?.protocolVersion,
      capabilities: { tools: {}, logging: {}, resources: { subscribe: true } },
      serverInfo: { name: "s", version: id ?? "1" },
    },
    id === undefined ? {} : { "mcp-session-id": id },
  );

/** A client that remembers nothing, so that tests do not depend on each other's ports. */
const open = (target: Target, options: ConnectOptions = {}) => connect(target, { verdicts: false, ...options });

test.each(["node server.mjs", "", "ftp://x.example"])(
  "the text %j is no target, which is said with the way out",
  async (text) => {
    await expect(open(text)).rejects.toMatchObject({
      code: "INVALID_USE",
      message: expect.stringContaining("`{ command, args }`"),
    });
  },
);

test("a target of no kind is refused", async () => {
  for (const odd of [undefined, null, 5, {}, []])
    await expect(open(odd as unknown as Target)).rejects.toMatchObject({ code: "INVALID_USE" });
});

describe("the revision over HTTP", () => {
  /** Answers the probe as told, and the handshake as an older server does. */
  const negotiating = async (
    probe: (hit: Hit) => void,
    options: ConnectOptions = {},
    shake: (hit: Hit) => void = handshake,
  ) => {
    const server = await startHttp((hit) => {
      if (hit.verb === "GET") hit.text(405, "");
      else if (hit.body.method === "server/discover") probe(hit);
      else if (hit.body.method === "initialize") shake(hit);
      else hit.text(202, "");
    });
    const opening = open(new URL(server.url), options);
    return { server, opening };
  };

  test(`is found by asking${verifies("LIFE-70", "LIFE-75", "HTTP-157")}`, async () => {
    const { server, opening } = await negotiating((hit) => hit.result(discovered));
    expect((await opening).peer.revision).toBe("2026-07-28");
    expect(server.verbs()).toEqual(["server/discover"]);
  });

  test.each<[string, (hit: Hit) => void]>([
    ["an empty 400", (hit) => hit.text(400, "")],
    [
      "a 400 that says something else",
      (hit) => hit.json(400, { jsonrpc: "2.0", id: null, error: { code: -32000, message: "no session" } }),
    ],
    [
      "a 400 with an id of its own",
      (hit) => hit.json(400, { jsonrpc: "2.0", id: "server-error", error: { code: -32600, message: "?" } }),
    ],
    ["a 404", (hit) => hit.text(404, "Not found")],
    ["a 405", (hit) => hit.text(405, "")],
    ["a 404 with -32601", (hit) => hit.error(404, -32601)],
    ["a 200 with -32601", (hit) => hit.error(200, -32601)],
    [
      "a 500 with an error",
      (hit) => hit.json(500, { jsonrpc: "2.0", id: null, error: { code: -32603, message: "oh" } }),
    ],
    ["a 202", (hit) => hit.text(202, "")],
    ["silence", () => undefined],
  ])(
    `is found by a handshake after %s${verifies("LIFE-72", "LIFE-73", "LIFE-76", "LIFE-77", "LIFE-78", "HTTP-158", "HTTP-159")}`,
    async (what, probe) => {
      const { server, opening } = await negotiating(probe, what === "silence" ? { probeTimeoutMs: 200 } : {});
      expect((await opening).peer.revision).toBe("2025-11-25");
      expect(server.verbs().slice(0, 3)).toEqual(["server/discover", "initialize", "notifications/initialized"]);
    },
  );

  test(`is chosen from what a newer server names${verifies("LIFE-48", "LIFE-71", "LIFE-82")}`, async () => {
    const refuse = (supported: string[]) => (hit: Hit) =>
      hit.error(400, -32022, { supported, requested: "2026-07-28" });
    const none = await negotiating(refuse(["2099-01-01"]));
    await expect(none.opening).rejects.toMatchObject({ code: "NO_COMMON_REVISION" });
    expect(none.server.verbs()).toEqual(["server/discover"]);
    const older = await negotiating(refuse(["2025-06-18"]));
    expect((await older.opening).peer.revision).toBe("2025-06-18");
  });

  test.each([401, 403, 429, 503])(`is not sought where the server answers %d${verifies("HTTP-78")}`, async (status) => {
    const { server, opening } = await negotiating((hit) =>
      hit.json(
        status,
        { jsonrpc: "2.0", id: hit.body.id, error: status < 404 ? { code: -32001, message: "no" } : undefined },
        { "www-authenticate": "Bearer" },
      ),
    );
    await expect(opening).rejects.toMatchObject({ name: "HttpError", status });
    expect(server.verbs()).toEqual(["server/discover"]);
  });

  test(`is sought down to servers of before Streamable HTTP${verifies("LIFE-78", "HTTP-76", "SSE-21")}`, async () => {
    let stream: Hit | undefined;
    const server = await startHttp((hit) => {
      if (hit.verb === "GET") {
        stream = hit;
        hit.stream("event: endpoint\ndata: /post\n\n");
      } else if (hit.path === "/mcp") hit.text(405, "");
      else {
        hit.text(202, "");
        if (hit.body.method === "initialize")
          stream?.say({
            id: hit.body.id,
            result: { protocolVersion: "2024-11-05", capabilities: {}, serverInfo: { name: "s", version: "1" } },
          });
        else if (hit.body.id !== undefined) stream?.say({ id: hit.body.id, result: { tools: [] } });
      }
    });
    const errors: McpWireError[] = [];
    const client = await open(server.url, { onerror: (error) => errors.push(error) });
    expect(client.peer.revision).toBe("2024-11-05");
    expect(await client.listTools()).toEqual([]);
    // The session ends with the stream, and the next request begins another (SSE-08).
    stream?.response.end();
    await until(() => errors.length === 1);
    expect(await client.listTools()).toEqual([]);
    expect(server.of("initialize").length).toBeGreaterThan(2);
    await client.close();
  });

  test(`that is not there is explained${verifies("LIFE-81")}`, async () => {
    const newer = await negotiating((hit) => hit.text(404, ""), { revisions: ["2026-07-28"] });
    await expect(newer.opening).rejects.toMatchObject({ code: "NO_COMMON_REVISION" });
    const older = await negotiating(
      (hit) => hit.text(500, ""),
      { revisions: ["2025-11-25"] },
      (hit) => hit.error(400, -32020),
    );
    await expect(older.opening).rejects.toMatchObject({ rpcCode: -32020 });
    expect(older.server.verbs()).toEqual(["initialize"]);
  });
});

describe("what a server speaks", () => {
  const older = (hit: Hit): void => {
    if (hit.verb !== "POST") hit.text(405, "");
    else if (hit.body.method === "initialize") handshake(hit);
    else if (hit.body.id === undefined) hit.text(202, "");
    else hit.text(400, "");
  };

  test(`is remembered for the process, and forgotten when it does not hold${verifies("LIFE-79", "LIFE-80")}`, async () => {
    let answer = older;
    const server = await startHttp((hit) => answer(hit));
    await (await connect(server.url)).close();
    await (await connect(server.url)).close();
    expect(server.of("server/discover")).toHaveLength(1);
    // Another choice of revisions is another question.
    await (await connect(server.url, { revisions: ["2026-07-28", "2025-06-18"] })).close();
    expect(server.of("server/discover")).toHaveLength(2);
    answer = (hit) => (hit.body.method === "server/discover" ? hit.result(discovered) : hit.error(400, -32020));
    const client = await connect(server.url);
    expect(client.peer.revision).toBe("2026-07-28");
  });

  test("can be kept elsewhere, under a key without secrets, or nowhere", async () => {
    const server = await startHttp(older);
    const kept = new Map<string, never>();
    const store = {
      get: async (key: string) => kept.get(key),
      set: async (key: string, value: never) => kept.set(key, value),
    };
    const url = `${server.url}?token=secret`;
    await (await connect(url, { verdicts: store as never })).close();
    await (await connect(url, { verdicts: store as never })).close();
    expect(server.of("server/discover")).toHaveLength(1);
    expect([...kept.values()]).toEqual(["2025-11-25"]);
    expect([...kept.keys()].join()).not.toContain("secret");
    await (await connect(url, { verdicts: false })).close();
    expect(server.of("server/discover")).toHaveLength(2);
    const errors: McpWireError[] = [];
    const broken = {
      get: () => {
        throw new Error("disk");
      },
      set: () => Promise.reject(new Error("disk")),
    };
    await (await connect(url, { verdicts: broken, onerror: (error) => errors.push(error) })).close();
    expect(errors.map(({ code }) => code)).toEqual(["CALLBACK_FAILED", "CALLBACK_FAILED"]);
  });
});

describe("a session that the server forgot", () => {
  /** Forgets its session when told to. */
  const forgetful = async (options: ConnectOptions = {}) => {
    const state = { session: "s1", refuse: new Set<string>() };
    const server = await startHttp((hit) => {
      const { method } = hit.body;
      if (hit.verb === "GET") hit.text(405, "");
      else if (hit.verb === "DELETE") hit.text(200, "");
      else if (method === "initialize") handshake(hit, state.session);
      else if (hit.headers["mcp-session-id"] !== state.session || state.refuse.has(method ?? "")) hit.text(404, "");
      else if (method === "tools/call") hit.stream(": working\n\n");
      else if (hit.body.id === undefined) hit.text(202, "");
      else
        hit.result(
          method === "tools/list" ? { tools: [{ name: state.session, inputSchema: { type: "object" } }] } : {},
        );
    });
    const errors: McpWireError[] = [];
    const client = await open(server.url, {
      revisions: ["2025-11-25"],
      onerror: (error) => errors.push(error),
      ...options,
    });
    return { state, server, errors, client };
  };

  test(`is begun anew once, and each refused request is sent again${verifies("HTTP-65", "HTTP-66")}`, async () => {
    const { state, server, client } = await forgetful();
    await client.listTools();
    state.session = "s2";
    const lists = await Promise.all([client.listTools(), client.listTools(), client.listTools()]);
    expect(lists.map(([tool]) => tool?.name)).toEqual(["s2", "s2", "s2"]);
    expect(server.of("initialize")).toHaveLength(2);
    expect(server.of("initialize")[1]?.headers).not.toHaveProperty("mcp-session-id");
    await client.close();
    expect(server.hits.filter(({ verb }) => verb === "DELETE").map(({ headers }) => headers["mcp-session-id"])).toEqual(
      ["s2"],
    );
  });

  test("is not begun again and again for one request", async () => {
    const { state, server, client } = await forgetful();
    state.refuse.add("tools/list");
    await expect(client.request("tools/list")).rejects.toMatchObject({ code: "SESSION_LOST" });
    expect(server.of("tools/list")).toHaveLength(2);
    expect(server.of("initialize")).toHaveLength(2);
  });

  test("is begun anew for a subscription, and is no obstacle to ending one", async () => {
    const { state, server, client, errors } = await forgetful();
    state.session = "s2";
    const listening = await client.subscribe({ uris: ["a:b"] }, () => undefined);
    expect(server.of("resources/subscribe").map(({ headers }) => headers["mcp-session-id"])).toEqual(["s1", "s2"]);
    state.session = "s3";
    await listening.close();
    expect(errors).toEqual([]);
  });

  test("is not begun anew where that is not wanted", async () => {
    const { state, server, client } = await forgetful({ restart: false });
    state.session = "s2";
    await expect(client.request("tools/list")).rejects.toMatchObject({ code: "SESSION_LOST" });
    expect(server.of("initialize")).toHaveLength(1);
  });

  test(`takes what still waits in it along, and leaves what the client wanted${verifies("HTTP-66", "STDIO-33", "SUB-17")}`, async () => {
    const { state, client, server, errors } = await forgetful();
    const events: ServerEvent[] = [];
    await client.setLogLevel("warning");
    const listening = await client.subscribe({ uris: ["a:b"] }, (event) => events.push(event));
    const hanging = client.callTool("slow");
    const outcome = hanging.catch((error: unknown) => error);
    await until(() => server.of("tools/call").length === 1);
    state.session = "s2";
    await client.listTools();
    expect(await outcome).toMatchObject({ code: "CLOSED" });
    await until(() => events.length === 1);
    expect(events).toEqual([{ type: "resourceUpdated", uri: "a:b" }]);
    for (const method of ["logging/setLevel", "resources/subscribe"]) {
      const [first, second] = server.of(method);
      expect(second?.headers["mcp-session-id"]).toBe("s2");
      expect(second?.body.params).toEqual(first?.body.params);
    }
    expect(client.peer).toMatchObject({ revision: "2025-11-25", serverInfo: { version: "s2" } });
    expect(listening.agreed.uris).toEqual(["a:b"]);
    await listening.close();
    expect(server.of("resources/unsubscribe").map(({ headers }) => headers["mcp-session-id"])).toEqual(["s2"]);
    expect(await listening.ended).toBeUndefined();
    expect(errors).toEqual([]);
  });
});

describe("a subscription over HTTP", () => {
  const listening = async (lose: (hit: Hit, count: number) => void) => {
    const open1: Hit[] = [];
    const server = await startHttp((hit) => {
      if (hit.body.method === "server/discover") return hit.result(discovered);
      if (hit.body.method !== "subscriptions/listen")
        return hit.result({ resultType: "complete", tools: [], ttlMs: 60_000, cacheScope: "private" });
      open1.push(hit);
      const _meta = { "io.modelcontextprotocol/subscriptionId": hit.body.id };
      const notifications = hit.body.params?.notifications;
      if (open1.length % 2 === 0 && open1.length < 4) return hit.response.destroy();
      hit.stream({ method: "notifications/subscriptions/acknowledged", params: { _meta, notifications } });
      lose(hit, open1.length);
    });
    const events: ServerEvent[] = [];
    const client = await open(server.url);
    await client.listTools();
    const subscription = await client.subscribe({ tools: true }, (event) => events.push(event));
    return { server, client, events, subscription, open1 };
  };

  test(`that is cut is asked for again until it is there, and what was missed is said to have changed${verifies("SUB-15", "SUB-17")}`, async () => {
    const { server, client, events, subscription, open1 } = await listening(() => undefined);
    expect(await client.listTools()).toEqual([]);
    expect(server.of("tools/list")).toHaveLength(1);
    open1[0]?.response.destroy();
    await until(() => events.length === 1, 20_000);
    expect(events).toEqual([{ type: "toolsChanged" }]);
    expect(server.of("subscriptions/listen")).toHaveLength(3);
    expect(new Set(server.of("subscriptions/listen").map(({ body }) => body.id)).size).toBe(3);
    await client.listTools();
    expect(server.of("tools/list")).toHaveLength(2);
    await subscription.close();
    await until(() => open1[2]?.cut === true);
    expect(await subscription.ended).toBeUndefined();
  });

  test(`that the server ends is over${verifies("SUB-14", "SUB-13")}`, async () => {
    const { server, subscription } = await listening((hit) => {
      hit.say({
        id: hit.body.id,
        result: { resultType: "complete", _meta: { "io.modelcontextprotocol/subscriptionId": hit.body.id } },
      });
      hit.response.end();
    });
    expect(await subscription.ended).toBeUndefined();
    expect(server.of("subscriptions/listen")).toHaveLength(1);
  });

  test("ends with the client", async () => {
    const { client, subscription, open1 } = await listening(() => undefined);
    await client.close();
    expect(await subscription.ended).toBeUndefined();
    await until(() => open1[0]?.cut === true);
  });
});

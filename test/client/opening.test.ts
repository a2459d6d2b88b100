/** How a client finds the revision in common with servers of every kind. */

import { describe, expect, test } from "vitest";
import { type ConnectOptions, connect } from "../../runtime/client/connect.js";
import type { McpWireError } from "../../runtime/errors.js";
import { createServer } from "../../runtime/server/server.js";
import { verifies } from "../verifies.js";
import { connectRaw, type Script, stateful, stateless } from "./raw.js";

const methodsOf = (seen: readonly { method?: string }[]): unknown[] => seen.map(({ method }) => method);

describe("a client of both eras", () => {
  test(`uses the newest with a server of both${verifies("LIFE-69", "LIFE-70", "LIFE-81")}`, async () => {
    const client = await connect(createServer({ name: "both", version: "1" }));
    expect(client.peer).toMatchObject({ revision: "2026-07-28", serverInfo: { name: "both" } });
  });

  test.each([-32601, -32602, -32600, -32000, -32001, -32019])(
    `shakes hands with an older server that answers the probe with %d${verifies("LIFE-72", "LIFE-73", "STDIO-35", "STDIO-36", "LIFE-17", "BASE-45")}`,
    async (code) => {
      const { client, raw } = await connectRaw((request, say) =>
        request.method === "server/discover"
          ? { error: { code, message: "what?" } }
          : stateful(() => ({}))(request, say),
      );
      expect(client.peer.revision).toBe("2025-11-25");
      expect(methodsOf(raw.seen)).toEqual(["server/discover", "initialize", "notifications/initialized"]);
      expect(raw.seen[0]?.params?._meta).toMatchObject({ "io.modelcontextprotocol/protocolVersion": "2026-07-28" });
    },
  );

  test(`shakes hands with one that says nothing to the probe${verifies("LIFE-72", "LIFE-20", "LIFE-83")}`, async () => {
    const old = stateful(() => ({}));
    const silent: typeof old = (request, say) => (request.method === "server/discover" ? undefined : old(request, say));
    const { client, raw } = await connectRaw(silent, { probeTimeoutMs: 100 });
    expect(client.peer.revision).toBe("2025-11-25");
    expect(methodsOf(raw.seen)).toEqual(["server/discover", "initialize", "notifications/initialized"]);
  });

  test(`shakes hands with one that answers the probe with nothing in particular${verifies("LIFE-70", "LIFE-72")}`, async () => {
    const old = stateful(() => ({}));
    const { client } = await connectRaw((request, say) =>
      request.method === "server/discover" ? {} : old(request, say),
    );
    expect(client.peer.revision).toBe("2025-11-25");
  });

  test(`asks once more for what a server has just refused and names${verifies("LIFE-48")}`, async () => {
    const refusal = {
      error: { code: -32022, message: "no", data: { supported: ["2026-07-28"], requested: "2026-07-28" } },
    };
    let refusals = 1;
    const refusing = (): Script => {
      const later = stateless(() => ({}));
      return (request, say) => (refusals-- > 0 ? refusal : later(request, say));
    };
    const { client, raw } = await connectRaw(refusing());
    expect(client.peer.revision).toBe("2026-07-28");
    expect(methodsOf(raw.seen)).toEqual(["server/discover", "server/discover"]);
    refusals = Number.POSITIVE_INFINITY;
    await expect(connectRaw(refusing())).rejects.toMatchObject({ code: "NO_COMMON_REVISION" });
  });

  test("shakes hands with a server of this package that has only older revisions", async () => {
    const client = await connect(createServer({ name: "old", version: "1", revisions: ["2025-03-26", "2024-11-05"] }));
    expect(client.peer.revision).toBe("2025-03-26");
  });

  test(`keeps unknown members of what it learns${verifies("LIFE-27", "BASE-12")}`, async () => {
    const { client } = await connectRaw(stateful(() => ({ content: [], other: { deep: 1 } })));
    expect(client.peer.serverCapabilities).toMatchObject({ extra: { kept: 1 } });
    expect(client.peer.serverInfo).toMatchObject({ more: true });
    expect(await client.callTool("x")).toEqual({ content: [], other: { deep: 1 } });
  });

  test(`answers and hears what a server says before the opening is over${verifies("LIFE-17")}`, async () => {
    const old = stateful(() => ({}));
    const heard: unknown[] = [];
    const { raw, client } = await connectRaw(
      (request, say) => {
        if (request.method === "initialize") {
          say({ id: 81, method: "roots/list" });
          say({ id: 82, method: "ping" });
          say({ id: 83, method: "odd/request" });
          say({ method: "notifications/message", params: { level: "info", data: "starting" } });
          say({ method: "notifications/tools/list_changed" });
        }
        return old(request, say);
      },
      {
        roots: [{ uri: "file:///work" }],
        onlog: ({ data }) => heard.push(data),
        onevent: ({ type }) => heard.push(type),
      },
    );
    const answerTo = (id: number) => raw.seen.find((one) => one.id === id && one.method === undefined);
    await expect.poll(() => answerTo(81)?.result).toEqual({ roots: [{ uri: "file:///work" }] });
    expect(answerTo(82)?.result).toEqual({});
    expect(answerTo(83)?.error?.code).toBe(-32601);
    expect(heard).toEqual(["starting", "toolsChanged"]);
    await client.close();
  });

  test(`spares the probe where the revision is known${verifies("LIFE-79", "LIFE-80")}`, async () => {
    const { raw } = await connectRaw(
      stateful(() => ({})),
      { known: "2025-06-18" },
    );
    expect(methodsOf(raw.seen)).toEqual(["initialize", "notifications/initialized"]);
    expect(raw.seen[0]?.params?.protocolVersion).toBe("2025-06-18");
  });

  test(`says nothing else before the handshake is answered${verifies("LIFE-18", "LIFE-07")}`, async () => {
    const script = stateful(() => ({}));
    let shake = (): void => undefined;
    const opening = connectRaw(
      (request, say) => {
        if (request.method !== "initialize") return script(request, say);
        shake = () => say({ id: request.id, result: script(request, say) });
        return undefined;
      },
      { revisions: ["2025-11-25"], roots: [] },
    );
    const raw = await new Promise<void>((resolve) => setTimeout(resolve, 20)).then(() => {
      shake();
      return opening;
    });
    expect(methodsOf(raw.raw.seen)).toEqual(["initialize", "notifications/initialized"]);
  });

  test(`offers only what it speaks, the newest first${verifies("LIFE-09", "LIFE-10")}`, async () => {
    const script = stateful(() => ({}));
    const narrow = await connectRaw(script, { revisions: ["2024-11-05", "2025-06-18"] });
    expect(narrow.raw.seen[0]).toMatchObject({ method: "initialize", params: { protocolVersion: "2025-06-18" } });
    // What another connection found out is worth nothing where this client does not speak it.
    const known = await connectRaw(script, { revisions: ["2024-11-05"], known: "2025-06-18" });
    expect(known.raw.seen[0]).toMatchObject({ method: "initialize", params: { protocolVersion: "2024-11-05" } });
  });

  test(`tries what a server names when it refuses the handshake${verifies("LIFE-16", "LIFE-25")}`, async () => {
    const { client, raw } = await connectRaw((request) => {
      if (request.method !== "initialize") return { error: { code: -32601, message: "no" } };
      const { protocolVersion } = request.params ?? {};
      if (protocolVersion !== "2024-11-05")
        return {
          error: {
            code: -32602,
            message: "Unsupported protocol version",
            data: { supported: ["2024-11-05"], requested: protocolVersion },
          },
        };
      return { protocolVersion, capabilities: {}, serverInfo: { name: "o", version: "1" } };
    });
    expect(client.peer.revision).toBe("2024-11-05");
    expect(raw.seen.filter(({ method }) => method === "initialize")).toHaveLength(2);
  });
});

describe("no revision in common", () => {
  test(`is told, and the connection is closed${verifies("LIFE-15", "LIFE-81")}`, async () => {
    const odd = connectRaw(
      () => ({ protocolVersion: "1900-01-01", capabilities: {}, serverInfo: { name: "o", version: "1" } }),
      {
        revisions: ["2025-11-25"],
      },
    );
    await expect(odd).rejects.toMatchObject({
      code: "NO_COMMON_REVISION",
      message: expect.stringContaining("1900-01-01"),
    });
    const older = connect(createServer({ name: "o", version: "1", revisions: ["2025-11-25"] }), {
      revisions: ["2026-07-28"],
    });
    await expect(older).rejects.toMatchObject({ code: "NO_COMMON_REVISION" });
    const newer = connect(createServer({ name: "n", version: "1", revisions: ["2026-07-28"] }), {
      revisions: ["2025-11-25"],
    });
    await expect(newer).rejects.toMatchObject({
      code: "NO_COMMON_REVISION",
      message: expect.stringContaining("2026-07-28"),
      cause: { rpcCode: -32601 },
    });
  });

  test(`is not sought by a handshake after a refusal of the newer era${verifies("LIFE-71")}`, async () => {
    const refusing = connectRaw(() => ({
      error: { code: -32022, message: "no", data: { supported: ["2099-01-01"], requested: "" } },
    }));
    await expect(refusing).rejects.toMatchObject({ code: "NO_COMMON_REVISION" });
  });
});

test(`methods that the agreed revision lacks are not sent${verifies("LIFE-22", "LIFE-23", "LIFE-63")}`, async () => {
  const { client, raw } = await connectRaw(stateless(() => ({})));
  await expect(client.request("resources/subscribe", { uri: "a:b" })).rejects.toMatchObject({
    code: "NOT_IN_REVISION",
  });
  expect(methodsOf(raw.seen)).toEqual(["server/discover"]);
});

test(`a server's requests are answered before and after the opening${verifies("BASE-73", "ROOT-06", "LIFE-62", "LIFE-41")}`, async () => {
  const old = stateful(() => ({}));
  const { raw } = await connectRaw(
    (request, say) => {
      if (request.method === "initialize") say({ id: 100, method: "ping" });
      return old(request, say);
    },
    { revisions: ["2025-11-25"] },
  );
  raw.say({ id: 101, method: "ping" });
  raw.say({ id: 102, method: "roots/list" });
  await expect
    .poll(() => raw.seen.filter(({ method }) => method === undefined))
    .toMatchObject([
      { id: 100, result: {} },
      { id: 101, result: {} },
      { id: 102, error: { code: -32601 } },
    ]);
});

describe("a server that has no requests to send", () => {
  test(`is not answered when it sends some${verifies("STDIO-16", "LIFE-62")}`, async () => {
    const errors: McpWireError[] = [];
    const { client, raw } = await connectRaw(
      stateless(() => ({ resultType: "complete", content: [] })),
      { onerror: (error) => errors.push(error), roots: [] },
    );
    raw.say({ id: 1, method: "ping" });
    raw.say({ id: "2", method: "roots/list" });
    raw.say({ id: 3, method: 5 });
    await client.callTool("x");
    expect(methodsOf(raw.seen)).toEqual(["server/discover", "tools/call"]);
    expect(errors.map(({ code }) => code)).toEqual(["UNEXPECTED_REQUEST", "UNEXPECTED_REQUEST", "NOT_A_MESSAGE"]);
  });

  test("is not answered while it is probed, by a client of that era alone", async () => {
    const { raw } = await connectRaw(
      (request, say) => {
        say({ id: 9, method: "ping" });
        return stateless(() => ({}))(request, say);
      },
      { revisions: ["2026-07-28"] },
    );
    expect(methodsOf(raw.seen)).toEqual(["server/discover"]);
  });
});

test(`codes that nobody gave a meaning have none${verifies("BASE-45", "BASE-47", "BASE-48")}`, async () => {
  const { client } = await connectRaw(
    stateless(({ params }) => ({ error: { code: Number(params?.name), message: "odd", data: { kept: [1] } } })),
  );
  for (const code of [-32000, -32001, -32003, -32004, -32019, -32042])
    await expect(client.callTool(String(code))).rejects.toMatchObject({
      code: "RPC",
      rpcCode: code,
      message: "odd",
      data: { kept: [1] },
    });
});

test(`requests say who asks and under which trace, where that is wanted${verifies("LIFE-44", "BASE-30", "BASE-21")}`, async () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const info = "io.modelcontextprotocol/clientInfo";
  const metaFor = async (script: Script, options: ConnectOptions): Promise<Record<string, unknown>> => {
    const { client, raw } = await connectRaw(script, options);
    const meta = { traceparent, "io.modelcontextprotocol/protocolVersion": "made up" };
    await client.callTool("x", undefined, { meta, logLevel: "debug" });
    return raw.seen.at(-1)?.params?._meta as Record<string, unknown>;
  };
  const newer = stateless(() => ({ resultType: "complete", content: [] }));
  expect(await metaFor(newer, { name: "me", version: "2" })).toMatchObject({
    traceparent,
    [info]: { name: "me", version: "2" },
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/logLevel": "debug",
  });
  expect(await metaFor(newer, { sendInfo: false })).not.toHaveProperty([info]);
  expect(
    await metaFor(
      stateful(() => ({ content: [] })),
      { revisions: ["2025-06-18"] },
    ),
  ).toMatchObject({ traceparent });
});

test(`what older servers say of a missing resource is handed on${verifies("BASE-42", "RES-12")}`, async () => {
  const { client } = await connectRaw(
    stateless(({ params }) => ({ error: { code: -32002, message: "Resource not found", data: { uri: params?.uri } } })),
  );
  await expect(client.readResource("a:b")).rejects.toMatchObject({ rpcCode: -32002, data: { uri: "a:b" } });
});

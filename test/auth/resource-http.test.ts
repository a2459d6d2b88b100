/** Resource servers over HTTP, in both ways and both eras, with real tokens: who may do what, and whose sessions, tasks and states are. */

import { describe, expect, onTestFinished, test } from "vitest";
import {
  callerOf,
  createJwtVerifier,
  createResourceServer,
  type ResourceServerOptions,
} from "../../runtime/auth/resource/index.js";
import type { ListenOptions } from "../../runtime/server/serve-http.js";
import { createServer, type Server, type ServerOptions } from "../../runtime/server/server.js";
import {
  askAlone,
  callAlone,
  type Headed,
  notification,
  openSession,
  request,
  type Served,
  serve,
  WAYS,
} from "../server/http/http.js";
import { createRaw } from "../server/raw.js";
import { verifies } from "../verifies.js";
import { createIssuer, type Issuer, inSeconds, RESOURCE } from "./issuer.js";

const METADATA = "/.well-known/oauth-protected-resource/mcp";
const FORM = { type: "object" as const, properties: {} };

function define(server: Server): void {
  server.tool("who", {}, (_args, ctx) => {
    const { subject, clientId, scopes } = callerOf(ctx);
    const seen = ["authorization", "Authorization", "proxy-authorization", "Proxy-Authorization", "dpop", "DPoP"].map(
      (name) => ctx.origin?.header(name),
    );
    return JSON.stringify([subject, clientId, scopes, ctx.origin?.allows(["files:read"]), seen.filter(Boolean)]);
  });
  server.tool("read", { scopes: ["files:read"] }, () => "read");
  server.tool("write", { scopes: ["files:write", "files:read"] }, () => "written");
  server.tool(
    "ask",
    {},
    async (_args, ctx) => `they ${(await ctx.elicit({ message: "?", requestedSchema: FORM })).action}`,
  );
  server.tool("work", { task: "optional", scopes: ["work"] }, () => "worked");
  server.resource("memo:open", { name: "open" }, () => "open");
  server.resource("memo:closed", { name: "closed", scopes: ["memo"] }, () => "closed");
  const complete = { id: () => ["1"] };
  server.resourceTemplate("item:{id}", { name: "item", scopes: ["item"], complete }, ({ id }) => `item ${id}`);
  server.prompt("plain", {}, () => "plain");
  const arguments_ = { a: { complete: () => ["x"] } };
  server.prompt("guarded", { scopes: ["prompt"], arguments: arguments_ }, () => "guarded");
}

interface Guarded extends Served {
  readonly issuer: Issuer;
  /** Headers with a token of these claims. */
  as(claims?: object): Promise<Headed>;
}

async function guarded(
  way: "node" | "web",
  server: Partial<ServerOptions> = {},
  more: Partial<ResourceServerOptions> = {},
  http: ListenOptions = {},
): Promise<Guarded> {
  const issuer = await createIssuer();
  const authenticate = createResourceServer({
    resource: RESOURCE,
    authorizationServers: [issuer.url],
    verify: createJwtVerifier({ issuer: issuer.url }),
    ...more,
  });
  const served = await serve(way, define, { authenticate, ...http }, server);
  return {
    ...served,
    issuer,
    as: async (claims = {}) => ({ authorization: `Bearer ${await issuer.token(claims as never)}` }),
  };
}

const scopeIn = (answer: Response): string | undefined =>
  /[ ,]scope="([^"]*)"/.exec(answer.headers.get("www-authenticate") ?? "")?.[1];

const textIn = async (answer: Response): Promise<unknown> =>
  ((await answer.json()) as { result?: { content?: { text?: string }[] } }).result?.content?.[0]?.text;

describe.each(WAYS)("over %s", (way) => {
  test(`who has no token is told where to get one, before anything is read${verifies("AUTH-07", "AUTH-17", "AUTH-18", "AUTH-70", "AUTH-96", "AUTH-99", "AUTH-101", "SEC-12")}`, async () => {
    const served = await guarded(way, { scopes: ["mcp"] });
    const expected = `Bearer scope="mcp", resource_metadata="https://mcp.example${METADATA}"`;
    const answers = [
      await served.post("{ not even JSON"),
      await served.get(),
      await served.fetch({ method: "DELETE" }),
      await askAlone(served, "server/discover"),
      await served.post(request(1, "initialize")),
    ];
    for (const answer of answers)
      expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, expected]);
    const page = await served.post("{}", { origin: "http://localhost:3000" });
    expect([page.status, page.headers.get("access-control-allow-origin")]).toEqual([401, "http://localhost:3000"]);
    expect(page.headers.get("access-control-expose-headers")).toMatch(/WWW-Authenticate.*DPoP-Nonce/);
  });

  test(`the document about the resource is for everybody, with the scopes of the definitions${verifies("AUTH-16", "AUTH-18", "AUTH-101")}`, async () => {
    const served = await guarded(way, { scopes: ["mcp"], methodScopes: { "tools/list": ["list"] } });
    const answer = await served.fetchAt(METADATA, { headers: { origin: "https://anywhere.example" } });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
    expect(await answer.json()).toMatchObject({
      resource: RESOURCE,
      authorization_servers: [served.issuer.url],
      scopes_supported: ["mcp", "list", "files:read", "files:write", "work", "prompt", "memo", "item"].toSorted(
        (a, b) => ORDER.indexOf(a) - ORDER.indexOf(b),
      ),
      bearer_methods_supported: ["header"],
    });
    const preflight = await served.fetchAt(METADATA, {
      method: "OPTIONS",
      headers: { origin: "https://anywhere.example" },
    });
    expect(preflight.status).toBe(204);
    served.server.tool("late", { scopes: ["late"] }, () => "").remove();
    served.server.tool("later", { scopes: ["later"] }, () => "");
    const { scopes_supported } = (await (await served.fetchAt(METADATA)).json()) as { scopes_supported: string[] };
    expect(scopes_supported).toContain("later");
    expect(scopes_supported).not.toContain("late");
  });

  test(`handlers know who calls, and never see the token${verifies("AUTH-97", "SEC-32")}`, async () => {
    const served = await guarded(way);
    const headers = { ...(await served.as({ scope: "files:read" })), "proxy-authorization": "Basic x", dpop: "y" };
    const expected = JSON.stringify(["ada", "app", ["files:read"], true, []]);
    expect(await textIn(await callAlone(served, "who", {}, { headers }))).toBe(expected);
    const session = await openSession(served, "2025-11-25", {}, headers);
    expect(await textIn(await session.post(request(1, "tools/call", { name: "who" })))).toBe(expected);
  });

  test(`what names scopes is done for who has them, in every era and form${verifies("AUTH-74", "AUTH-76", "AUTH-78", "AUTH-96")}`, async () => {
    const served = await guarded(way, { methodScopes: { "prompts/list": ["list"] } });
    const listening = { notifications: { resourceSubscriptions: ["memo:open", "item:1"] } };
    const rows: readonly (readonly [method: string, params: object, scopes: string, eras?: string])[] = [
      ["tools/call", { name: "read" }, "files:read"],
      ["tools/call", { name: "write" }, "files:write files:read"],
      ["resources/read", { uri: "memo:closed" }, "memo"],
      ["resources/read", { uri: "item:1" }, "item"],
      ["resources/subscribe", { uri: "memo:closed" }, "memo", "stateful"],
      ["prompts/get", { name: "guarded", arguments: { a: "x" } }, "prompt"],
      ["prompts/list", {}, "list"],
      [
        "completion/complete",
        { ref: { type: "ref/prompt", name: "guarded" }, argument: { name: "a", value: "" } },
        "prompt",
      ],
      [
        "completion/complete",
        { ref: { type: "ref/resource", uri: "item:{id}" }, argument: { name: "id", value: "" } },
        "item",
      ],
      ["subscriptions/listen", listening, "item", "stateless"],
    ];
    const poor = await served.as({ scope: "other" });
    const session = await openSession(served, "2025-11-25", {}, poor);
    for (const [index, [method, params, scopes, era]] of rows.entries()) {
      const rich = await served.as({ scope: scopes });
      const ways = [
        ...(era === "stateful" ? [] : [(headers: Headed) => askAlone(served, method, params, { headers })]),
        ...(era === "stateless"
          ? []
          : [(headers: Headed) => session.post(request(`${index} ${headers === rich}`, method, params), headers)]),
      ];
      for (const send of ways) {
        const refused = await send(poor);
        expect([method, params, refused.status, scopeIn(refused)]).toEqual([method, params, 403, `${scopes} other`]);
        expect(refused.headers.get("www-authenticate")).toMatch(
          /^Bearer error="insufficient_scope".*resource_metadata="https:/,
        );
        const taken = await send(rich);
        expect([method, params, taken.status]).toEqual([method, params, 200]);
        if (method === "subscriptions/listen") await taken.body?.cancel();
        else expect(await taken.json()).toHaveProperty("result");
      }
    }
    // What needs none, and what is not there, goes its way.
    for (const [method, params] of [
      ["resources/read", { uri: "memo:open" }],
      ["tools/list", {}],
      ["prompts/get", { name: "plain" }],
    ] as const)
      expect((await askAlone(served, method, params, { headers: poor })).status).toBe(200);
    const unknown = await callAlone(served, "nothing", {}, { headers: poor });
    expect(await unknown.json()).toMatchObject({ error: { code: -32602 } });
  });

  test("one message of a batch that may not be sent refuses them all", async () => {
    const served = await guarded(way);
    const poor = await served.as();
    const session = await openSession(served, "2025-03-26", {}, poor);
    const refused = await session.post([
      request(1, "tools/call", { name: "who" }),
      request(2, "tools/call", { name: "read" }),
    ]);
    expect([refused.status, scopeIn(refused)]).toEqual([403, "files:read"]);
    const taken = await session.post([request(3, "tools/call", { name: "who" }), request(4, "ping")]);
    expect(await taken.json()).toHaveLength(2);
  });

  test("scopes of the server are needed for everything, notifications and streams too", async () => {
    const served = await guarded(way, { scopes: ["mcp"] });
    const poor = await served.as();
    const rich = await served.as({ scope: "mcp files:read" });
    const session = await openSession(served, "2025-11-25", {}, rich);
    const answers = [
      await session.post(notification("notifications/roots/list_changed"), poor),
      await session.get(poor),
      await session.end(poor),
      await callAlone(served, "read", {}, { headers: poor }),
    ];
    expect(answers.map((answer) => [answer.status, scopeIn(answer)])).toEqual([
      ...[1, 2, 3].map(() => [403, "mcp"]),
      // What is needed for this and nothing else is told by the server's own scopes first: they are looked at before the body.
      [403, "mcp"],
    ]);
    const both = await served.as({ scope: "mcp" });
    expect(scopeIn(await callAlone(served, "read", {}, { headers: both }))).toBe("mcp files:read");
    expect((await callAlone(served, "read", {}, { headers: rich })).status).toBe(200);
  });

  test("lists say nothing of scopes", async () => {
    const served = await guarded(way);
    const headers = await served.as();
    for (const method of ["tools/list", "prompts/list", "resources/list", "resources/templates/list"])
      expect(await (await askAlone(served, method, {}, { headers })).text()).not.toContain("scopes");
  });

  test(`a session is its principal's alone, whatever tokens come${verifies("SEC-12", "SEC-13", "SEC-15", "SEC-16")}`, async () => {
    const served = await guarded(way);
    const ada = await served.as();
    const session = await openSession(served, "2025-11-25", {}, ada);
    // A fresh token of the same person and client goes on; an old one ends nothing but its own request.
    const fresh = await served.as({ jti: "fresh" });
    expect((await session.post(request(1, "tools/list"), fresh)).status).toBe(200);
    const late = await served.as({ exp: inSeconds(-60) });
    expect((await session.post(request(2, "tools/list"), late)).status).toBe(401);
    expect((await session.post(request(3, "tools/list"), { authorization: undefined })).status).toBe(401);
    const others = [{ sub: "bob" }, { client_id: "other-app" }, { sub: "ada ", client_id: "app" }];
    for (const claims of others) {
      const other = await served.as(claims);
      const answers = [
        await session.post(request(4, "tools/list"), other),
        await session.get(other),
        await session.end(other),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    }
    expect((await session.post(request(5, "tools/list"))).status).toBe(200);
  });

  test(`a stream is resumed by its principal alone${verifies("SEC-16")}`, async () => {
    const served = await guarded(way, {}, {}, { answers: "sse" });
    const [ada, bob] = [await served.as(), await served.as({ sub: "bob" })];
    const session = await openSession(served, "2025-11-25", {}, ada);
    const answered = await session.post(request(1, "tools/call", { name: "who" }));
    const id = /^id: (\S+)$/m.exec(await answered.text())?.[1] ?? "";
    expect(id).not.toBe("");
    const taken = await session.get({ "last-event-id": id });
    expect(taken.status).toBe(200);
    await taken.body?.cancel();
    expect((await session.get({ ...bob, "last-event-id": id })).status).toBe(404);
    // In a session of his own the event is unknown.
    const own = await openSession(served, "2025-11-25", {}, bob);
    expect((await own.get({ "last-event-id": id })).status).toBe(400);
  });

  test(`a stream of the oldest transport takes posts of its principal alone${verifies("SEC-16", "SSE-16")}`, async () => {
    const served = await guarded(way);
    const [ada, bob] = [await served.as(), await served.as({ sub: "bob" })];
    const stream = await served.get({ ...ada, accept: "text/event-stream" });
    const reader = stream.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    const [, query = ""] = /\?(\S+)/.exec(new TextDecoder().decode(value)) ?? [];
    const post = async (headers: Headed, message: object): Promise<number> =>
      (await served.post(message, headers, { query: `?${query}` })).status;
    const ping = request(1, "ping");
    expect(await post(bob, ping)).toBe(404);
    expect(await post({}, ping)).toBe(401);
    expect(await post(ada, request(2, "tools/call", { name: "read" }))).toBe(403);
    expect(await post(await served.as({ jti: "later" }), ping)).toBe(202);
    await reader?.cancel();
  });

  test(`a question is answered by who was asked${verifies("SEC-15")}`, async () => {
    const served = await guarded(way);
    const [ada, bob] = [await served.as(), await served.as({ sub: "bob" })];
    const session = await openSession(served, "2025-11-25", { elicitation: {} }, ada);
    const asked = await session.post(request(1, "tools/call", { name: "ask" }));
    const reader = asked.body?.getReader();
    const decoder = new TextDecoder();
    let text = "";
    const read = async (wanted: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const found = wanted.exec(text);
        if (found !== null) return found;
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) throw new Error(`The stream ended: ${text}`);
        text += decoder.decode(value, { stream: true });
      }
    };
    const [, question = ""] = await read(/^data: (.*elicitation\/create.*)$/m);
    const { id } = JSON.parse(question) as { id: string | number };
    const answer = (action: string): object => ({ jsonrpc: "2.0", id, result: { action } });
    expect((await session.post(answer("decline"), bob)).status).toBe(404);
    expect((await session.post(answer("cancel"), await served.as({ jti: "later" }))).status).toBe(202);
    expect((await read(/they (\w+)/))[1]).toBe("cancel");
  });

  test(`what a client carries between rounds is good for its principal${verifies("SEC-17", "SEC-18")}`, async () => {
    const served = await guarded(way);
    const capabilities = { elicitation: { form: {} } };
    const params = { name: "ask", arguments: {} };
    const send = async (
      headers: Headed,
      more: object = {},
    ): Promise<{ result?: Record<string, unknown>; error?: object }> =>
      (await (await askAlone(served, "tools/call", { ...params, ...more }, { headers, capabilities })).json()) as never;
    const first = await send(await served.as());
    const { requestState, inputRequests } = first.result as { requestState: string; inputRequests: object };
    const [key = ""] = Object.keys(inputRequests);
    const round = { requestState, inputResponses: { [key]: { action: "decline" } } };
    expect((await send(await served.as({ sub: "bob" }), round)).error).toMatchObject({ code: -32602 });
    expect((await send(await served.as({ client_id: "other" }), round)).error).toMatchObject({ code: -32602 });
    expect((await send(await served.as({ jti: "later" }), round)).result).toMatchObject({
      content: [{ text: "they decline" }],
    });
  });

  test(`tasks are their principal's${verifies("SEC-17", "SEC-18", "XTASK-41")}`, async () => {
    const served = await guarded(way);
    const capabilities = { extensions: { "io.modelcontextprotocol/tasks": {} } };
    const poor = await callAlone(served, "work", {}, { headers: await served.as(), capabilities });
    expect([poor.status, scopeIn(poor)]).toEqual([403, "work"]);
    const made = await callAlone(served, "work", {}, { headers: await served.as({ scope: "work" }), capabilities });
    const { taskId } = ((await made.json()) as { result: { taskId: string } }).result;
    const get = async (claims: object): Promise<unknown> => {
      const headers = { ...(await served.as(claims)), "mcp-name": taskId };
      return await (await askAlone(served, "tasks/get", { taskId }, { headers, capabilities })).json();
    };
    expect(await get({})).toMatchObject({ result: { taskId } });
    for (const claims of [{ sub: "bob" }, { client_id: "other" }])
      expect(await get(claims)).toMatchObject({ error: { code: -32602 } });
  });

  test("who comes without a token may do what needs no scopes, where that is wanted", async () => {
    const served = await guarded(way, {}, { anonymous: true });
    expect((await askAlone(served, "tools/list")).status).toBe(200);
    const refused = await callAlone(served, "read");
    expect([refused.status, scopeIn(refused)]).toEqual([401, "files:read"]);
    expect((await callAlone(served, "read", {}, { headers: await served.as({ scope: "files:read" }) })).status).toBe(
      200,
    );
    expect((await callAlone(served, "who")).status).toBe(200);
    // A wrong token is no token of nobody, and a session of nobody is none of hers.
    expect((await callAlone(served, "who", {}, { headers: { authorization: "Bearer x" } })).status).toBe(401);
    const session = await openSession(served);
    expect((await session.post(request(1, "tools/list"))).status).toBe(200);
    expect((await session.post(request(2, "tools/list"), await served.as())).status).toBe(404);
  });

  test("a function of one's own is judged by the scopes that it gives", async () => {
    const served = await serve(way, define, {
      authenticate: (asked) => ({ principal: "p", scopes: (asked.header("authorization") ?? "").split(" ") }),
    });
    const headers = { authorization: "files:read work" };
    expect((await callAlone(served, "read", {}, { headers })).status).toBe(200);
    const refused = await callAlone(served, "write", {}, { headers });
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([
      403,
      'Bearer error="insufficient_scope", scope="files:write files:read"',
    ]);
  });

  test("scopes that nobody could judge are kept closed, and their author is told", async () => {
    const errors: string[] = [];
    const server = createServer({ name: "open", version: "1", onerror: ({ code }) => errors.push(code) });
    onTestFinished(() => server.close());
    define(server);
    await expect(server.serveHttp()).rejects.toMatchObject({ code: "NO_AUTHENTICATION" });
    if (way === "web") {
      const handler = server.toFetchHandler();
      const url = "http://127.0.0.1/mcp";
      const fetch: Served["fetch"] = (init) => handler(new Request(url, init));
      const served = {
        post: (message: unknown, headers: Headed = {}) =>
          fetch({
            method: "POST",
            body: JSON.stringify(message),
            headers: { "content-type": "application/json", ...headers } as never,
          }),
      };
      expect((await callAlone(served as Served, "read")).status).toBe(403);
      expect((await askAlone(served as Served, "tools/list")).status).toBe(200);
      expect(errors).toEqual(["NO_AUTHENTICATION"]);
    }
    const open = await serve(way, define, { authenticate: false });
    expect(await textIn(await callAlone(open, "read"))).toBe("read");
  });

  test("an agent may use no tool that its caller may not", async () => {
    const served = await guarded(way);
    served.server.tool("agent", {}, async (_args, ctx) => {
      const { results } = (await ctx.agent({ messages: [], tools: ["read", "who"], maxTokens: 10 } as never)) as {
        results?: unknown;
      };
      return JSON.stringify(results ?? "done");
    });
    const capabilities = { sampling: { tools: {} } };
    const wish = { type: "tool_use", id: "1", name: "read", input: {} };
    const run = async (headers: Headed): Promise<string> => {
      const first = (await (await callAlone(served, "agent", {}, { headers, capabilities })).json()) as {
        result: { requestState: string; inputRequests: Record<string, unknown> };
      };
      const [key = ""] = Object.keys(first.result.inputRequests);
      const inputResponses = { [key]: { role: "assistant", model: "m", content: [wish], stopReason: "toolUse" } };
      const { requestState } = first.result;
      const again = await askAlone(
        served,
        "tools/call",
        { name: "agent", arguments: {}, requestState, inputResponses },
        { headers, capabilities },
      );
      return await again.text();
    };
    expect(await run(await served.as())).toContain("The caller may not use read: it needs the scopes files:read.");
    const allowed = await run(await served.as({ scope: "files:read" }));
    expect(allowed).not.toContain("may not use");
    expect(allowed).toContain('"text":"read"');
  });
});

/** In the order of definition: the server's, those of methods, then tools, and so on. */
const ORDER = ["mcp", "list", "memo", "item", "prompt", "files:read", "files:write", "work"];

test(`over stdio and in memory scopes mean nothing: the process is its user's${verifies("AUTH-03")}`, async () => {
  const raw = await createRaw(define, { scopes: ["mcp"], methodScopes: { "tools/call": ["call"] } });
  await raw.initialize();
  expect((await raw.ask("tools/call", { name: "write" })).result).toMatchObject({ content: [{ text: "written" }] });
  const who = await raw.ask("tools/call", { name: "who" });
  expect(who.result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining("Nobody is known to call") }],
  });
  await raw.close();
});

test("behind a framework the document has a handler of its own", async () => {
  const { createServer: createListener } = await import("node:http");
  const issuer = await createIssuer();
  const guard = createResourceServer({
    resource: RESOURCE,
    authorizationServers: [issuer.url],
    verify: createJwtVerifier({ issuer: issuer.url }),
  });
  const server = createServer({ name: "framed", version: "1" });
  define(server);
  const handler = server.toNodeHandler({ authenticate: guard });
  const listener = createListener((asked, answer) =>
    asked.url?.startsWith("/.well-known/oauth") ? guard.metadataNode(asked, answer) : handler(asked, answer),
  );
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    await server.close();
    listener.close();
  });
  const { port } = listener.address() as { port: number };
  const at = `http://127.0.0.1:${port}`;
  expect((await fetch(`${at}/mcp`, { method: "POST" })).status).toBe(401);
  const answer = await fetch(at + METADATA);
  expect(await answer.json()).toMatchObject({
    resource: RESOURCE,
    scopes_supported: expect.arrayContaining(["files:read"]),
  });
  expect((await fetch(at + METADATA, { method: "HEAD" })).headers.get("access-control-allow-origin")).toBe("*");
});

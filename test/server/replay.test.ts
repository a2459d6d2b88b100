/** Handlers that run more than once: what they did in one run holds in the next, whatever they do with what they were given. */

import { setTimeout as wait } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Client } from "../../runtime/client/client.js";
import { type ConnectOptions, connect } from "../../runtime/client/connect.js";
import { createServer, type Server } from "../../runtime/server/server.js";
import { verifies } from "../verifies.js";
import { createRaw } from "./raw.js";

const FORM = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] } as const;

describe.each(["2025-11-25", "2026-07-28"] as const)("%s", (revision) => {
  const open: Client[] = [];
  afterEach(async () => {
    for (const client of open.splice(0)) await client.close();
  });

  /** The forms that were asked, in their order; each is answered with its place. */
  async function scene(define: (server: Server) => void, options: ConnectOptions = {}) {
    const server = createServer({ name: "replay", version: "1", onerror: () => undefined });
    define(server);
    const asked: string[] = [];
    const elicit: ConnectOptions["elicit"] = ({ message }) => ({
      action: "accept",
      content: { n: asked.push(message) },
    });
    const client = await connect(server, { revisions: [revision], elicit, ...options });
    open.push(client);
    const textOf = async (args = {}): Promise<string> =>
      ((await client.callTool("work", args)).content[0] as { text: string }).text;
    return { server, client, asked, textOf };
  }

  test("a handler may change what it was answered and what it kept", async () => {
    const { textOf } = await scene((server) => {
      server.tool("work", {}, async (_args, ctx) => {
        const list = await ctx.once("list", () => ["first"]);
        list.push("second");
        const answer = await ctx.elicit({ message: "How many?", requestedSchema: FORM });
        if (answer.action === "accept") answer.content.n *= 10;
        const again = await ctx.once("list", () => ["first"]);
        await ctx.elicit({ message: "Sure?", requestedSchema: FORM });
        return JSON.stringify([list, answer.content?.n, again]);
      });
    });
    expect(await textOf()).toBe('[["first","second"],10,["first","second"]]');
  });

  test(`a handler may change its arguments${verifies("MRTR-24")}`, async () => {
    const { textOf } = await scene((server) => {
      const input = { type: "object", properties: { tags: { type: "array" }, who: { type: "string" } } };
      server.tool("work", { input }, async (args, ctx) => {
        const given = args as { tags: string[]; who: string };
        given.who = given.who.trim();
        given.tags.push("own");
        const answer = await ctx.elicit({ message: "How many?", requestedSchema: FORM });
        return `${given.who} ${given.tags} ${answer.content?.n}`;
      });
    });
    expect(await textOf({ who: " ada ", tags: ["hers"] })).toBe("ada hers,own 1");
  });

  test("an effect takes place once, wherever it stands", async () => {
    const effects: string[] = [];
    const { textOf } = await scene((server) => {
      server.tool("work", {}, async (_args, ctx) => {
        for (let tries = 0; tries < 3; tries++) await ctx.once("hold", () => effects.push("hold"));
        const other = async (): Promise<void> => {
          // Later than the question, as what waits for a network is.
          await wait(20);
          await ctx.once("pay", () => effects.push("pay"));
        };
        const [answer] = await Promise.all([ctx.elicit({ message: "Pay?", requestedSchema: FORM }), other()]);
        return `${answer.content?.n}`;
      });
    });
    expect(await textOf()).toBe("1");
    await wait(60);
    expect(effects).toEqual(["hold", "pay"]);
  });

  test("questions that are ready in another order are the same questions", async () => {
    let runs = 0;
    const { textOf, asked } = await scene((server) => {
      server.tool("work", {}, async (_args, ctx) => {
        const run = ++runs;
        const slowly = async (message: string, isSlow: boolean) => {
          if (isSlow) await wait(20);
          return (await ctx.elicit({ message, requestedSchema: FORM })).content?.n;
        };
        const numbers = await Promise.all([slowly("A", run === 1), slowly("B", run !== 1)]);
        return `${numbers.every((n) => typeof n === "number")}`;
      });
    });
    expect(await textOf()).toBe("true");
    expect(asked.toSorted()).toEqual(["A", "B"]);
  });

  test(`each call of requireUrl has pages of its own${verifies("ELIC-42", "ELIC-44")}`, async () => {
    const visited: string[] = [];
    const held = new Set<string>();
    let finish: (id: string) => Promise<boolean> = () => expect.unreachable();
    const { server, textOf } = await scene(
      (made) => {
        made.tool("work", {}, async (_args, ctx) => {
          const page = (name: string) => ({
            message: name,
            url: (id: string) => `https://pages.example/${name}?e=${id}`,
            ...(revision === "2025-11-25" ? { done: () => held.has(name) } : {}),
          });
          await ctx.requireUrl([page("sign-in")]);
          await ctx.requireUrl([page("pay")]);
          return "both";
        });
      },
      {
        async elicitUrl({ message, url }) {
          visited.push(message);
          held.add(message);
          await finish(new URL(url).searchParams.get("e") ?? "");
          return { action: "accept" };
        },
      },
    );
    finish = (id) => server.completeElicitation(id);
    expect(await textOf()).toBe("both");
    expect(visited).toEqual(["sign-in", "pay"]);
  });
});

test(`a page that takes long holds each retry for the time of one${verifies("ELIC-46")}`, async () => {
  let now = Date.now();
  const clock = vi.spyOn(Date, "now").mockImplementation(() => now);
  let looks = 0;
  const raw = await createRaw((server) => {
    server.tool("work", {}, async (_args, ctx) => {
      const done = (): boolean => {
        looks++;
        now += 10;
        return false;
      };
      await ctx.requireUrl([{ key: "k", message: "Go", url: "https://pages.example/", done }], { waitMs: 40 });
      return "done";
    });
  });
  try {
    const can = { elicitation: { url: {} } };
    let answer = await raw.askModern("tools/call", { name: "work" }, can);
    for (let round = 1; round <= 4; round++) {
      looks = 0;
      const [key = ""] = Object.keys((answer.result?.inputRequests ?? {}) as object);
      expect(key).toBe(round === 1 ? "k" : `k-${round}`);
      const inputResponses = { [key]: { action: "accept" } };
      const retry = { name: "work", inputResponses, requestState: answer.result?.requestState };
      answer = await raw.askModern("tools/call", retry, can);
      // At the beginning, once for each round before, and four times in its own.
      expect(looks).toBe(1 + (round - 1) + 4);
    }
  } finally {
    clock.mockRestore();
    await raw.close();
  }
});

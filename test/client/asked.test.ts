/** What a client does with questions that no well-behaved server asks, and with answers of its own that are none. */

import { describe, expect, test } from "vitest";
import type { ConnectOptions } from "../../runtime/client/connect.js";
import { verifies } from "../verifies.js";
import { connectRaw, type Sent, stateful, stateless } from "./raw.js";

const text = { type: "text", text: "x" } as const;
const tools = [{ name: "t", inputSchema: { type: "object" } }];
const use = { type: "tool_use", id: "a", name: "t", input: {} } as const;
const result = { type: "tool_result", toolUseId: "a", content: [] } as const;
const BASE = { maxTokens: 5, messages: [{ role: "user", content: text }] };
const SAID = { role: "assistant", model: "m", content: text } as const;

/** Asks a client of the era with handshake and gives its answer. */
async function ask(method: string, params: object, options: ConnectOptions, revision = "2025-11-25"): Promise<Sent> {
  const { client, raw } = await connectRaw(
    stateful(() => ({})),
    { revisions: [revision as "2025-11-25"], ...options },
  );
  raw.say({ id: 77, method, params });
  await expect.poll(() => raw.seen.find(({ id, method: called }) => id === 77 && called === undefined)).toBeDefined();
  await client.close();
  return raw.seen.find(({ id }) => id === 77) as Sent;
}

/** Asks inside a result. */
async function askInside(method: string, params: object, options: ConnectOptions): Promise<unknown> {
  const { client } = await connectRaw(
    stateless(() => ({ resultType: "input_required", inputRequests: { q: { method, params } }, requestState: "s" })),
    { maxRounds: 1, ...options },
  );
  return await client.callTool("x").finally(() => client.close());
}

describe("sampling that may not be", () => {
  let asked = 0;
  const options: ConnectOptions = {
    sampleWithTools: true,
    sample() {
      asked++;
      return SAID;
    },
  };
  const bad: [string, object][] = [
    [
      "results beside text",
      {
        messages: [
          { role: "assistant", content: use },
          { role: "user", content: [result, text] },
        ],
      },
    ],
    [
      "missing results",
      {
        messages: [
          { role: "assistant", content: [use] },
          { role: "user", content: text },
        ],
      },
    ],
    ["a result of nothing", { messages: [{ role: "user", content: result }] }],
    ["a use at the end", { messages: [{ role: "assistant", content: use }] }],
    ["a required tool without tools", { toolChoice: { mode: "required" } }],
  ];

  test.each(bad)(
    `is refused before anybody is asked: %s${verifies("SAMP-27", "SAMP-28", "SAMP-23", "SAMP-24")}`,
    async (_what, extra) => {
      asked = 0;
      const params = { ...BASE, ...extra };
      const answer = await ask("sampling/createMessage", params, options);
      expect(answer.error).toMatchObject({
        code: -32602,
        data: { failures: [{ pointer: expect.stringMatching(/^\/params\//) }] },
      });
      const inside = askInside("sampling/createMessage", params, options);
      await expect(inside).rejects.toMatchObject({ code: "NOT_ANSWERED", cause: { rpcCode: -32602 } });
      expect(asked).toBe(0);
    },
  );

  test.each([{ tools }, { toolChoice: { mode: "none" } }])(
    `%j is refused where tools were not declared${verifies("SAMP-02", "SAMP-04")}`,
    async (extra) => {
      const params = { ...BASE, ...extra };
      expect((await ask("sampling/createMessage", params, { sample: () => SAID })).error).toMatchObject({
        code: -32602,
      });
      const inside = askInside("sampling/createMessage", params, { sample: () => SAID });
      await expect(inside).rejects.toMatchObject({ code: "NOT_ANSWERED", cause: { rpcCode: -32602 } });
    },
  );
});

describe("an answer that is none", () => {
  const cases: [string, object, ReturnType<NonNullable<ConnectOptions["sample"]>>][] = [
    ["tools where the choice was none", { tools, toolChoice: { mode: "none" } }, { ...SAID, content: use }],
    ["no tools where one was required", { tools, toolChoice: { mode: "required" } }, SAID],
    ["tools where none were given", {}, { ...SAID, content: [use] }],
    ["no model", {}, { role: "assistant", content: text } as never],
  ];

  test.each(cases)(`is not sent: %s${verifies("SAMP-20")}`, async (_what, extra, answer) => {
    const errors: Error[] = [];
    const options: ConnectOptions = {
      sampleWithTools: true,
      sample: () => answer,
      onerror: (error) => errors.push(error),
    };
    const got = await ask("sampling/createMessage", { ...BASE, ...extra }, options);
    expect(got.error).toMatchObject({ code: -32603 });
    expect(errors).toEqual([expect.objectContaining({ code: "BAD_ANSWER" })]);
    const inside = askInside("sampling/createMessage", { ...BASE, ...extra }, options);
    await expect(inside).rejects.toMatchObject({ code: "NOT_ANSWERED", cause: { code: "BAD_ANSWER" } });
  });

  test(`a list of one block is one block to older servers, and more are an error${verifies("SAMP-10", "SAMP-11")}`, async () => {
    const errors: Error[] = [];
    const one = await ask(
      "sampling/createMessage",
      BASE,
      { sample: () => ({ ...SAID, content: [text] }) },
      "2025-06-18",
    );
    expect(one.result).toEqual(SAID);
    const options: ConnectOptions = {
      sample: () => ({ ...SAID, content: [text, text] }),
      onerror: (error) => errors.push(error),
    };
    expect((await ask("sampling/createMessage", BASE, options, "2025-06-18")).error).toMatchObject({ code: -32603 });
    expect(errors).toEqual([expect.objectContaining({ code: "BAD_ANSWER" })]);
    expect((await ask("sampling/createMessage", BASE, options)).result).toEqual({ ...SAID, content: [text, text] });
  });
});

test(`what is declared follows from the callbacks${verifies("SAMP-01", "SAMP-02", "ELIC-02", "ELIC-05")}`, async () => {
  const { client, raw } = await connectRaw(
    stateful(() => ({})),
    {
      revisions: ["2025-11-25"],
      elicit: () => ({ action: "cancel" }),
      sample: () => SAID,
      sampleWithTools: true,
      sampleWithContext: true,
    },
  );
  const { capabilities } = raw.seen.find(({ method }) => method === "initialize")?.params ?? {};
  expect(capabilities).toEqual({ elicitation: { form: {} }, sampling: { tools: {}, context: {} } });
  await client.close();
});

test(`a form without mode is a form, and a mode that was not declared is refused${verifies("ELIC-07", "ELIC-13", "ELIC-14")}`, async () => {
  const options: ConnectOptions = { elicit: ({ message }) => ({ action: "accept", content: { said: message } }) };
  const form = { message: "hi", requestedSchema: { type: "object", properties: { said: { type: "string" } } } };
  expect((await ask("elicitation/create", form, options)).result).toEqual({
    action: "accept",
    content: { said: "hi" },
  });
  const page = { mode: "url", message: "go", url: "https://example.com/", elicitationId: "1" };
  expect((await ask("elicitation/create", page, options)).error).toMatchObject({ code: -32602 });
});

test("a pattern in a form is never run", async () => {
  const requestedSchema = { type: "object", properties: { said: { type: "string", pattern: "^(a+)+$" } } };
  const said = `${"a".repeat(50)}!`;
  const answer = await ask(
    "elicitation/create",
    { message: "", requestedSchema },
    {
      elicit: () => ({ action: "accept", content: { said } }),
    },
  );
  expect(answer.result).toEqual({ action: "accept", content: { said } });
});

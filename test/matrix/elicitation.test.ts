/** Forms over every revision that has them: written so that the revision knows them, filled in, checked on both sides. */

import { Type } from "typebox";
import { afterEach, describe, expect, test } from "vitest";
import { revisions } from "../../generated/revisions.js";
import type { Client } from "../../runtime/client/client.js";
import { type ConnectOptions, connect } from "../../runtime/client/connect.js";
import { Form } from "../../runtime/server/form.js";
import { createServer } from "../../runtime/server/server.js";
import { createMemoryPair } from "../../runtime/transport/memory.js";
import { verifies } from "../verifies.js";
import { type Tapped, tap } from "./wire.js";

const titled = [
  { const: "r", title: "Red" },
  { const: "g", title: "Green" },
] as const;
const COLOR = Form.object({ color: Form.oneOf(titled, { title: "Color", default: "g" }) });
const DEFAULTS = Form.object({
  name: Form.optional(Form.string({ default: "Ada" })),
  age: Form.optional(Form.integer({ default: 36 })),
  score: Form.optional(Form.number({ default: 9.5 })),
  status: Form.optional(Form.oneOf(["on", "off"], { default: "off" })),
  sure: Form.optional(Form.boolean({ default: true })),
});

function define(): ReturnType<typeof createServer> {
  const server = createServer({ name: "desk", version: "2.0.0", onerror: () => undefined });
  server.tool("color", {}, async (_args, ctx) => {
    const answer = await ctx.elicit({ message: "Which?", requestedSchema: COLOR });
    return answer.action === "accept" ? `color ${answer.content.color}` : `no: ${JSON.stringify(answer)}`;
  });
  server.tool("defaults", {}, async (_args, ctx) =>
    JSON.stringify(await ctx.elicit({ message: "As it is?", requestedSchema: DEFAULTS })),
  );
  server.tool("typebox", {}, async (_args, ctx) => {
    const form = Type.Object({ nights: Type.Integer({ minimum: 1 }), late: Type.Optional(Type.Boolean()) });
    const answer = await ctx.elicit({ message: "How long?", requestedSchema: form });
    return answer.action === "accept" ? `${answer.content.nights + 1}` : "";
  });
  server.tool("several", {}, async (_args, ctx) => {
    const form = Form.object({ tags: Form.anyOf(titled) });
    const answer = await ctx.elicit({ message: "Which ones?", requestedSchema: form });
    return answer.action === "accept" ? answer.content.tags.join() : "";
  });
  return server;
}

const asking = revisions.filter(({ revision }) => revision !== "2024-11-05" && revision !== "2025-03-26");

describe.each(asking)("$revision", ({ revision, era }) => {
  const clients: Client[] = [];
  const wires: Tapped[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    expect(wires.splice(0).flatMap(({ faults }) => faults)).toEqual([]);
  });
  const open = async (options: ConnectOptions): Promise<{ client: Client; wire: Tapped }> => {
    const [near, far] = createMemoryPair();
    await define().connect(far);
    const wire = tap(near);
    const client = await connect(wire, { revisions: [revision], ...options });
    wires.push(wire);
    clients.push(client);
    return { client, wire };
  };
  const call = async (client: Client, name: string): Promise<unknown> => {
    const { content, isError } = await client.callTool(name);
    return `${isError === true ? "failed: " : ""}${(content[0] as { text: string }).text}`;
  };
  const titledKnown = revision !== "2025-06-18";

  test(`a titled choice is written as the revision has it${verifies("ELIC-25", "ELIC-27", "ELIC-30", "ELIC-47")}`, async () => {
    const seen: unknown[] = [];
    const { client } = await open({
      elicit(form, { server }) {
        seen.push(form.requestedSchema.properties, server?.name);
        return { action: "accept", content: { color: "r" } };
      },
    });
    expect(await call(client, "color")).toBe("color r");
    const color = titledKnown
      ? { type: "string", oneOf: titled, title: "Color", default: "g" }
      : { type: "string", enum: ["r", "g"], enumNames: ["Red", "Green"], title: "Color", default: "g" };
    expect(seen).toEqual([{ color }, "desk"]);
  });

  test(`a choice of several is asked or refused with a way out${verifies("ELIC-28", "ELIC-29")}`, async () => {
    const { client } = await open({ elicit: () => ({ action: "accept", content: { tags: ["g", "r"] } }) });
    const answer = await call(client, "several");
    if (titledKnown) expect(answer).toBe("g,r");
    else expect(answer).toMatch(/^failed: .*tags is a choice of several.*yes or no of its own/);
  });

  test(`what is accepted unchanged has its defaults, of all five kinds${verifies("ELIC-31", "ELIC-32", "ELIC-16", "ELIC-17")}`, async () => {
    const { client } = await open({ elicit: () => ({ action: "accept", content: { age: undefined, status: "on" } }) });
    expect(JSON.parse((await call(client, "defaults")) as string)).toEqual({
      action: "accept",
      content: { name: "Ada", score: 9.5, status: "on", sure: true },
    });
    const without = await open({ applyDefaults: false, elicit: () => ({ action: "accept" }) });
    expect(JSON.parse((await call(without.client, "defaults")) as string)).toEqual({ action: "accept", content: {} });
    // A form with required fields does not fit without them.
    expect(without.wire.faults).toEqual([]);
  });

  test(`a no carries nothing${verifies("ELIC-11", "ELIC-16", "ELIC-48")}`, async () => {
    for (const action of ["decline", "cancel"] as const) {
      const { client, wire } = await open({ elicit: () => ({ action, content: { color: "secret" } }) });
      expect(await call(client, "color")).toBe(`no: {"action":"${action}"}`);
      expect(JSON.stringify(wire.messages)).not.toContain("secret");
    }
  });

  test(`an answer that does not fit is not sent, and the application is told why${verifies("ELIC-33", "ELIC-10")}`, async () => {
    const errors: Error[] = [];
    const { client, wire } = await open({
      onerror: (error) => errors.push(error),
      elicit: () => ({ action: "accept", content: { color: "blue" } }),
    });
    const outcome = await call(client, "color").catch((error: unknown) => error as { cause?: unknown; code: string });
    const failure = { code: "BAD_ANSWER", message: expect.stringMatching(/\/content\/color.*"r" or "g"/) };
    if (era === "stateful") expect(errors).toMatchObject([failure]);
    else expect(outcome).toMatchObject({ code: "NOT_ANSWERED", cause: failure });
    expect(JSON.stringify(wire.messages)).not.toContain("blue");
  });

  test(`a form of TypeBox is a form${verifies("ELIC-20")}`, async () => {
    const { client } = await open({ elicit: () => ({ action: "accept", content: { nights: 2 } }) });
    expect(await call(client, "typebox")).toBe("3");
  });

  test(`who can show no forms is not asked${verifies("ELIC-03", "ELIC-05", "ELIC-06")}`, async () => {
    const { client } = await open({
      sample: () => ({ role: "assistant", model: "m", content: { type: "text", text: "" } }),
    });
    const outcome = await call(client, "color").catch((error: unknown) => error as { rpcCode: number });
    if (era === "stateful") expect(outcome).toMatch(/^failed: .*did not declare elicitation\.form/);
    else expect(outcome).toMatchObject({ rpcCode: -32021 });
  });
});

/** Programs that end while a client uses them: started again when they are needed, with what the client wanted of them. */

import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import type { Client } from "../../runtime/client/client.js";
import { type ConnectOptions, connect } from "../../runtime/client/connect.js";
import type { McpWireError } from "../../runtime/errors.js";
import type { ServerEvent } from "../../runtime/protocol/era.js";
import { until } from "../protocol/http-raw.js";
import { verifies } from "../verifies.js";

const script = fileURLToPath(new URL("fixtures/mortal.mjs", import.meta.url));
const clients = new Set<Client>();

afterEach(async () => {
  for (const client of clients) await client.close();
  clients.clear();
});

async function start(era: "newer" | "older", options: ConnectOptions = {}) {
  const errors: McpWireError[] = [];
  const closed: unknown[] = [];
  const client = await connect(
    { command: process.execPath, args: [script, era] },
    { verdicts: false, onerror: (error) => errors.push(error), onclose: (reason) => closed.push(reason), ...options },
  );
  clients.add(client);
  const look = async (): Promise<{ pid: number; log: string[] }> => {
    const { content } = await client.callTool("look");
    return JSON.parse((content[0] as { text: string }).text);
  };
  const kill = async (): Promise<void> => {
    await expect(client.callTool("die")).rejects.toMatchObject({ code: "CLOSED" });
  };
  return { client, errors, closed, look, kill };
}

describe.each(["older", "newer"] as const)("a program of the %s era that ended", (era) => {
  test(`is started again by the next request; what was in flight is lost${verifies("STDIO-30", "STDIO-31", "STDIO-33")}`, async () => {
    const { client, errors, closed, look, kill } = await start(era);
    const first = await look();
    const hanging = client.callTool("hang").catch((error: unknown) => error);
    await kill();
    expect(await hanging).toMatchObject({ code: "CLOSED", message: expect.stringContaining("exited with code 3") });
    const [second, same] = await Promise.all([look(), look()]);
    expect(second.pid).not.toBe(first.pid);
    expect(same.pid).toBe(second.pid);
    expect(second.log[0]).toBe(era === "older" ? "initialize" : "server/discover");
    if (era === "older") expect(client.peer.serverInfo?.version).toBe(String(second.pid));
    expect(errors).toMatchObject([{ code: "PEER_EXITED" }]);
    expect(closed).toEqual([]);
    await client.close();
    expect(closed).toEqual([undefined]);
    await expect(look()).rejects.toMatchObject({ code: "CLOSED" });
  });

  test(`is started again by itself for subscriptions, which are asked for anew${verifies("STDIO-32", "STDIO-33", "SUB-16", "SUB-17")}`, async () => {
    const { client, look, kill } = await start(era);
    const { pid } = await look();
    const events: ServerEvent[] = [];
    const listening = await client.subscribe({ tools: true, uris: ["a:b"] }, (event) => events.push(event));
    await client.setLogLevel("error");
    await kill();
    await until(() => events.length === 2, 30_000);
    expect(events).toEqual([{ type: "toolsChanged" }, { type: "resourceUpdated", uri: "a:b" }]);
    const second = await look();
    expect(second.pid).not.toBe(pid);
    const asked = era === "older" ? ["logging/setLevel", "resources/subscribe"] : ["subscriptions/listen"];
    expect(second.log.filter((method) => asked.includes(method))).toEqual(asked);
    await listening.close();
    expect(await listening.ended).toBeUndefined();
  });
});

test("a program that ends each time before it answers is started three times more and no further", async () => {
  const { client, closed, kill, look } = await start("older");
  await kill();
  for (let time = 1; time <= 3; time++) await kill();
  await expect(client.callTool("look")).rejects.toMatchObject({
    code: "CLOSED",
    message: expect.stringContaining("3 times"),
  });
  expect(closed).toMatchObject([{ code: "CLOSED" }]);
  const other = await start("older");
  for (let time = 1; time <= 5; time++) {
    await other.kill();
    await other.look();
  }
  await expect(look()).rejects.toMatchObject({ code: "CLOSED" });
});

test("a program is not started again where that is not wanted", async () => {
  const { client, closed, kill, look } = await start("older", { restart: false });
  const listening = await client.subscribe({ tools: true }, () => undefined);
  await kill();
  await expect(look()).rejects.toMatchObject({ code: "CLOSED" });
  expect(closed).toMatchObject([{ code: "PEER_EXITED" }]);
  expect(await listening.ended).toMatchObject({ code: "PEER_EXITED" });
});

test("closing while a program is started again leaves nothing behind", async () => {
  const { client, kill, closed } = await start("older");
  await kill();
  const late = client.callTool("look").catch((error: unknown) => error);
  await client.close();
  expect(await late).toMatchObject({ code: "CLOSED" });
  expect(closed).toEqual([undefined]);
});

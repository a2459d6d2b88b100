/** How a client looks at a task, by plain messages: how often, and what it makes of answers that come late. */

import { afterEach, expect, test } from "vitest";
import type { Client } from "../../runtime/client/client.js";
import { connect } from "../../runtime/client/connect.js";
import type { StartOptions } from "../../runtime/client/task-contract.js";
import { ConnectionError } from "../../runtime/errors.js";
import type { Channel, ChannelEvents } from "../../runtime/jsonrpc/channel.js";
import type { TaskState } from "../../runtime/protocol/client-task-form.js";
import { createRawServer, type RawServer, type Script, type Sent } from "../client/raw.js";
import { verifies } from "../verifies.js";
import { RELATED } from "./scene.js";

const stamp = "2026-01-01T00:00:00Z";
const task = (status: string): object => ({
  taskId: "one",
  status,
  createdAt: stamp,
  lastUpdatedAt: stamp,
  ttl: null,
  pollInterval: 1,
});

const opening = {
  capabilities: { tools: {}, tasks: { requests: { tools: { call: {} } } } },
  serverInfo: { name: "raw", version: "1" },
};

const tool = { name: "work", inputSchema: { type: "object" }, execution: { taskSupport: "optional" } };

const open: Client[] = [];
afterEach(async () => {
  for (const client of open.splice(0)) await client.close();
});

interface Scene {
  readonly client: Client;
  readonly raw: RawServer;
}

/** A server that has one task. `way` is how its channel reaches the client. */
async function openScene(script: Script, way = (channel: Channel): Channel => channel): Promise<Scene> {
  const made: Script = (request, say) => {
    if (request.method === "initialize") return { ...opening, protocolVersion: "2025-11-25" };
    if (request.method === "tools/list") return { tools: [tool] };
    return request.method === "tools/call" ? { task: task("working") } : script(request, say);
  };
  const raw = createRawServer(made);
  const client = await connect(way(raw.channel), { revisions: ["2025-11-25"] });
  open.push(client);
  return { client, raw };
}

const begin = async (script: Script, options?: StartOptions) =>
  await (await openScene(script)).client.startTool("work", {}, options);

async function statuses(updates: AsyncIterable<TaskState>): Promise<string[]> {
  const seen: string[] = [];
  for await (const { status } of updates) seen.push(status);
  return seen;
}

test("a server that is slow to answer is asked less often than it wishes", async () => {
  const SLOW_MS = 150;
  const asked: number[] = [];
  const answered: number[] = [];
  const handle = await begin(({ id, method }, say) => {
    if (method !== "tasks/get") return {};
    asked.push(performance.now());
    setTimeout(() => {
      answered.push(performance.now());
      say({ id, result: task(asked.length < 4 ? "working" : "completed") });
    }, SLOW_MS);
    return undefined;
  });
  expect((await statuses(handle.updates)).at(-1)).toBe("completed");
  const rests = asked.slice(1).map((at, n) => at - (answered[n] as number));
  expect(rests).toHaveLength(3);
  // Timers may be a little early, by the clock that measures here.
  for (const rest of rests) expect(rest).toBeGreaterThan(SLOW_MS - 10);
});

test("an answer that comes after news of the end does not bring the task back", async () => {
  const handle = await begin(({ id, method }, say) => {
    if (method !== "tasks/get") return {};
    say({ method: "notifications/tasks/status", params: task("completed") });
    setTimeout(() => say({ id, result: task("working") }), 20);
    return undefined;
  });
  expect(await statuses(handle.updates)).toEqual(["working", "completed"]);
  expect(handle.state?.status).toBe("completed");
});

/** A channel that loses the answers to requests for the outcome, as often as it is told to. */
function losing(times: number): { way(channel: Channel): Channel; lost(): number } {
  let lost = 0;
  return {
    lost: () => lost,
    way(channel) {
      let events: ChannelEvents | undefined;
      return {
        open(given) {
          events = given;
          return channel.open(given);
        },
        send(message, about) {
          const { id, method } = message as unknown as Sent;
          if (method !== "tasks/result" || id === undefined || lost === times) return channel.send(message, about);
          lost++;
          queueMicrotask(() => events?.onlost(id, new ConnectionError("STREAM_LOST", "It was cut.", "")));
          return undefined;
        },
        close: () => channel.close(),
      };
    },
  };
}

test(`a wait for the outcome may be cut any number of times while the task goes on${verifies("TASK-31", "TASK-45")}`, async () => {
  const { way, lost } = losing(25);
  const done = { content: [{ type: "text", text: "done" }] };
  const { client } = await openScene(({ method }) => (method === "tasks/get" ? task("working") : done), way);
  const handle = await client.startTool("work");
  expect(await handle.result()).toMatchObject(done);
  expect(lost()).toBe(25);
});

test("a wait that is cut again and again is given up where the server cannot be asked, and where the outcome is there", async () => {
  for (const status of ["none", "completed"]) {
    const { way } = losing(Number.POSITIVE_INFINITY);
    const { client } = await openScene(
      ({ method }) =>
        method === "tasks/get" && status !== "none" ? task(status) : { error: { code: -32603, message: "not now" } },
      way,
    );
    const handle = await client.startTool("work");
    await expect(handle.result()).rejects.toMatchObject({ code: "STREAM_LOST" });
  }
});

const progressOf = (progress: number): object => ({
  method: "notifications/progress",
  params: { progressToken: 1, progress, _meta: { [RELATED]: { taskId: "one" } } },
});

test(`progress of a task is not heard of after its end, whoever saw that${verifies("TASK-52")}`, async () => {
  // Once by looking at it, and once by being told.
  for (const looks of [true, false]) {
    const { client, raw } = await openScene(() => task("completed"));
    const seen: number[] = [];
    const onprogress = ({ progress }: { progress: number }): void => void seen.push(progress);
    const handle = await client.startTool("work", {}, { onprogress });
    raw.say(progressOf(1));
    if (looks) expect((await statuses(handle.updates)).at(-1)).toBe("completed");
    else raw.say({ method: "notifications/tasks/status", params: task("completed") });
    raw.say(progressOf(2));
    await client.ping();
    expect(seen).toEqual([1]);
  }
});

test("two who follow a task take nothing from each other", async () => {
  let ended = false;
  const { client, raw } = await openScene(({ id, method }, say) => {
    if (method === "tasks/get") return { ...task(ended ? "completed" : "working"), pollInterval: 1_000_000 };
    if (method === "tasks/result" && id !== undefined) {
      say({ id, error: { code: -32603, message: "not now" } });
      return undefined;
    }
    return {};
  });
  const [first, second]: number[][] = [[], []];
  const one = await client.task("one", { onprogress: ({ progress }) => first?.push(progress) });
  const two = await client.task("one", { onprogress: ({ progress }) => second?.push(progress) });
  raw.say(progressOf(1));
  await client.ping();
  expect([first, second]).toEqual([[1], [1]]);
  const reading = [one, two].map(({ updates }) => statuses(updates));
  await expect.poll(() => [one.state?.status, two.state?.status]).toEqual(["working", "working"]);
  await client.ping();
  ended = true;
  // Nobody looks again for a long time, so both have to hear of it.
  raw.say({ method: "notifications/tasks/status", params: task("completed") });
  expect(await Promise.all(reading)).toEqual([
    ["working", "completed"],
    ["working", "completed"],
  ]);
});

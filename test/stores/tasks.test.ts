/** The contract of task stores, on each store there is: what is found, what is replaced, what expires, what is held, and who is told. */

import { createClient } from "redis";
import { describe, expect, test } from "vitest";
import { createRedisTaskStore } from "../../runtime/stores/redis/tasks.js";
import type { TaskRecord, TaskStore } from "../../runtime/tasks/contract.js";
import { createMemoryTaskStore } from "../../runtime/tasks/store-memory.js";
import { verifies } from "../verifies.js";
import { hasRedis, startRedis } from "./redis-server.js";
import { closes, newPrefix, onerror, redis } from "./scene.js";
import { taskRecord as record } from "./task-records.js";

type Limits = { readonly maxTasks: number; readonly maxTasksPerOwner: number };

const LIMITS: Limits = { maxTasks: 1_000, maxTasksPerOwner: 1_000 };

function redisStore(prefix: string, limits: Limits = LIMITS, url = redis?.url ?? ""): TaskStore {
  const store = createRedisTaskStore({ redis: url, prefix, onerror, ...limits });
  closes.push(() => store.close());
  return store;
}

/** Two ends of one store: those of two machines, where there can be two. */
interface Kind {
  readonly name: string;
  open(limits?: Limits): readonly [TaskStore, TaskStore];
}

const KINDS: readonly Kind[] = [
  {
    name: "in memory",
    open: (limits = LIMITS) => {
      const store = createMemoryTaskStore(limits);
      return [store, store];
    },
  },
  {
    name: "in Redis",
    open: (limits = LIMITS) => {
      const prefix = newPrefix();
      return [redisStore(prefix, limits), redisStore(prefix, limits)];
    },
  },
];

/** What a listener heard, without what was told twice. */
function hear(store: TaskStore, id: string): (string | undefined)[] {
  const heard: (string | undefined)[] = [];
  const stop = store.watch(id, (now) => {
    const told = now === undefined ? "gone" : `${now.version} ${now.status}`;
    if (heard.at(-1) !== told) heard.push(told);
  });
  closes.push(async () => stop());
  return heard;
}

const ids = (tasks: readonly { readonly id: string }[] | undefined): string[] | undefined => tasks?.map(({ id }) => id);

for (const { name, open } of KINDS)
  describe.skipIf(name === "in Redis" && !hasRedis)(`tasks ${name}`, () => {
    test("are found as they were given, everywhere, once they are there", async () => {
      const [here, there] = open();
      const given = record("a", {
        principal: "Ada ä\n€",
        statusMessage: "wörk",
        params: { name: "work", arguments: { deep: [1, null, { "": "x" }] } },
        kept: { k: { value: [1] }, n: {} },
        answers: { q: { refused: { code: -1, message: "no" } } },
        questions: { q: { method: "elicitation/create", params: { message: "?" } } },
        ttlMs: null,
      });
      await here.create(given, 1_000);
      expect(await there.get("a")).toEqual(given);
      const next: TaskRecord = { ...given, version: 2, status: "completed", outcome: { result: { content: [] } } };
      expect(await there.replace(next)).toBe(true);
      expect(await here.get("a")).toEqual(next);
      expect(await here.get("b")).toBeUndefined();
      await here.remove("a");
      expect(await there.get("a")).toBeUndefined();
      await there.remove("a");
    });

    test("are replaced only by the record that follows, and the same parts stay", async () => {
      const [here, there] = open();
      await here.create(record("a", { params: { big: "x".repeat(10_000) } }), 60_000);
      const read = (await there.get("a")) as TaskRecord;
      const heard = hear(here, "a");
      expect(await there.replace({ ...read, version: 2, status: "input_required" })).toBe(true);
      expect(await here.replace({ ...read, version: 2, status: "failed" })).toBe(false);
      expect(await here.replace({ ...read, version: 4 })).toBe(false);
      expect(await here.replace(record("b", { version: 2 }))).toBe(false);
      expect(await here.get("a")).toEqual({ ...read, version: 2, status: "input_required" });
      await expect.poll(() => heard.at(-1)).toBe("2 input_required");
      await here.remove("a");
      await expect.poll(() => heard.at(-1)).toBe("gone");
      expect(await there.replace({ ...read, version: 3 })).toBe(false);
    });

    test("are changed by one of two machines that race, each time", async () => {
      const [here, there] = open();
      await here.create(record("a"), 60_000);
      const work = async (store: TaskStore, mine: string): Promise<number> => {
        let won = 0;
        while (won < 50) {
          const now = (await store.get("a")) as TaskRecord;
          const answers = { ...now.answers, [`${mine}${won}`]: { value: now.version } };
          if (await store.replace({ ...now, version: now.version + 1, answers })) won++;
        }
        return won;
      };
      expect(await Promise.all([work(here, "h"), work(there, "t")])).toEqual([50, 50]);
      const last = (await here.get("a")) as TaskRecord;
      expect(last.version).toBe(101);
      // Every change is there, and no two were made of the same record.
      const versions = Object.values(last.answers).map((answer) => ("value" in answer ? answer.value : undefined));
      expect(new Set(versions).size).toBe(100);
    });

    test(`are listed by owner with cursors that stay good${verifies("TASK-41", "TASK-57")}`, async () => {
      const [here, there] = open();
      for (const id of ["a", "b", "c", "d"]) await here.create(record(id), 0);
      await there.create(record("x", { owner: "eve" }), 0);
      await there.create(record("n", { owner: "" }), 0);
      const first = await there.list("ada", undefined, 2);
      expect(ids(first?.tasks)).toEqual(["a", "b"]);
      await there.remove("b");
      await here.create(record("e"), 0);
      const second = await here.list("ada", first?.nextCursor, 2);
      expect(ids(second?.tasks)).toEqual(["c", "d"]);
      const third = await there.list("ada", second?.nextCursor, 2);
      expect(ids(third?.tasks)).toEqual(["e"]);
      expect(third).not.toHaveProperty("nextCursor");
      for (const cursor of ["made up", "", "t", "t-1", "tzzzzzzzzzzz", "t1 2", "x1"])
        expect(await here.list("ada", cursor, 2)).toBeUndefined();
      // The place of one list says nothing in another.
      expect(ids((await here.list("eve", first?.nextCursor, 9))?.tasks)).toSatisfy((found: string[]) =>
        found.every((id) => id === "x"),
      );
      expect((await here.list("nobody", undefined, 2))?.tasks).toEqual([]);
      expect((await here.list("", undefined, 9))?.tasks).toEqual([]);
    });

    test("are listed once each while others are made and removed", async () => {
      const [here, there] = open();
      for (let n = 0; n < 60; n++) await here.create(record(`s${n}`), 0);
      let made = 0;
      let over = false;
      const busy = (async () => {
        while (!over && made < 2_000) {
          await there.create(record(`m${made}`, { owner: made % 2 === 0 ? "ada" : "eve" }), 0);
          if (made % 3 === 0) await there.remove(`m${made}`);
          made++;
          await new Promise((resolve) => setImmediate(resolve));
        }
      })().catch(onerror);
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await here.list("ada", cursor, 7);
        found.push(...(ids(page?.tasks) ?? []));
        cursor = page?.nextCursor;
      } while (cursor !== undefined && found.length < 5_000);
      over = true;
      await busy;
      expect(new Set(found).size).toBe(found.length);
      expect(found.filter((id) => id.startsWith("s"))).toEqual(Array.from({ length: 60 }, (_, n) => `s${n}`));
      expect(found.filter((id) => /^m\d*[13579]$/.test(id))).toEqual([]);
    });

    test(`are refused where there is no room${verifies("TASK-61")}`, async () => {
      const [here, there] = open({ maxTasks: 3, maxTasksPerOwner: 2 });
      const create = async (store: TaskStore, id: string, owner = "ada", ttlMs = 60_000): Promise<void> =>
        await store.create(record(id, { owner, ttlMs }), 0);
      await create(here, "a");
      await create(there, "b", "ada", 2_000);
      await expect(create(here, "c")).rejects.toMatchObject({ rpcCode: -32603 });
      await create(here, "d", "eve");
      await expect(create(there, "e", "bob")).rejects.toThrow(/too many tasks/);
      // What has expired makes room.
      await expect.poll(async () => await here.get("b")).toBeUndefined();
      await expect.poll(async () => await create(there, "c").then(() => "made", String)).toBe("made");
    });

    test(`expire, and who watches is told${verifies("TASK-56")}`, async () => {
      const [here, there] = open();
      await here.create(record("long"), 0);
      await here.create(record("short", { ttlMs: 2_000 }), 0);
      await here.create(record("ever", { ttlMs: null }), 0);
      const [mine, theirs] = [hear(here, "short"), hear(there, "short")];
      const read = (await there.get("short")) as TaskRecord;
      // A change does not make it live longer.
      expect(await there.replace({ ...read, version: 2 })).toBe(true);
      await expect.poll(() => [mine.at(-1), theirs.at(-1)]).toEqual(["gone", "gone"]);
      expect(await here.get("short")).toBeUndefined();
      expect(await here.replace({ ...read, version: 3 })).toBe(false);
      expect(ids((await there.list("ada", undefined, 9))?.tasks)).toEqual(["long", "ever"]);
      // In some order: those that were left in the same millisecond are in that of their ids in Redis.
      expect(ids(await there.abandoned(9))?.toSorted()).toEqual(["ever", "long"]);
    });

    test("live for another time where their record says so", async () => {
      const [here, there] = open();
      await here.create(record("a", { ttlMs: 1_500 }), 0);
      expect(await here.replace(record("a", { version: 2, ttlMs: null }))).toBe(true);
      await here.create(record("b", { ttlMs: null }), 0);
      expect(await there.replace(record("b", { version: 2, ttlMs: 1 }))).toBe(true);
      await expect.poll(async () => await here.get("b")).toBeUndefined();
      await new Promise((resolve) => setTimeout(resolve, 1_600));
      expect((await there.get("a"))?.ttlMs).toBe(null);
    });

    test("are held by one worker, and found where nobody holds them", async () => {
      const [here, there] = open();
      await here.create(record("held"), 60_000);
      await here.create(record("left"), 0);
      await here.create(record("over", { status: "working" }), 0);
      expect(await here.replace(record("over", { version: 2, status: "completed" }), 0)).toBe(true);
      await expect.poll(async () => ids(await there.abandoned(9))).toEqual(["left"]);
      // Nobody takes what is held.
      expect(await there.replace(record("held", { version: 2, worker: "v" }), 60_000)).toBe(false);
      expect(await there.replace(record("left", { version: 2, worker: "v" }), 60_000)).toBe(true);
      expect(ids(await here.abandoned(9))).toEqual([]);
      expect(await here.hold("w", ["held", "left", "over", "none"], 60_000)).toEqual(["left", "over", "none"]);
      expect(await there.hold("v", ["left"], 60_000)).toEqual([]);
      // Another's change to it is no sign of life of its worker.
      expect(await here.hold("w", ["held"], 0)).toEqual([]);
      expect(await there.replace(record("held", { version: 2 }))).toBe(true);
      await expect.poll(async () => ids(await here.abandoned(9))).toEqual(["held"]);
      expect((await here.abandoned(0)).length).toBe(0);
      expect((await here.abandoned(9, 1)).length).toBe(0);
      await here.create(record("next"), 0);
      await expect.poll(async () => (await there.abandoned(9)).length).toBe(2);
      const pages = [await there.abandoned(1), await there.abandoned(1, 1), await there.abandoned(1, 2)];
      expect(pages.map((page) => page.length)).toEqual([1, 1, 0]);
      expect(pages.flatMap((page) => page.map(({ id }) => id)).sort()).toEqual(["held", "next"]);
    });

    test("are taken over by one of two", async () => {
      const [here, there] = open();
      for (let n = 0; n < 40; n++) await here.create(record(`a${n}`), 0);
      const take = async (store: TaskStore, worker: string): Promise<string[]> => {
        const taken: string[] = [];
        for (const found of await store.abandoned(100))
          if (await store.replace({ ...found, version: found.version + 1, worker }, 60_000)) taken.push(found.id);
        return taken;
      };
      const [mine, theirs] = await Promise.all([take(here, "h"), take(there, "t")]);
      expect(new Set([...mine, ...theirs]).size).toBe(40);
      expect(mine.length + theirs.length).toBe(40);
    });

    test("tell a listener until it is stopped, whoever changes them", async () => {
      const [here, there] = open();
      await here.create(record("a"), 0);
      const heard: number[] = [];
      const stop = there.watch("a", (now) => heard.push(now?.version ?? -1));
      const others = hear(there, "a");
      expect(await here.replace(record("a", { version: 2 }))).toBe(true);
      await expect.poll(() => heard.at(-1)).toBe(2);
      stop();
      stop();
      expect(await here.replace(record("a", { version: 3 }))).toBe(true);
      await expect.poll(() => others.at(-1)).toBe("3 working");
      expect(heard.at(-1)).toBe(2);
    });

    test("are of any size, and only what changed of them is moved", { timeout: 120_000 }, async () => {
      const [here, there] = open();
      const params = { name: "work", arguments: { text: "p".repeat(20_000_000) } };
      await here.create(record("big", { params }), 60_000);
      const heard = hear(there, "big");
      let now = (await here.get("big")) as TaskRecord;
      const result = { content: [{ type: "text", text: "ä".repeat(10_000_000) }] };
      now = { ...now, version: 2, outcome: { result }, status: "completed" };
      expect(await here.replace(now)).toBe(true);
      const got = (await there.get("big")) as TaskRecord;
      expect(got.outcome).toEqual({ result });
      expect(got.params).toEqual(params);
      await expect.poll(() => heard.at(-1)).toBe("2 completed");
      const listed = await there.list("ada", undefined, 9);
      expect(ids(listed?.tasks)).toEqual(["big"]);
    });
  });

describe.skipIf(!hasRedis)("tasks in a Redis", () => {
  test("are read and watched again after every connection was killed", async () => {
    const [here, there] = [redisStore("kill:"), redisStore("kill:")];
    await here.create(record("a"), 0);
    const heard = hear(there, "a");
    await expect.poll(() => heard).toEqual(["1 working"]);
    const admin = await createClient({ url: redis?.url ?? "" }).connect();
    for (const type of ["pubsub", "normal"]) await admin.sendCommand(["CLIENT", "KILL", "TYPE", type, "SKIPME", "yes"]);
    expect(await here.replace(record("a", { version: 2, status: "completed" }))).toBe(true);
    await expect.poll(() => heard).toEqual(["1 working", "2 completed"]);
    admin.destroy();
  });

  test("outlive the server where it keeps what it was told, and changes that meet the gap happen once", async () => {
    const own = await startRedis({ persist: true });
    const [here, there] = [redisStore("r:", LIMITS, own.url), redisStore("r:", LIMITS, own.url)];
    await here.create(record("a"), 0);
    const heard = hear(there, "a");
    await expect.poll(() => heard).toEqual(["1 working"]);
    await own.kill();
    const change = here.replace(record("a", { version: 2 }));
    await own.start();
    expect(await change).toBe(true);
    expect((await there.get("a"))?.version).toBe(2);
    await expect.poll(() => heard.at(-1)).toBe("2 working");
    expect(ids((await there.list("ada", undefined, 9))?.tasks)).toEqual(["a"]);
    await own.stop();
  });

  test("leave nothing behind once they have expired", async () => {
    const store = redisStore("gone:");
    for (let n = 0; n < 20; n++) await store.create(record(`a${n}`, { ttlMs: 50, owner: `o${n}` }), 60_000);
    const admin = await createClient({ url: redis?.url ?? "" }).connect();
    await expect
      .poll(async () => {
        await store.abandoned(1);
        return await admin.keys("gone:*");
      })
      .toEqual([]);
    admin.destroy();
  });

  test("do not give away who owns them by the names of keys", async () => {
    const store = redisStore("own:");
    await store.create(record("a", { owner: "principal ada@example.com", principal: "ada@example.com" }), 0);
    const admin = await createClient({ url: redis?.url ?? "" }).connect();
    expect((await admin.keys("own:*")).filter((key) => key.includes("ada@"))).toEqual([]);
    expect((await admin.keys("own:*")).length).toBeGreaterThan(2);
    admin.destroy();
  });

  test("are refused under an id that is taken", async () => {
    const [here, there] = [redisStore("twice:"), redisStore("twice:")];
    await here.create(record("a"), 0);
    await expect(there.create(record("a", { principal: "eve" }), 0)).rejects.toMatchObject({ code: "TASK_STORE" });
    expect((await here.get("a"))?.principal).toBe(null);
  });
});

/** The store in a file: for its owner alone, whole at any time, and shared by processes. */

import { execFile } from "node:child_process";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { authorize } from "../../runtime/auth/authorize.js";
import { createFileStore } from "../../runtime/auth/store-file.js";
import { verifies } from "../verifies.js";
import { post, startScene, visitor } from "./scene.js";

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), "mcpwire-auth-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "deep", "auth.json");
}

test(`a file is for its owner alone${verifies("AUTH-86", "AUTH-87")}`, async () => {
  const path = place();
  const store = createFileStore(path);
  expect(await store.get("a")).toBeUndefined();
  await store.set("a", { secret: 1 });
  await store.set("__proto__", "no trick");
  expect([await store.get("a"), await store.get("__proto__"), await store.get("toString")]).toEqual([
    { secret: 1 },
    "no trick",
    undefined,
  ]);
  expect((statSync(path).mode & 0o777).toString(8)).toBe("600");
  expect((statSync(join(path, "..")).mode & 0o777).toString(8)).toBe("700");
  await store.delete("a");
  expect(await createFileStore(path).get("a")).toBeUndefined();
  expect(readdirSync(join(path, ".."))).toEqual(["auth.json"]);
  chmodSync(path, 0o644);
  await expect(store.get("a")).rejects.toThrow(/can be read by others/);
  await expect(store.set("a", 1)).rejects.toThrow(/can be read by others/);
  chmodSync(path, 0o600);
  writeFileSync(path, "[]");
  await expect(store.get("a")).rejects.toThrow(/no file of a store/);
});

test("it works as the store of an application, DPoP included", async () => {
  const scene = await startScene();
  scene.knobs.scheme = "DPoP";
  const path = place();
  expect((await authorize({ store: createFileStore(path), redirect: visitor() }).fetch(scene.url, post())).status).toBe(
    200,
  );
  expect((await authorize({ store: createFileStore(path) }).fetch(scene.url, post())).status).toBe(200);
  const kinds = Object.keys(JSON.parse(readFileSync(path, "utf8"))).map((key) => key.split(" ")[0]);
  // What is spent is gone.
  expect(kinds.sort()).toEqual(["dpop", "link", "registration", "tokens"]);
});

test("several processes share it and lose nothing", async () => {
  const path = place();
  const built = new URL("../../dist/runtime/auth/node.js", import.meta.url).href;
  const program = `
    import { createFileStore } from ${JSON.stringify(built)};
    const store = createFileStore(${JSON.stringify(path)});
    for (let index = 0; index < 20; index++)
      await store.exclusive("counter", async () => {
        await store.set("counter", ((await store.get("counter")) ?? 0) + 1);
        await store.set(process.argv[1] + index, index);
      });
  `;
  const run = promisify(execFile);
  await Promise.all(
    ["a", "b", "c"].map((name) =>
      run(process.execPath, ["--input-type=module", "-e", program, name], { timeout: 50_000 }),
    ),
  );
  const records = JSON.parse(readFileSync(path, "utf8")) as Record<string, number>;
  expect([records.counter, Object.keys(records).length]).toEqual([60, 61]);
});

test("what an ended process left locked is taken over", async () => {
  const path = place();
  const store = createFileStore(path);
  await store.set("a", 1);
  writeFileSync(`${path}.lock`, "");
  const old = new Date(Date.now() - 3_600_000);
  utimesSync(`${path}.lock`, old, old);
  await store.set("a", 2);
  expect(await store.get("a")).toBe(2);
});

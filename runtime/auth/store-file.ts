/**
 * Keeps registrations and tokens in a file that nobody else on this machine may read, for programs without a place for secrets of their
 * own. Several processes may share it. Requirements AUTH-86, AUTH-87.
 */

import { createHash, randomUUID } from "node:crypto";
import { chmod, mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { McpWireError } from "../errors.js";
import { parseObject } from "./outbound.js";
import type { AuthStore } from "./store.js";

const WINDOWS = process.platform === "win32";

/** How long another process may hold a lock, in milliseconds; then it has ended without giving it back. */
const STALE_MS = 60_000;
/** How long to wait for a lock, in milliseconds, and how often to look. */
const LOCK_MS = 90_000;
const LOOK_MS = 25;

/**
 * Makes a store in a file. It and its folder are made where they are not there yet, for the user alone; where others may read an existing
 * file, the store refuses to work. Keys for DPoP are kept in it as text.
 */
export function createFileStore(path: string): AuthStore {
  return {
    async get(key) {
      return (await readRecords(path))[key];
    },
    set: (key, value) =>
      change(path, (records) => {
        records[key] = value;
      }),
    delete: (key) =>
      change(path, (records) => {
        delete records[key];
      }),
    exclusive: (key, run) => withLock(`${path}.${digestOf(key)}.lock`, path, run),
  };
}

type Kept = Record<string, unknown>;

async function readRecords(path: string): Promise<Kept> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if (!WINDOWS && (mode & 0o077) !== 0)
      throw new McpWireError(
        "INVALID_USE",
        `${path} holds secrets and can be read by others.`,
        "Run `chmod 600` on it.",
      );
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return emptyRecords();
    throw error;
  }
  const records = parseObject(text);
  if (records === undefined)
    throw new McpWireError("INVALID_USE", `${path} is no file of a store.`, "Give another path, or delete the file.");
  return Object.assign(emptyRecords(), records);
}

/** Names come from issuers, so that none may mean something to the language. */
function emptyRecords(): Kept {
  return Object.create(null) as Kept;
}

async function change(path: string, edit: (records: Kept) => void): Promise<void> {
  await withLock(`${path}.lock`, path, async () => {
    const records = await readRecords(path);
    edit(records);
    const draft = `${path}.${randomUUID()}.tmp`;
    try {
      await writeFile(draft, `${JSON.stringify(records, null, 2)}\n`, { mode: 0o600, flag: "wx", flush: true });
      if (!WINDOWS) await chmod(draft, 0o600);
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  });
}

/** Locks are files that only one process can make. */
async function withLock<T>(lock: string, path: string, run: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const end = Date.now() + LOCK_MS;
  while (!(await take(lock))) {
    if (Date.now() > end)
      throw new McpWireError("INVALID_USE", `${lock} is held by another process.`, "Delete it if there is none.");
    await wait(LOOK_MS);
  }
  try {
    return await run();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await (await open(lock, "wx", 0o600)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const age = await stat(lock).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    // It was given back meanwhile.
    () => 0,
  );
  if (age > STALE_MS) await rm(lock, { force: true });
  return false;
}

function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 16);
}

/**
 * Where agreements are kept: a file each, in a folder of the person alone, written whole or not at all. So processes that write at once
 * cannot lose each other's, and there is nothing to lock.
 */

import { constants } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { McpWireError } from "../errors.js";
import { isObject, readJson } from "./json.js";
import { textOf, textsOf } from "./members.js";

/** What somebody agreed to. Values of variables are in the digest alone. */
export interface ConsentEntry {
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** The file that is run. */
  readonly program: string;
  /** The command as it was offered; inputs that are secret stand as `${input:id}`. */
  readonly command: string;
  readonly args: readonly string[];
  readonly envNames: readonly string[];
  readonly cwd: string;
  /** ISO 8601. */
  readonly agreedAt: string;
  /** Hexadecimal. Each entry has its own, so that equal secrets do not show. */
  readonly salt: string;
  /** HMAC-SHA-256 of everything that was agreed to, under the salt; hexadecimal. */
  readonly digest: string;
}

/** Keeps agreements. What it says is believed, so nobody but the person may write to it. */
export interface ConsentStore {
  list(): Promise<readonly ConsentEntry[]>;
  add(entry: ConsentEntry): Promise<void>;
  /** Nothing happens where it is not there. */
  remove(id: string): Promise<void>;
}

/** Keeps agreements for as long as this process lives. */
export function createMemoryConsentStore(): ConsentStore {
  const entries = new Map<string, ConsentEntry>();
  return {
    list: async () => [...entries.values()],
    add: async (entry) => void entries.set(entry.id, entry),
    remove: async (id) => void entries.delete(id),
  };
}

/** The folder of {@link createFileConsentStore} on this platform. */
export function consentFolder(): string {
  const { APPDATA, XDG_CONFIG_HOME = "" } = process.env;
  const home = homedir();
  const base = {
    win32: APPDATA ?? join(home, "AppData", "Roaming"),
    darwin: join(home, "Library", "Application Support"),
  };
  // The specification of these folders says to pass over relative ones.
  const other = isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : join(home, ".config");
  return join(base[process.platform as keyof typeof base] ?? other, "mcpwire", "consents");
}

const FILE = /^([\da-f]{16})\.json$/;
const MAX_BYTES = 4 << 20;

/**
 * Keeps agreements in a folder, by default {@link consentFolder}. A folder or file that others can write to, that is a link, or that does
 * not hold what was written there counts for nothing: each method then rejects with `McpWireError` `CONSENT_STORE`.
 */
export function createFileConsentStore(folder: string = consentFolder()): ConsentStore {
  return {
    async list() {
      if (!(await checkFolder(folder))) return [];
      const files = await attempt(folder, "cannot be read", () => readdir(folder));
      const ids = files.flatMap((file) => FILE.exec(file)?.[1] ?? []);
      const entries = await Promise.all(ids.sort().map((id) => readEntry(folder, id)));
      return entries.filter((entry) => entry !== undefined);
    },
    async add(entry) {
      await attempt(folder, "cannot be made", () => mkdir(folder, { recursive: true, mode: 0o700 }));
      await checkFolder(folder);
      await attempt(folder, "cannot be written to", () => writeEntry(folder, entry));
    },
    async remove(id) {
      if (!(await checkFolder(folder))) return;
      await attempt(folder, "cannot be written to", () => rm(join(folder, `${id}.json`), { force: true }));
    },
  };
}

/** What the system refuses is told as what it means here. */
async function attempt<T>(folder: string, why: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw unusable(folder, `${why} (${code})`, error);
  }
}

function unusable(place: string, why: string, cause?: unknown): McpWireError {
  const problem = `What was agreed to cannot be read or kept: ${place} ${why}.`;
  return new McpWireError(
    "CONSENT_STORE",
    problem,
    "Look at who wrote it, then remove it; you will be asked again.",
    cause,
  );
}

/** Whether the folder is there; what others can write to is refused. */
async function checkFolder(folder: string): Promise<boolean> {
  try {
    const status = await stat(folder);
    if (!status.isDirectory()) throw unusable(folder, "is no folder");
    checkOwner(folder, status, 0o022);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    if (error instanceof McpWireError) throw error;
    throw unusable(folder, `cannot be looked at (${(error as NodeJS.ErrnoException).code})`, error);
  }
}

function checkOwner(place: string, { uid, mode }: { uid: number; mode: number }, forbidden: number): void {
  // Windows has other means, and the folders of a person are closed there.
  if (process.getuid === undefined) return;
  if (uid !== process.getuid()) throw unusable(place, "belongs to somebody else");
  if ((mode & forbidden) !== 0) throw unusable(place, "is open to others");
}

async function readEntry(folder: string, id: string): Promise<ConsentEntry | undefined> {
  const path = join(folder, `${id}.json`);
  let text: string;
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      const status = await file.stat();
      if (!status.isFile() || status.size > MAX_BYTES) throw unusable(path, "is no file of this program");
      checkOwner(path, status, 0o077);
      text = await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    // Revoked a moment ago, by another process.
    if (isMissing(error)) return undefined;
    throw error instanceof McpWireError ? error : unusable(path, "cannot be opened", error);
  }
  const entry = parseEntry(path, text);
  if (entry.id !== id) throw unusable(path, "has another name than its content");
  return entry;
}

function parseEntry(path: string, text: string): ConsentEntry {
  try {
    const value = readJson(text);
    if (!isObject(value)) throw unusable(path, "is damaged");
    const need = (key: string): string => {
      const found = textOf(value, key);
      if (found === undefined) throw unusable(path, `has no ${key}`);
      return found;
    };
    return {
      id: need("id"),
      name: need("name"),
      program: need("program"),
      command: need("command"),
      args: textsOf(value, "args") ?? [],
      envNames: textsOf(value, "envNames") ?? [],
      cwd: need("cwd"),
      agreedAt: need("agreedAt"),
      salt: need("salt"),
      digest: need("digest"),
    };
  } catch (cause) {
    throw unusable(path, "is damaged", cause);
  }
}

async function writeEntry(folder: string, entry: ConsentEntry): Promise<void> {
  const temporary = join(folder, `.${entry.id}.${process.pid}`);
  const file = await open(temporary, "wx", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(entry, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(folder, `${entry.id}.json`));
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

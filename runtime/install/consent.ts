/**
 * Nothing is started without a yes to exactly that (SEC-01, SEC-04, SEC-07). A yes is remembered for the file, the arguments, the variables
 * with their values, and the folder; when any of them changes, the person is asked again.
 */

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { statSync } from "node:fs";
import { ConnectionError, McpWireError, toWireError } from "../errors.js";
import type { ChildOptions } from "../transport/stdio-child.js";
import { commandOf, draftOf, findProgram, missingInputs } from "./command.js";
import type { Installation, InstallationInput, ServerCommand } from "./contract.js";
import type { Finding } from "./findings/contract.js";
import { inspectCommand } from "./inspect.js";
import { quoted } from "./json.js";
import { type ConsentEntry, type ConsentStore, createFileConsentStore } from "./store.js";
import { type ConsentView, createView, shownParts } from "./view.js";

/** What the person is asked. */
export interface ConsentQuestion {
  readonly installation: Installation;
  readonly command: ServerCommand;
  /** The file that would run. */
  readonly program: string;
  readonly findings: readonly Finding[];
  /** What a dialog shows. */
  readonly view: ConsentView;
}

export interface ConsentOptions {
  /**
   * Asks the person. Only `true` is a yes. It shows all of `view`, and its yes is nothing that a stray key reaches.
   */
  readonly ask: (question: ConsentQuestion) => boolean | Promise<boolean>;
  /** Default: {@link createFileConsentStore}. */
  readonly store?: ConsentStore;
}

export interface Consent {
  /**
   * Gives what `connect` starts: after a yes that is remembered, or one that is given now. Questions are asked one at a time.
   *
   * Rejects with `McpWireError` `CONSENT_REFUSED` without a yes, `INVALID_USE` where there is nothing to start or inputs are missing, `CONSENT_STORE`
   * where agreements cannot be read, and `ConnectionError` `SPAWN_FAILED` where the program or its folder is not on this machine.
   */
  allow(installation: Installation): Promise<ChildOptions>;
  /** Whether exactly this was agreed to. Nobody is asked. */
  has(installation: Installation): Promise<boolean>;
  /** All that was agreed to. */
  list(): Promise<readonly ConsentEntry[]>;
  /** Takes agreements back, by id or name; gives those that were. What runs goes on running. */
  revoke(idOrName: string): Promise<readonly ConsentEntry[]>;
}

/** What a person would be asked. */
export interface InstallationPreview {
  readonly view: ConsentView;
  readonly findings: readonly Finding[];
  /** What the person has to give first; in the view it stands as `${input:id}`. */
  readonly missing: readonly InstallationInput[];
}

/**
 * What would be asked, without asking.
 * @throws McpWireError `INVALID_USE` where there is nothing to start here
 */
export function previewInstallation(installation: Installation): InstallationPreview {
  const command = draftOf(installation);
  const findings = inspectCommand({ ...command, name: installation.name });
  const view = createView({ installation, command, program: findProgram(command), findings, changed: false });
  return { view, findings, missing: missingInputs(installation) };
}

/** Makes the keeper of agreements. */
export function createConsent({ ask, store = createFileConsentStore() }: ConsentOptions): Consent {
  // Two dialogs at once would hide one another, and the second may be answered by the first.
  let last: Promise<unknown> = Promise.resolve();
  return {
    async allow(installation) {
      const wanted = readWanted(installation);
      const turn = last.then(() => agree(wanted, store, ask));
      last = turn.catch(() => undefined);
      await turn;
      const { args, env, cwd, inheritEnv } = wanted.command;
      return { command: wanted.program, args, env, cwd, inheritEnv };
    },
    async has(installation) {
      const wanted = readWanted(installation);
      return (await store.list()).some((entry) => isSame(entry, wanted));
    },
    list: () => store.list(),
    async revoke(idOrName) {
      const entries = await store.list();
      const named = entries.filter(({ id, name }) => id === idOrName || name === idOrName);
      // Two processes may have asked for the same at once; both agreements end.
      const all = entries.filter((entry) => named.some((one) => shownKey(one) === shownKey(entry)));
      for (const { id } of all) await store.remove(id);
      return all;
    },
  };
}

interface Wanted {
  readonly installation: Installation;
  readonly command: ServerCommand;
  readonly program: string;
  readonly shown: Pick<ServerCommand, "command" | "args">;
}

/** A copy that nobody can change while the person reads. */
function readWanted(given: Installation): Wanted {
  const installation = deepFreeze(structuredClone(given));
  const command = deepFreeze({ ...commandOf(installation) });
  if (!statSync(command.cwd, { throwIfNoEntry: false })?.isDirectory()) {
    const problem = `The folder ${quoted(command.cwd)} is not on this machine.`;
    throw new ConnectionError("SPAWN_FAILED", problem, "Make it, or give another as `cwd`.");
  }
  const program = findProgram(command);
  if (program !== undefined) return { installation, command, program, shown: shownParts(installation) };
  const problem = `The program ${quoted(command.command)} is not on this machine.`;
  throw new ConnectionError("SPAWN_FAILED", problem, "Install it, or give its full path.");
}

async function agree(wanted: Wanted, store: ConsentStore, ask: ConsentOptions["ask"]): Promise<void> {
  const { installation, command, program, shown } = wanted;
  const entries = await store.list();
  if (entries.some((entry) => isSame(entry, wanted))) return;
  const findings = inspectCommand({ ...command, name: installation.name });
  const changed = entries.some(({ name }) => name === installation.name);
  const view = createView({ installation, command, program, findings, changed });
  let answer: unknown;
  try {
    answer = await ask({ installation, command, program, findings, view });
  } catch (error) {
    throw toWireError(error, "Asking for consent");
  }
  if (answer !== true) {
    const problem = `Nobody agreed to start the server ${quoted(installation.name)}.`;
    throw new McpWireError("CONSENT_REFUSED", problem, "It was not started.");
  }
  const salt = randomBytes(16).toString("hex");
  await store.add({
    id: randomBytes(8).toString("hex"),
    name: installation.name,
    program,
    command: shown.command,
    args: shown.args,
    envNames: Object.keys(command.env),
    cwd: command.cwd,
    agreedAt: new Date().toISOString(),
    salt,
    digest: digestOf(wanted, salt).toString("hex"),
  });
}

/** Whether an entry is about exactly this, in what it shows and in what it does not. */
function isSame(entry: ConsentEntry, wanted: Wanted): boolean {
  const digest = Buffer.from(entry.digest, "hex");
  const expected = digestOf(wanted, entry.salt);
  const { program, command, shown } = wanted;
  const now = { program, ...shown, envNames: Object.keys(command.env), cwd: command.cwd };
  return digest.length === expected.length && timingSafeEqual(digest, expected) && shownKey(entry) === shownKey(now);
}

function digestOf({ command, program }: Wanted, salt: string): Buffer {
  const { args, env, cwd, inheritEnv } = command;
  const variables = Object.entries(env).sort(([one], [other]) => (one < other ? -1 : 1));
  const all = JSON.stringify([
    "mcpwire consent 1",
    program,
    command.command,
    args,
    variables,
    cwd,
    [...inheritEnv].sort(),
  ]);
  return createHmac("sha256", Buffer.from(salt, "hex")).update(all).digest();
}

function shownKey(entry: Pick<ConsentEntry, "program" | "command" | "args" | "envNames" | "cwd">): string {
  const { program, command, args, envNames, cwd } = entry;
  return JSON.stringify([program, command, args, [...envNames].sort(), cwd]);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}

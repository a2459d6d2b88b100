/** What every pair of client and server is expected to do together. Each behaviour is tried on a fresh pair's connection in this order. */

import { expect } from "vitest";
import type { Driver, ToolAnswer } from "./drivers/driver.js";
import type { Row, Transport } from "./rows.js";
import type { Wire } from "./wire/wire.js";

export interface Pair {
  readonly driver: Driver;
  readonly row: Row;
  readonly wire: Wire;
  /** Milliseconds to wait for what comes by itself. */
  readonly patience: number;
}

export interface Behaviour {
  readonly name: string;
  /** A method without which a revision does not have the behaviour. */
  readonly needs?: string;
  /** Where it can be at all. Default: everywhere. */
  readonly transports?: readonly Transport[];
  /** Requirements that it shows in practice. */
  readonly ids: readonly string[];
  run(pair: Pair): Promise<void>;
}

const textOf = ({ content }: ToolAnswer): string => content.map(({ text }) => text ?? "").join("\n");

/** Whether a message with this method passed, from one side. */
const passed = (wire: Wire, from: "client" | "server", method: string): boolean =>
  wire
    .conversations()
    .some((one) => one.passed.some((entry) => entry.from === from && entry.message.method === method));

export const behaviours: readonly Behaviour[] = [
  {
    name: "opens",
    ids: ["LIFE-07", "LIFE-12"],
    async run({ driver, row, wire }) {
      expect(driver.serverName).toBe(row.scene.serverName);
      expect(wire.conversations().at(-1)?.revision).toBe(row.revision);
      await driver.ping();
    },
  },
  {
    name: "lists",
    ids: ["TOOL-03", "RES-03", "PROMPT-03"],
    async run({ driver, row: { scene } }) {
      expect((await driver.listTools()).map(({ name }) => name)).toEqual(expect.arrayContaining([...scene.tools]));
      expect((await driver.listResources()).map(({ uri }) => uri)).toEqual(
        expect.arrayContaining([...scene.resources]),
      );
      expect((await driver.listTemplates()).map(({ uriTemplate }) => uriTemplate)).toEqual(
        expect.arrayContaining([...scene.templates]),
      );
      expect((await driver.listPrompts()).map(({ name }) => name)).toEqual(expect.arrayContaining([...scene.prompts]));
    },
  },
  {
    name: "calls",
    ids: ["TOOL-13", "TOOL-23"],
    async run({ driver, row: { scene } }) {
      const echoed = await driver.callTool(scene.echo.tool, scene.echo.args);
      expect(textOf(echoed)).toBe(scene.echo.says);
      const failed = await driver.callTool(scene.failing.tool, scene.failing.args);
      expect(failed.isError).toBe(true);
      expect(textOf(failed)).toContain(scene.failing.says);
    },
  },
  {
    name: "structured output",
    ids: ["TOOL-16", "TOOL-18"],
    async run({ driver, row: { scene } }) {
      const { structured } = scene;
      const answer = await driver.callTool(structured.tool, structured.args);
      expect(textOf(answer)).toContain(structured.says);
      expect(answer.structuredContent).toEqual(structured.value);
    },
  },
  {
    name: "reads",
    ids: ["RES-09", "RES-10"],
    async run({ driver, row: { scene } }) {
      for (const { uri, says } of scene.texts) {
        const { contents } = await driver.readResource(uri);
        expect(contents[0]?.text).toContain(says);
      }
      const { contents } = await driver.readResource(scene.bytes);
      expect(contents[0]?.blob).toMatch(/^[A-Za-z0-9+/]+=*$/);
      await expect(driver.readResource(scene.missing)).rejects.toThrow();
    },
  },
  {
    name: "gets prompts",
    ids: ["PROMPT-04"],
    async run({ driver, row: { scene } }) {
      const { messages } = await driver.getPrompt(scene.prompt.name, scene.prompt.args);
      expect(JSON.stringify(messages)).toContain(scene.prompt.says);
    },
  },
  {
    name: "completes",
    ids: ["COMP-02"],
    async run({ driver, row: { scene } }) {
      for (const { ref, argument, values } of scene.completions) {
        const found = await driver.complete(ref, argument);
        expect(found).toEqual(expect.arrayContaining([...values]));
        expect(found.length).toBeGreaterThan(0);
      }
    },
  },
  {
    name: "logs",
    ids: ["LOG-04"],
    async run({ driver, row: { scene }, patience }) {
      const { log } = scene;
      await driver.setLevel("debug");
      driver.logs.length = 0;
      expect(textOf(await driver.callTool(log.tool, log.args))).toContain(log.says);
      if (log.debug === undefined)
        await expect.poll(() => driver.logs.length, { timeout: patience }).toBeGreaterThan(0);
      else await expect.poll(() => [...driver.logs], { timeout: patience }).toMatchObject(log.debug);
    },
  },
  {
    name: "logs at the level asked for",
    ids: ["LOG-06"],
    async run({ driver, row: { scene }, patience }) {
      await driver.setLevel("error");
      driver.logs.length = 0;
      await driver.callTool(scene.log.tool, scene.log.args);
      await driver.ping();
      await expect.poll(() => [...driver.logs], { timeout: patience }).toMatchObject(scene.log.error ?? []);
      await driver.setLevel("emergency");
    },
  },
  {
    name: "reports progress",
    ids: ["BASE-49", "BASE-52"],
    async run({ driver, row: { scene }, patience }) {
      const seen: number[] = [];
      const { tool, args, release, says } = scene.progress;
      const call = driver.callTool(tool, args, { onprogress: ({ progress }) => seen.push(progress) });
      if (release !== undefined) {
        await expect.poll(() => seen, { timeout: patience }).toEqual(scene.progress.seen);
        await driver.callTool(release);
      }
      expect(textOf(await call)).toContain(says);
      expect(seen).toEqual(scene.progress.seen);
    },
  },
  {
    name: "cancels",
    ids: ["BASE-59", "BASE-69"],
    async run({ driver, row, wire, patience }) {
      const { hang, cancelled } = row.scene;
      const controller = new AbortController();
      const call = driver.callTool(hang.tool, hang.args, { signal: controller.signal });
      const refused = expect(call).rejects.toThrow();
      await driver.ping();
      controller.abort(new Error("enough"));
      await refused;
      await driver.ping();
      if (cancelled !== undefined)
        await expect.poll(async () => textOf(await driver.callTool(cancelled)), { timeout: patience }).toBe("1");
      else await expect.poll(() => passed(wire, "client", "notifications/cancelled"), { timeout: patience }).toBe(true);
    },
  },
  {
    name: "elicits",
    needs: "elicitation/create",
    ids: ["ELIC-09", "MRTR-07"],
    async run({ driver, row: { scene } }) {
      const answer = await driver.callTool(scene.elicit.tool, scene.elicit.args);
      expect(textOf(answer)).toContain(scene.elicit.says);
      expect(driver.asked.join("\n")).toContain(scene.elicit.asks);
    },
  },
  {
    name: "samples",
    ids: ["SAMP-05", "MRTR-07"],
    async run({ driver, row: { scene } }) {
      const answer = await driver.callTool(scene.sample.tool, scene.sample.args);
      expect(textOf(answer)).toContain(scene.sample.says);
      expect(driver.asked.join("\n")).toContain(scene.sample.asks);
    },
  },
  {
    name: "asks for roots",
    ids: ["ROOT-02"],
    async run({ driver, row: { scene }, patience }) {
      // Some servers ask once and keep the answer: they ask again when they hear of a change.
      await driver.rootsChanged();
      await expect
        .poll(async () => textOf(await driver.callTool(scene.roots.tool, scene.roots.args)), { timeout: patience })
        .toContain(scene.roots.says);
      expect(driver.asked).toContain("roots");
    },
  },
  {
    name: "hears of an updated resource",
    ids: ["RES-07", "SUB-07"],
    async run({ driver, row: { scene }, patience }) {
      const { uri, tool, args } = scene.update;
      await driver.subscribe(uri);
      await driver.callTool(tool, args);
      await expect.poll(() => driver.events, { timeout: patience }).toContain(`uri ${uri}`);
    },
  },
  {
    name: "hears of a changed list",
    ids: ["TOOL-05", "SUB-07"],
    async run({ driver, row: { scene }, patience }) {
      if (scene.grow !== undefined) await driver.callTool(scene.grow);
      await expect.poll(() => driver.events, { timeout: patience }).toContain("toolsChanged");
      if (scene.grow !== undefined) expect((await driver.listTools()).map(({ name }) => name)).toContain("grown");
    },
  },
  {
    name: "resumes after a cut stream",
    needs: "initialize",
    transports: ["http"],
    ids: ["HTTP-43", "HTTP-45"],
    async run({ driver, row: { scene }, wire, patience }) {
      const { gate } = scene;
      if (gate === undefined) throw new Error("The scene has no call that waits.");
      const seen: number[] = [];
      const call = driver.callTool(gate.tool, undefined, { onprogress: ({ progress }) => seen.push(progress) });
      await expect.poll(() => seen, { timeout: patience }).toEqual([1]);
      wire.cut();
      await driver.callTool(gate.release);
      expect(textOf(await call)).toBe("through");
      expect(seen).toEqual([1, 2]);
      // That a stream broke may be told.
      driver.errors.length = 0;
    },
  },
];

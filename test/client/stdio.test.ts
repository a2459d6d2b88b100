/** A client and the process it started: the bytes that it writes, and what is lost with the process. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { type Revision, revisions } from "../../generated/revisions.js";
import { connect } from "../../runtime/client/connect.js";
import { checkMessage } from "../../runtime/protocol/check.js";
import type { ServerEvent } from "../../runtime/protocol/era.js";
import { createChildChannel } from "../../runtime/transport/stdio-child.js";
import { verifies } from "../verifies.js";

const folder = mkdtempSync(join(tmpdir(), "mcpwire-stdin-"));
afterAll(() => rmSync(folder, { recursive: true }));

const recorder = fileURLToPath(new URL("fixtures/recorder.mjs", import.meta.url));
const subject = fileURLToPath(new URL("../matrix/fixtures/stdio-subject.mjs", import.meta.url));

/** What a client wrote to the stdin of a server of this revision. */
async function record(revision: Revision, era: string): Promise<Buffer> {
  const file = join(folder, revision);
  const client = await connect(
    { command: process.execPath, args: [recorder, file, era] },
    { revisions: [revision], roots: [{ uri: "file:///w" }], onlog: () => undefined },
  );
  await client.callTool("text", { text: 'new\nlines\r\n\u2028, "quotes", é😀 and \ud800' });
  await client.setLogLevel("debug");
  await client.rootsChanged();
  const controller = new AbortController();
  const hanging = client.callTool("hang", undefined, { signal: controller.signal, onprogress: () => undefined });
  await client.ping();
  controller.abort("enough");
  await expect(hanging).rejects.toMatchObject({ code: "CANCELLED" });
  await client.ping();
  await client.close();
  return readFileSync(file);
}

test.each(revisions)(
  `nothing but messages of $revision goes to stdin, one line each${verifies("STDIO-03", "STDIO-04", "STDIO-08", "STDIO-16", "STDIO-22", "BASE-01")}`,
  async ({ revision, era }) => {
    const bytes = await record(revision, era);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const lines = text.split("\n");
    expect(lines.pop()).toBe("");
    const messages = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const message of messages) {
      const verdict = checkMessage(message, {
        revision,
        from: "client",
        ...("method" in message ? {} : { answering: "roots/list" }),
      });
      expect(verdict).toMatchObject({ ok: true });
    }
    const methods = messages.map(({ method }) => method);
    expect(methods).toContain("notifications/cancelled");
    expect(methods.includes(undefined)).toBe(era === "stateful");
  },
);

describe("a server that dies", () => {
  test.each(["2025-11-25", "2026-07-28"] as const)(
    `takes its subscriptions along, and another one is asked anew: %s${verifies("STDIO-31", "STDIO-32", "STDIO-33", "SUB-15", "SUB-16")}`,
    async (revision) => {
      const open = async (): Promise<{
        client: Awaited<ReturnType<typeof connect>>;
        pid: number;
        closed: Promise<unknown>;
      }> => {
        const channel = createChildChannel({ command: process.execPath, args: [subject] });
        let tell = (_reason: unknown): void => undefined;
        const closed = new Promise((resolve) => {
          tell = resolve;
        });
        const client = await connect(channel, { revisions: [revision], onclose: (reason) => tell(reason) });
        return { client, pid: channel.pid ?? 0, closed };
      };
      const events: ServerEvent[] = [];
      const listen = (client: Awaited<ReturnType<typeof connect>>) =>
        client.subscribe({ uris: ["memo://one"] }, (event) => events.push(event));
      const first = await open();
      const lost = await listen(first.client);
      process.kill(first.pid, "SIGKILL");
      expect(await lost.ended).toMatchObject({ name: "ConnectionError", code: "CLOSED" });
      expect(await first.closed).toMatchObject({ code: "PEER_EXITED" });

      const second = await open();
      await second.client.callTool("touch", { text: "memo://one" });
      expect(events).toEqual([]);
      const again = await listen(second.client);
      await second.client.callTool("touch", { text: "memo://one" });
      await expect.poll(() => events).toEqual([{ type: "resourceUpdated", uri: "memo://one" }]);
      await again.close();
      await second.client.close();
    },
  );
});

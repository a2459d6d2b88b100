/** A client and the process it started: the bytes that it writes, and what is lost with the process. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { type Revision, revisions } from "../../generated/revisions.js";
import { connect } from "../../runtime/client/connect.js";
import type { McpWireError } from "../../runtime/errors.js";
import { checkMessage } from "../../runtime/protocol/check.js";
import type { ServerEvent } from "../../runtime/protocol/era.js";
import { createChildChannel } from "../../runtime/transport/stdio-child.js";
import { verifies } from "../verifies.js";

/** A process may take long to start on a busy machine. */
const PATIENCE = 60_000;

const folder = mkdtempSync(join(tmpdir(), "mcpwire-stdin-"));
afterAll(() => rmSync(folder, { recursive: true }));

const recorder = fileURLToPath(new URL("fixtures/recorder.mjs", import.meta.url));
const mortal = fileURLToPath(new URL("fixtures/mortal-subject.mjs", import.meta.url));

/** What a client wrote to the stdin of a server of this revision. */
async function record(revision: Revision, era: string): Promise<Buffer> {
  const file = join(folder, revision);
  const client = await connect(
    { command: process.execPath, args: [recorder, file, era] },
    { revisions: [revision], roots: [{ uri: "file:///w" }], onlog: () => undefined, probeTimeoutMs: PATIENCE },
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

const asText = ({ content }: { content: readonly unknown[] }): string => (content[0] as { text: string }).text;

describe.each(["2025-11-25", "2026-07-28"] as const)("a server of %s that dies", (revision) => {
  test(`is started again, and asked anew for what was subscribed to${verifies("STDIO-30", "STDIO-31", "STDIO-32", "STDIO-33", "SUB-15", "SUB-16", "SUB-17")}`, async () => {
    const events: ServerEvent[] = [];
    const errors: McpWireError[] = [];
    const client = await connect(
      { command: process.execPath, args: [mortal] },
      { revisions: [revision], onerror: (error) => errors.push(error), probeTimeoutMs: PATIENCE },
    );
    const listening = await client.subscribe({ uris: ["memo://one"] }, (event) => events.push(event));
    await client.setLogLevel("debug");
    const first = asText(await client.callTool("who"));
    await expect(client.callTool("die")).rejects.toMatchObject({ code: "CLOSED", cause: { code: "PEER_EXITED" } });
    // What may have been missed counts as changed.
    await expect.poll(() => events).toEqual([{ type: "resourceUpdated", uri: "memo://one" }]);
    expect(asText(await client.callTool("who"))).not.toBe(first);
    await client.callTool("touch", { text: "memo://one" });
    await expect.poll(() => events).toHaveLength(2);
    expect(errors).toMatchObject([{ code: "PEER_EXITED" }]);
    await listening.close();
    expect(await listening.ended).toBeUndefined();
    await client.close();
  });

  test(`takes its subscriptions along where it cannot be started again${verifies("STDIO-31", "SUB-15")}`, async () => {
    const channel = createChildChannel({ command: process.execPath, args: [mortal] });
    const client = await connect(channel, { revisions: [revision], probeTimeoutMs: PATIENCE });
    const lost = await client.subscribe({ uris: ["memo://one"] }, () => undefined);
    await expect(client.callTool("die")).rejects.toMatchObject({ code: "CLOSED" });
    expect(await lost.ended).toMatchObject({ name: "ConnectionError" });
    await expect(client.callTool("who")).rejects.toMatchObject({ code: "CLOSED" });
    await client.close();
  });
});

/** What a client declares and answers: roots, and nothing that it did not offer. */

import { describe, expect, test } from "vitest";
import type { Revision } from "../../generated/revisions.js";
import { revisions } from "../../generated/revisions.js";
import { verifies } from "../verifies.js";
import { connectRaw, stateful, stateless } from "./raw.js";

describe("roots", () => {
  test.each(["https://example.com/", "/home/ada", "file:/home", "ftp://x/", "xfile:///"])(
    `that are no files are refused: %s${verifies("ROOT-04")}`,
    async (uri) => {
      await expect(
        connectRaw(
          stateful(() => ({})),
          { roots: [{ uri }] },
        ),
      ).rejects.toMatchObject({
        code: "INVALID_USE",
        message: expect.stringContaining(uri),
      });
      const { raw } = await connectRaw(
        stateful(() => ({})),
        { roots: () => [{ uri: "file:///fine" }, { uri }] },
      );
      raw.say({ id: 7, method: "roots/list" });
      await expect.poll(() => raw.seen.at(-1)).toMatchObject({ id: 7, error: { code: -32603 } });
    },
  );

  test.each(revisions)(
    `are declared, and their changes told where they can be: $revision${verifies("ROOT-01", "ROOT-05", "LIFE-39")}`,
    async ({ revision, era }) => {
      const { client, raw } = await connectRaw(
        (era === "stateful" ? stateful : stateless)(() => ({})),
        { revisions: [revision as Revision], roots: [{ uri: "file:///w" }] },
      );
      const declared = { roots: era === "stateful" ? { listChanged: true } : {} };
      const [first] = raw.seen;
      expect(first?.params?.capabilities ?? first?.params?._meta).toMatchObject(
        era === "stateful" ? declared : { "io.modelcontextprotocol/clientCapabilities": declared },
      );
      await client.rootsChanged();
      await client.ping();
      expect(raw.seen.filter(({ method }) => method === "notifications/roots/list_changed")).toHaveLength(
        era === "stateful" ? 1 : 0,
      );
    },
  );
});

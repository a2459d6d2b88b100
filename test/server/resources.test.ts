/** Which URIs are resources: what may be registered, and what is never read. */

import { describe, expect, test } from "vitest";
import { createServer } from "../../runtime/server/server.js";
import { verifies } from "../verifies.js";
import { createRaw, type Raw } from "./raw.js";

describe("a resource", () => {
  const register = (uri: string): void => {
    createServer({ name: "s", version: "1" }).resource(uri, { name: "r" }, () => "");
  };

  test.each(["memo:x", "git+ssh://h/p?q#f", "a1.b-c:", "file:///a%20b", "https://[::1]/x", "urn:uuid:1"])(
    `may be %s${verifies("RES-15", "RES-16")}`,
    (uri) => {
      expect(() => register(uri)).not.toThrow();
    },
  );

  test.each(["no scheme", "/path", "1a:x", "a_b:x", ":x", "", "a:b c", "a:%zz", "a:\u0000", "a:é", "a:<b>"])(
    `may not be %j${verifies("RES-15", "RES-16")}`,
    (uri) => {
      expect(() => register(uri)).toThrow(/is no URI.*RFC 3986/);
    },
  );
});

describe("a template of files", () => {
  const read: string[] = [];
  const open = (): Promise<Raw> =>
    createRaw((server) => {
      server.resourceTemplate("file:///docs/{+path}", { name: "docs" }, ({ path = "" }) => {
        read.push(path);
        return path;
      });
      server.resourceTemplate("memo:{+path}", { name: "memos" }, ({ path = "" }) => path);
      server.resource("file:///docs/a/../b", { name: "odd" }, () => "registered as it is");
    });

  test.each([
    "file:///docs/../etc/passwd",
    "file:///docs/a/../../etc/passwd",
    "file:///docs/..",
    "file:///docs/%2e%2e/etc/passwd",
    "file:///docs/.%2E%2fetc/passwd",
    "file:///docs/..%5Cetc",
    "file:///docs/..\\etc",
    "file:///docs/a%00.txt",
    "FILE:///docs/../x",
    "file:///docs/%zz",
  ])(`is never read at %s${verifies("RES-17", "RES-10")}`, async (uri) => {
    const raw = await open();
    read.length = 0;
    expect((await raw.askModern("resources/read", { uri })).error).toMatchObject({ code: -32602, data: { uri } });
    expect(read).toEqual([]);
  });

  test("is read where nothing climbs", async () => {
    const raw = await open();
    const textAt = async (uri: string): Promise<unknown> => {
      const { result } = await raw.askModern("resources/read", { uri });
      return (result as { contents: { text: string }[] } | undefined)?.contents[0]?.text;
    };
    expect(await textAt("file:///docs/a..b/c...d/..e")).toBe("a..b/c...d/..e");
    expect(await textAt("file:///docs/a%20b")).toBe("a b");
    expect(await textAt("file:///docs/a/../b")).toBe("registered as it is");
    // Elsewhere dots are only dots.
    expect(await textAt("memo:../x")).toBe("../x");
  });
});

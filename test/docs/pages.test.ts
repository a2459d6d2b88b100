/** The code on the pages compiles against the built package, one file a page. */

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What the pages take for granted: the reader's own program. */
const OWN: Readonly<Record<string, string>> = {
  server: `
    declare function lookUp(city: string, signal: AbortSignal): Promise<number>;
    declare const days: string[];
    declare const memos: Map<string | undefined, string>;
    declare function filesLike(value: string): string[];
    declare const rooms: { hold(room: string): string; book(hold: string, nights: number): string };`,
  client: `
    declare const target: import("mcpwire/client").Target;
    declare function showForm(form: object): Promise<Record<string, string>>;
    declare function askPerson(message: string, url: string): Promise<boolean>;
    declare function openInBrowser(url: string): { action: "accept" };
    declare const model: { complete(params: object): { role: "assistant"; model: string; content: { type: "text"; text: string } } };`,
};

test.each(Object.keys(OWN))("the code of docs/%s.md compiles", (page) => {
  const folder = join(root, "dist", `docs-${page}`);
  const text = readFileSync(join(root, "docs", `${page}.md`), "utf8");
  const blocks = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "page.ts");
  writeFileSync(file, [...blocks, OWN[page]].join("\n"));
  const flags = [
    "--ignoreConfig",
    "--noEmit",
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2023",
    "--types",
    "node",
  ];
  try {
    execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", ...flags, file], {
      cwd: root,
      encoding: "utf8",
    });
  } catch (error) {
    expect.fail((error as { stdout: string }).stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

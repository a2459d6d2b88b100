/**
 * The code on the pages. A block of `ts` or `mjs` is a module of its own, complete as it stands; a word after the language is the name of its
 * file, by which other blocks of the page can start it. A `text` block that follows, after nothing or one line that ends with a colon, is
 * what the module prints.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));

export interface Block {
  /** Name of the file, with its extension. */
  readonly file: string;
  readonly code: string;
  /** What running it has to print; absent where it is only compiled. */
  readonly prints: string | undefined;
}

export interface Page {
  /** Path from the root of the project. */
  readonly path: string;
  /** Folder for its modules. */
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

export const pages: readonly Page[] = ["README.md", ...readdirSync(join(root, "docs")).map((file) => `docs/${file}`)]
  .filter((path) => path.endsWith(".md"))
  .map((path) => {
    const text = readFileSync(join(root, path), "utf8");
    return { path, name: path.replaceAll("/", "-").replace(/\.md$/, ""), text, blocks: blocksOf(text) };
  });

function blocksOf(text: string): Block[] {
  const fences = /^```(ts|mjs)(?: (\S+))?\n(.*?)^```$(?:\n+(?:[^\n`]+:\n+)?```text\n(.*?)^```$)?/gms;
  return [...text.matchAll(fences)].map(([, language = "", file, code = "", prints], index) => ({
    file: file ?? `block-${index + 1}.${language}`,
    code,
    prints,
  }));
}

/** The runtime as plain JavaScript, for tests that need it in a child process. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

export interface Compiled {
  /** The folder `runtime` of the compiled code. */
  readonly runtime: string;
  remove(): void;
}

/** Compiles both ends of stdio into a folder of its own. */
export function compileRuntime(): Compiled {
  const folder = mkdtempSync(join(tmpdir(), "mcpwire-test-"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  const flags = ["--ignoreConfig", "--module", "nodenext", "--target", "es2023", "--skipLibCheck", "--types", "node"];
  const files = ["runtime/transport/stdio-child.ts", "runtime/transport/stdio-self.ts", "runtime/jsonrpc/peer.ts"];
  execFileSync(process.execPath, [tsc, ...flags, "--rootDir", ".", "--outDir", folder, ...files], { cwd: root });
  return { runtime: join(folder, "runtime"), remove: () => rmSync(folder, { recursive: true }) };
}

/**
 * Three servers on one Redis under load, one killed and started again every two seconds, for a minute: what was lost, what happened twice,
 * and what reached the wrong principal. The load is that of the tests, which run a shorter time of it.
 */

import { build } from "esbuild";

const PLAN = { loadMs: 60_000, killEveryMs: 2_000, flight: 8 };

/** The figures of the run; `undefined`, with a line on stderr, where there is no `redis-server`. */
export async function measureScaling() {
  const root = new URL("../", import.meta.url);
  await build({
    absWorkingDir: decodeURIComponent(root.pathname),
    entryPoints: ["test/stores/scaling-run.ts", "test/stores/redis-server.ts"],
    outdir: "dist-test/scaling",
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    format: "esm",
    logLevel: "warning",
  });
  const { hasRedis } = await import(new URL("dist-test/scaling/redis-server.js", root).href);
  if (!hasRedis) return undefined;
  const { runScaling } = await import(new URL("dist-test/scaling/scaling-run.js", root).href);
  const figures = await runScaling(PLAN);
  for (const fault of figures.faults) process.stderr.write(`scaling: ${fault}\n`);
  return figures;
}

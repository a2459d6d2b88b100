/** Servers on one Redis that are killed under load: the short form of the bench `scaling`. */

import { expect, test } from "vitest";
import { verifies } from "../verifies.js";
import { hasRedis } from "./redis-server.js";
import { runScaling } from "./scaling-run.js";

test.skipIf(!hasRedis)(
  `three servers of which one is killed every 2 s lose nothing, repeat nothing and mix nobody up${verifies("TASK-57", "XTASK-18", "XTASK-41")}`,
  { timeout: 180_000 },
  async () => {
    const figures = await runScaling({ loadMs: 10_000, killEveryMs: 2_000, flight: 6 });
    expect(figures).toMatchObject({ lost: 0, repeated: 0, foreign: 0, faults: [] });
    expect(figures.kills).toBeGreaterThan(1);
    expect(figures.tasks).toBeGreaterThan(20);
  },
);

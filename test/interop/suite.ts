/** Runs the behaviours over the rows of one peer, and judges everything that passed on the wire. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifies } from "../verifies.js";
import { exceptionsOf, excuses, isChatter, lackOf } from "./allowances.js";
import { type Behaviour, behaviours } from "./behaviours.js";
import type { Driver, OpenDriver } from "./drivers/driver.js";
import { openMcpwire } from "./drivers/mcpwire.js";
import { openOfficialV1 } from "./drivers/official-v1.mjs";
import { openOfficialV2 } from "./drivers/official-v2.mjs";
import { hasMethod, type Row, rowsOf } from "./rows.js";
import { openWire, type Wire } from "./wire/wire.js";

const drivers: Readonly<Record<string, OpenDriver>> = {
  mcpwire: openMcpwire,
  "official v1": openOfficialV1,
  "official v2": openOfficialV2,
};

export function describePeer(name: string): void {
  for (const row of rowsOf(name)) {
    const offered = row.alone ? "alone" : "among all";
    describe(`${row.client} to ${row.server}, ${row.transport}, ${row.revision} ${offered}`, () => tryRow(row));
  }
}

function tryRow(row: Row): void {
  let wire: Wire;
  let driver: Driver;
  let open = false;
  beforeAll(async () => {
    wire = await openWire(row);
    const opener = drivers[row.role === "client" ? row.peer : "mcpwire"] as OpenDriver;
    driver = await opener(wire.address, row.opening, row.alone ? [row.revision] : undefined);
    open = true;
  }, 90_000);
  afterAll(async () => {
    if (open) await driver.close();
    await (wire as Wire | undefined)?.close();
  }, 30_000);

  for (const behaviour of behaviours.filter((one) => isTried(one, row))) {
    const lack = lackOf(row, behaviour.name);
    const run = (patience: number): Promise<void> => behaviour.run({ driver, row, wire, patience });
    if (lack === undefined) test(`${behaviour.name}${verifies(...behaviour.ids)}`, () => run(25_000));
    else if (lack.byChance !== true)
      test(`still cannot: ${behaviour.name}`, async () => await expect(run(300)).rejects.toThrow());
  }

  test("every message fits its revision, but for the named exceptions", async () => {
    await driver.close();
    open = false;
    const faults = wire.conversations().flatMap((one) => one.faults);
    const named = exceptionsOf(row);
    // What is tolerated is told, and nothing else.
    const told = [...driver.errors, ...wire.reports()].filter(
      (report) => !report.startsWith("AHEAD_OF_REVISION") && !isChatter(report, row),
    );
    expect(told).toEqual([]);
    expect(faults.filter((fault) => !named.some((exception) => excuses(exception, fault, row)))).toEqual([]);
    expect(named.filter((exception) => !faults.some((fault) => excuses(exception, fault, row)))).toEqual([]);
  });
}

function isTried(behaviour: Behaviour, row: Row): boolean {
  if (behaviour.needs !== undefined && !hasMethod(row.revision, behaviour.needs)) return false;
  return behaviour.transports === undefined || behaviour.transports.includes(row.transport);
}

/** Every row of the allowances is about something that is tried. */

import { expect, test } from "vitest";
import { exceptions, exceptionsOf, lackOf, lacks } from "./allowances.js";
import { behaviours } from "./behaviours.js";
import { peers, rowsOf } from "./rows.js";

const rows = [...new Set(peers.map(({ name }) => name))].flatMap((name) => rowsOf(name));

test("every lack and every exception belongs to a row", () => {
  const usedLacks = rows.flatMap((row) => behaviours.map(({ name }) => lackOf(row, name)));
  expect(lacks.filter((lack) => !usedLacks.includes(lack))).toEqual([]);
  const usedExceptions = rows.flatMap((row) => exceptionsOf(row));
  expect(exceptions.filter((exception) => !usedExceptions.includes(exception))).toEqual([]);
});

test("every peer is tried in every role that it has, on every transport", () => {
  const tried = new Set(rows.map(({ peer, role, transport }) => `${peer} as ${role} over ${transport}`));
  expect([...tried].sort()).toEqual(
    [
      "official v1 as client",
      "official v1 as server",
      "official v2 as client",
      "official v2 as server",
      "fastmcp as server",
      "everything as server",
    ]
      .flatMap((one) => ["stdio", "http", "sse"].map((transport) => `${one} over ${transport}`))
      .filter((one) => one !== "official v2 as server over sse")
      .sort(),
  );
});

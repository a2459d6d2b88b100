/** The choice of era and revision, from what was seen alone. */

import { describe, expect, test } from "vitest";
import {
  firstStep,
  judgeHandshake,
  judgeProbe,
  judgeRefusedHandshake,
  type Probe,
  suggestsHttpSse,
} from "../../runtime/protocol/negotiate.js";
import { selectRevisions } from "../../runtime/protocol/revision.js";
import { verifies } from "../verifies.js";

const all = selectRevisions();
const older = selectRevisions(["2024-11-05", "2025-06-18"]);
const newer = selectRevisions(["2026-07-28"]);
const error = (code: number, data?: unknown): Probe => ({ kind: "error", code, data });
const found = (supportedVersions: unknown): Probe => ({ kind: "result", result: { supportedVersions } });

test(`revisions are chosen by name and never parsed${verifies("LIFE-01", "LIFE-03")}`, () => {
  expect(all.stateful).toEqual(["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]);
  expect(all.stateless).toEqual(["2026-07-28"]);
  expect(() => selectRevisions(["2099-01-01" as never])).toThrow(/2099-01-01/);
  expect(() => selectRevisions([])).toThrow(/No revision/);
});

test(`a client of both eras probes, one of the older shakes hands${verifies("LIFE-10", "LIFE-69", "LIFE-74", "STDIO-34", "STDIO-37")}`, () => {
  expect(firstStep(all)).toEqual({ kind: "probe", revision: "2026-07-28" });
  expect(firstStep(newer)).toEqual({ kind: "probe", revision: "2026-07-28" });
  expect(firstStep(older)).toEqual({ kind: "stateful", offer: "2025-06-18" });
});

describe("a probe", () => {
  const judge = (probe: Probe, own = all) => judgeProbe(probe, "2026-07-28", own);

  test(`that is answered chooses from what the server names${verifies("LIFE-70", "LIFE-49")}`, () => {
    expect(judge(found(["2026-07-28", "2025-11-25"]))).toEqual({ kind: "stateless", revision: "2026-07-28" });
    expect(judge(found(["2025-03-26", "2099-01-01"]))).toEqual({ kind: "stateful", offer: "2025-03-26" });
    expect(judge(found([]))).toEqual({ kind: "stateless", revision: "2026-07-28" });
    expect(judge({ kind: "result", result: { resultType: "complete" } })).toEqual({
      kind: "stateless",
      revision: "2026-07-28",
    });
    expect(judge(found(["2099-01-01"]))).toMatchObject({ kind: "none" });
  });

  test(`that a server without handshake refuses is no reason to shake hands${verifies("LIFE-71", "LIFE-48", "LIFE-82")}`, () => {
    for (const code of [-32020, -32021, -32022]) expect(judge(error(code))).toMatchObject({ kind: "none" });
    expect(judge(error(-32022, { supported: ["2099-01-01"] }))).toMatchObject({ kind: "none" });
    expect(judge(error(-32022, { supported: ["2025-06-18"] }))).toEqual({ kind: "stateful", offer: "2025-06-18" });
    // Even if it has just been refused.
    const named = error(-32022, { supported: ["2025-06-18", "2026-07-28"] });
    expect(judge(named)).toEqual({ kind: "probe", revision: "2026-07-28" });
  });

  test.each([-32601, -32602, -32600, -32603, -32002, 0, 1])(
    `that fails with %d means an older server${verifies("LIFE-72", "LIFE-73", "STDIO-35", "STDIO-36")}`,
    (code) => {
      expect(judge(error(code))).toEqual({ kind: "stateful", offer: "2025-11-25" });
      expect(judge(error(code), newer)).toMatchObject({ kind: "none" });
    },
  );

  test(`that is answered with nothing of a DiscoverResult means an older server${verifies("LIFE-70", "LIFE-72")}`, () => {
    for (const result of [{}, { tools: [] }, { supportedVersions: "2026-07-28" }])
      expect(judge({ kind: "result", result })).toEqual({ kind: "stateful", offer: "2025-11-25" });
    expect(judge({ kind: "result", result: {} }, newer)).toMatchObject({ kind: "none" });
  });

  test(`that is met with silence means an older server${verifies("LIFE-72")}`, () => {
    expect(judge({ kind: "silence" })).toEqual({ kind: "stateful", offer: "2025-11-25" });
    expect(judge({ kind: "silence" }, newer)).toMatchObject({ kind: "none" });
  });

  test.each([400, 404, 405, 406, 409, 410, 415, 422, 500, 501])(
    `that is refused with the status %d and no error means an older server${verifies("LIFE-72", "LIFE-73", "LIFE-76", "LIFE-78", "HTTP-158", "HTTP-159")}`,
    (status) => {
      expect(judge({ kind: "status", status })).toEqual({ kind: "stateful", offer: "2025-11-25" });
      expect(judge({ kind: "status", status }, newer)).toMatchObject({ kind: "none" });
    },
  );

  test.each([302, 401, 403, 407, 413, 429, 431, 502, 503, 504])(
    `that is refused with the status %d says nothing of what is spoken${verifies("HTTP-78")}`,
    (status) => {
      expect(judge({ kind: "status", status })).toEqual({ kind: "failed" });
    },
  );

  test("survives any data", () => {
    for (const data of [null, 5, "x", [], { supported: 5 }, { supported: [null, 7] }])
      expect(judge(error(-32022, data))).toMatchObject({ kind: "none" });
    for (const result of [null, 5, "x", []])
      expect(judge({ kind: "result", result })).toEqual({ kind: "stateful", offer: "2025-11-25" });
  });
});

test.each<[number, number | undefined, string, boolean]>([
  [400, undefined, "2025-11-25", true],
  [404, undefined, "2025-11-25", true],
  [405, undefined, "2025-11-25", true],
  [400, -32000, "2025-11-25", true],
  [400, -32601, "2025-11-25", true],
  [404, -32601, "2025-11-25", false],
  [400, -32020, "2025-11-25", false],
  [400, -32021, "2025-11-25", false],
  [400, -32022, "2024-11-05", false],
  [406, undefined, "2025-11-25", false],
  [422, undefined, "2024-11-05", false],
  [422, undefined, "2025-06-18", true],
  [410, undefined, "2025-03-26", true],
  [401, undefined, "2025-03-26", false],
  [403, undefined, "2025-06-18", false],
  [500, undefined, "2025-03-26", false],
  [400, undefined, "1900-01-01", true],
  [422, undefined, "1900-01-01", false],
])(
  `the refusal of a handshake by %d with the error %s, offering %s, suggests the older transport: %s${verifies("HTTP-76", "HTTP-77", "HTTP-78", "LIFE-78", "SSE-21")}`,
  (status, code, offered, expected) => {
    expect(suggestsHttpSse(status, code, offered)).toBe(expected);
  },
);

describe("a handshake", () => {
  test(`is good for a revision that this side speaks${verifies("LIFE-14", "LIFE-15")}`, () => {
    expect(judgeHandshake("2025-03-26", all)).toBe("2025-03-26");
    for (const answered of ["2026-07-28", "1.0.0", undefined, 5]) expect(judgeHandshake(answered, all)).toBeUndefined();
    expect(judgeHandshake("2025-03-26", older)).toBeUndefined();
  });

  test(`that is refused is tried again where the server says how${verifies("LIFE-16")}`, () => {
    expect(judgeRefusedHandshake({ supported: ["2024-11-05"] }, "2025-11-25", all)).toBe("2024-11-05");
    expect(judgeRefusedHandshake({ supported: ["2025-11-25"] }, "2025-11-25", all)).toBeUndefined();
    expect(judgeRefusedHandshake(undefined, "2025-11-25", all)).toBeUndefined();
  });
});

/**
 * Values that no JSON text gives, and JSON that is made to hurt: no guard may crash, hang or be fooled by one. Where Ajv can
 * look at such a value at all, it must agree.
 */

import { describe, expect, test } from "vitest";
import { fullestOf } from "../../codegen/corpus/valid.js";
import { schemaOf } from "../../codegen/emit/schema.js";
import { createOracle } from "./oracle.js";
import { generated, guardOf, modelOf, REVISIONS, type Revision } from "./project.js";

const DEPTH = 100_000;
const NEWEST = "2026-07-28";
const tool = { name: "t", inputSchema: { type: "object" } };

const oracles = new Map(REVISIONS.map((revision) => [revision, createOracle(schemaOf(modelOf(revision)))]));

/** The answer that guard and `explain` give; both must, and Ajv too unless it cannot. */
function verdict(revision: Revision, definition: string, value: unknown): boolean {
  const answer = guardOf(revision, definition)(value);
  expect(generated(revision).explain(definition, value).length === 0).toBe(answer);
  const expected = oracles.get(revision)?.accepts(definition, value);
  if (expected !== undefined) expect(answer).toBe(expected);
  return answer;
}

/** The same without Ajv, for values that make it throw or never end. */
function ownVerdict(revision: Revision, definition: string, value: unknown): boolean {
  const answer = guardOf(revision, definition)(value);
  expect(generated(revision).explain(definition, value).length === 0).toBe(answer);
  return answer;
}

function nestedArray(depth: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < depth; level++) value = [value];
  return value;
}

function nestedObject(depth: number): unknown {
  let value: unknown = {};
  for (let level = 1; level < depth; level++) value = { a: value };
  return value;
}

/** Every value that differs from the given one by `replacement` standing in one place, with the pointer of the place. */
function* replacedEverywhere(value: unknown, replacement: unknown, pointer = ""): Generator<[string, unknown]> {
  yield [pointer, replacement];
  if (Array.isArray(value)) {
    for (const [where, item] of replacedEverywhere(value[0], replacement, `${pointer}/0`)) {
      if (value.length > 0) yield [where, [item, ...value.slice(1)]];
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      for (const [where, changed] of replacedEverywhere(member, replacement, `${pointer}/${key}`)) {
        yield [where, { ...value, [key]: changed }];
      }
    }
    yield [`${pointer}/x-extra`, { ...value, "x-extra": replacement }];
  }
}

describe("keys and members", () => {
  test("an own __proto__ member, as JSON.parse makes it, brings no members and hides none", () => {
    const parsed = JSON.parse('{"__proto__": {"name": "t", "inputSchema": {"type": "object"}}}') as object;
    expect(Object.hasOwn(parsed, "__proto__")).toBe(true);
    for (const revision of REVISIONS) {
      expect(verdict(revision, "Tool", parsed)).toBe(false);
      expect(
        verdict(revision, "Tool", JSON.parse('{"__proto__": 1, "name": "t", "inputSchema": {"type": "object"}}')),
      ).toBe(true);
      expect(
        verdict(revision, "GetPromptRequestParams", JSON.parse('{"name": "p", "arguments": {"__proto__": 1}}')),
      ).toBe(false);
    }
    const { explain } = generated("2025-11-25");
    const failures = explain("GetPromptRequestParams", JSON.parse('{"name": "p", "arguments": {"__proto__": 1}}'));
    expect(failures.map((failure) => failure.pointer)).toEqual(["/arguments/__proto__"]);
  });

  test("what every object inherits is no member of it", () => {
    for (const revision of REVISIONS) {
      expect(verdict(revision, "GetPromptRequestParams", { ...promptParams(revision), arguments: {} })).toBe(true);
      expect(
        verdict(revision, "GetPromptRequestParams", { ...promptParams(revision), arguments: { constructor: 1 } }),
      ).toBe(false);
      expect(
        verdict(revision, "GetPromptRequestParams", { ...promptParams(revision), arguments: { toString: "x" } }),
      ).toBe(true);
    }
  });

  test("keys that a pointer must escape are escaped", () => {
    const { explain } = generated("2025-11-25");
    const failures = explain("GetPromptRequestParams", { name: "p", arguments: { "a/b~c": 1, "": 2, "\ud800": 3 } });
    expect(failures.map((failure) => failure.pointer)).toEqual([
      "/arguments/a~1b~0c",
      "/arguments/",
      "/arguments/\ud800",
    ]);
  });

  test("an object without a prototype, an instance of a class and a transparent proxy are objects", () => {
    class Instance {
      name = "t";
      inputSchema = { type: "object" };
    }
    for (const revision of REVISIONS) {
      expect(verdict(revision, "Tool", Object.assign(Object.create(null), tool))).toBe(true);
      expect(verdict(revision, "Tool", new Instance())).toBe(true);
      expect(verdict(revision, "Tool", new Proxy(tool, {}))).toBe(true);
      expect(verdict(revision, "Tool", new Proxy([], {}))).toBe(false);
      expect(verdict(revision, "ListToolsResult", { ...listResult(revision), tools: new Proxy([tool], {}) })).toBe(
        true,
      );
    }
  });

  test("symbol keys and members that are not enumerable are looked past", () => {
    const odd = Object.defineProperty({ ...tool, [Symbol("x")]: 1n }, "hidden", { value: () => 1 });
    for (const revision of REVISIONS) expect(verdict(revision, "Tool", odd)).toBe(true);
  });

  test("functions, symbols, bigints, dates and boxed strings are not what they look like", () => {
    const callable = Object.defineProperties(() => tool, Object.getOwnPropertyDescriptors(tool));
    const impostors = [callable, Symbol("t"), 1n, new String("t"), new Date(0), /t/, undefined];
    for (const revision of REVISIONS) {
      for (const impostor of impostors) {
        expect(verdict(revision, "Tool", { ...tool, name: impostor })).toBe(false);
        expect(verdict(revision, "Tool", { ...tool, inputSchema: impostor })).toBe(false);
      }
      expect(verdict(revision, "Tool", callable)).toBe(false);
    }
    for (const impostor of [() => tool, Symbol("t"), 1n, undefined, Number.NaN]) {
      expect(verdict(NEWEST, "JSONValue", impostor)).toBe(false);
      expect(verdict(NEWEST, "JSONValue", { deep: [impostor] })).toBe(false);
    }
  });
});

describe("code that runs while a guard looks", () => {
  const THROWING: readonly (readonly [string, unknown])[] = [
    ["a getter", Object.defineProperty({ ...tool }, "name", { get: () => fail("getter"), enumerable: true })],
    ["a proxy", new Proxy(tool, { get: () => fail("get") })],
    ["a revoked proxy", revoked()],
    ["an array item", { ...tool, icons: Object.defineProperty([], 0, { get: () => fail("item"), enumerable: true }) }],
    ["a member of a map", { ...tool, inputSchema: new Proxy({ type: "object" }, { get: () => fail("nested") }) }],
  ];

  function fail(place: string): never {
    throw new Error(`hostile ${place}`);
  }

  function revoked(): unknown {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }

  test.each(THROWING)("%s that throws makes the value unfit, not the guard", (_, value) => {
    for (const revision of ["2025-11-25", NEWEST] as const) {
      const { explain, lastFailure } = generated(revision);
      expect(guardOf(revision, "Tool")(value)).toBe(false);
      expect(lastFailure()?.expected).toBeTypeOf("string");
      expect(explain("Tool", value).length).toBeGreaterThan(0);
      // What comes after is judged afresh.
      expect(ownVerdict(revision, "Tool", tool)).toBe(true);
      expect(explain("Tool", {}).map((failure) => failure.pointer)).toEqual(["/name", "/inputSchema"]);
    }
  });

  test("a map that throws while its keys are listed is no map", () => {
    const arguments_ = new Proxy({}, { ownKeys: () => fail("keys") });
    expect(ownVerdict("2025-11-25", "GetPromptRequestParams", { name: "p", arguments: arguments_ })).toBe(false);
    expect(ownVerdict(NEWEST, "JSONValue", { deep: arguments_ })).toBe(false);
  });

  test("a getter is read as any member", () => {
    const lazy = Object.defineProperty({ ...tool }, "name", { get: () => "t", enumerable: true });
    for (const revision of REVISIONS) expect(verdict(revision, "Tool", lazy)).toBe(true);
  });

  test("a getter that calls a guard does not disturb the one that called it", () => {
    const nosy = Object.defineProperty({ ...tool }, "name", {
      get: () => String(guardOf(NEWEST, "Tool")({})),
      enumerable: true,
    });
    expect(guardOf(NEWEST, "Tool")(nosy)).toBe(true);
  });
});

describe("arrays", () => {
  test("a hole is an item that is missing", () => {
    const sparse = Object.assign([], { 2: tool });
    for (const revision of REVISIONS) {
      expect(verdict(revision, "ListToolsResult", { ...listResult(revision), tools: sparse })).toBe(false);
      const failures = generated(revision).explain("ListToolsResult", { ...listResult(revision), tools: sparse });
      expect(failures.map((failure) => failure.pointer)).toEqual(["/tools/0", "/tools/1"]);
    }
  });

  test("members of an array beside its items do not count", () => {
    const tools = Object.assign([tool], { extra: 1n, "-1": {} });
    for (const revision of REVISIONS)
      expect(verdict(revision, "ListToolsResult", { ...listResult(revision), tools })).toBe(true);
  });

  test("objects with a length are no arrays", () => {
    for (const tools of [{ length: 0 }, { 0: tool, length: 1 }, "text", new Uint8Array(2), new Set([tool])]) {
      for (const revision of REVISIONS)
        expect(verdict(revision, "ListToolsResult", { ...listResult(revision), tools })).toBe(false);
    }
  });

  test("many bad items give as many failures, in linear time", () => {
    // A quadratic walk would take minutes, and the test its time.
    const count = 300_000;
    const content = Array.from({ length: count }, () => ({ type: "text" }));
    const failures = generated(NEWEST).explain("CallToolResult", { content, resultType: "complete" });
    expect(failures).toHaveLength(count);
    expect(failures.at(-1)?.pointer).toBe(`/content/${count - 1}/text`);
  });

  test("the verdict alone stops at the first bad item", () => {
    let read = 0;
    const content = new Proxy([0, 0, 0], {
      get(items, key) {
        if (key !== "length") read++;
        return Reflect.get(items, key);
      },
    });
    expect(guardOf(NEWEST, "CallToolResult")({ content, resultType: "complete" })).toBe(false);
    expect(read).toBe(1);
    expect(generated(NEWEST).lastFailure()?.pointer).toBe("/content/0");
  });
});

describe("strings", () => {
  test("lone surrogates and control characters are characters", () => {
    for (const name of ["\ud800", "\udfff\ud800", "\u0000", "\u2028"]) {
      for (const revision of REVISIONS) expect(verdict(revision, "Tool", { ...tool, name })).toBe(true);
    }
  });

  test("ten megabytes fit, and are cut where a failure quotes them", () => {
    const text = "\u{1f9ea}x".repeat(3_500_000);
    for (const revision of REVISIONS) expect(verdict(revision, "Tool", { ...tool, name: text })).toBe(true);
    const [failure] = generated(NEWEST).explain("Tool", { ...tool, inputSchema: text });
    expect(failure?.pointer).toBe("/inputSchema");
    expect(failure?.actual.length).toBeLessThan(100);
  });
});

describe("depth", () => {
  const deep = [nestedArray(DEPTH), nestedObject(DEPTH)];
  const shallow = [nestedArray(3), nestedObject(3)];

  test.each(REVISIONS)(
    "%s answers alike about deep and shallow values, in every place of every definition",
    (revision) => {
      const model = modelOf(revision);
      const found: string[] = [];
      for (const name of Object.keys(model.definitions)) {
        const full = fullestOf({ kind: "ref", name }, model.definitions);
        const guard = guardOf(revision, name);
        for (const [index, value] of deep.entries()) {
          const expected = [...replacedEverywhere(full, shallow[index])];
          for (const [at, [pointer, changed]] of [...replacedEverywhere(full, value)].entries()) {
            if (guard(changed) !== guard(expected[at]?.[1])) found.push(`${name}${pointer}`);
          }
        }
      }
      expect(found).toEqual([]);
    },
  );

  test("explain answers about deep values too", () => {
    for (const value of deep) {
      expect(ownVerdict(NEWEST, "CallToolResult", { content: [], resultType: "x", structuredContent: value })).toBe(
        true,
      );
      expect(ownVerdict(NEWEST, "JSONValue", value)).toBe(true);
      expect(ownVerdict(NEWEST, "Tool", { ...tool, name: value })).toBe(false);
      expect(ownVerdict(NEWEST, "ListToolsResult", { ...listResult(NEWEST), tools: [value] })).toBe(false);
      expect(ownVerdict("2025-11-25", "ListToolsResult", { tools: value })).toBe(false);
    }
  });

  test("what is wrong at the bottom of a deep value is found", () => {
    let value: unknown = [1n];
    for (let level = 0; level < DEPTH; level++) value = level % 2 === 0 ? { value } : [value];
    expect(ownVerdict(NEWEST, "JSONValue", value)).toBe(false);
    expect(ownVerdict(NEWEST, "ClientCapabilities", { experimental: { "example.test/x": { value } } })).toBe(false);
  });

  test("a cycle is no JSON value, and is not followed where anything may stand", () => {
    const object: Record<string, unknown> = { ...tool };
    object.self = object;
    const array: unknown[] = [];
    array.push(array);
    for (const revision of REVISIONS) expect(ownVerdict(revision, "Tool", object)).toBe(true);
    expect(ownVerdict(NEWEST, "CallToolResult", { content: [], resultType: "x", structuredContent: array })).toBe(true);
    expect(ownVerdict(NEWEST, "JSONValue", array)).toBe(false);
    expect(ownVerdict(NEWEST, "JSONObject", object)).toBe(false);
    expect(ownVerdict(NEWEST, "Tool", { ...tool, icons: array })).toBe(false);
  });

  test("a part that is used twice is no cycle", () => {
    const shared = { deep: [nestedArray(200)] };
    expect(ownVerdict(NEWEST, "JSONValue", [shared, { shared }, shared])).toBe(true);
    expect(ownVerdict(NEWEST, "JSONValue", [[deep[0], deep[0]], deep[1], deep[1]])).toBe(true);
  });
});

function listResult(revision: Revision): object {
  return revision === NEWEST ? { resultType: "complete", ttlMs: 0, cacheScope: "private" } : {};
}

function promptParams(revision: Revision): object {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": NEWEST,
    "io.modelcontextprotocol/clientInfo": { name: "c", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  return { name: "p", ...(revision === NEWEST ? { _meta: meta } : {}) };
}

/** What each kind of change inside a payload is called, and who breaks by it. */

import { describe, expect, it } from "vitest";
import { diffModels, type PayloadChange } from "../../codegen/diff.js";
import type { Json } from "../../codegen/json.js";
import { verifies } from "../verifies.js";
import { message, object, ref, tiny } from "./tiny.js";

/** Both payloads have one property of the given schema: the params are the client's, the result is the server's. */
function changeProperty(before: Json | undefined, after: Json | undefined, key = "extra?"): PayloadChange[] {
  const params = (schema: Json | undefined) =>
    object({ text: true, ...(schema === undefined ? {} : { [key]: schema }) });
  const diff = diffModels(tiny({ EchoRequestParams: params(before) }), tiny({ EchoRequestParams: params(after) }));
  expect(diff.core.definitions.changed.map((change) => change.name)).toEqual(
    diff.core.definitions.changed.length === 0 ? [] : ["EchoRequestParams"],
  );
  return diff.core.definitions.changed.flatMap((change) => change.changes);
}

const NOBODY = { sender: [], receiver: [] };
const CLIENT_SENDS = { sender: ["client"], receiver: [] };
const SERVER_RECEIVES = { sender: [], receiver: ["server"] };
const BOTH_ENDS = { sender: ["client"], receiver: ["server"] };
const TEXT = { type: "string" };

describe("a property of params", () => {
  it.each([
    { name: "optional, new", before: undefined, after: TEXT, key: "extra?", change: "property-added", breaks: NOBODY },
    {
      name: "required, new",
      before: undefined,
      after: TEXT,
      key: "extra",
      change: "property-added",
      breaks: CLIENT_SENDS,
    },
    {
      name: "optional, gone",
      before: TEXT,
      after: undefined,
      key: "extra?",
      change: "property-removed",
      breaks: NOBODY,
    },
    {
      name: "required, gone",
      before: TEXT,
      after: undefined,
      key: "extra",
      change: "property-removed",
      breaks: SERVER_RECEIVES,
    },
  ])("$name: $change", ({ before, after, key, change, breaks }) => {
    const found = changeProperty(before, after, key);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ path: "extra", change, required: !key.endsWith("?"), breaks });
  });

  it("that becomes required breaks its sender, one that becomes optional its receiver", () => {
    const [loose, strict] = [tiny({ EchoRequestParams: object({ "text?": TEXT }) }), tiny()];
    const changes = (one: typeof loose, other: typeof loose) =>
      diffModels(one, other).core.definitions.changed[0]?.changes;
    expect(changes(loose, strict)).toEqual([{ path: "text", change: "now-required", breaks: CLIENT_SENDS }]);
    expect(changes(strict, loose)).toEqual([{ path: "text", change: "now-optional", breaks: SERVER_RECEIVES }]);
  });
});

describe("a type", () => {
  it.each([
    {
      name: "wider",
      before: TEXT,
      after: { type: ["string", "integer"] },
      words: ["string", "string | integer"],
      breaks: SERVER_RECEIVES,
    },
    {
      name: "narrower",
      before: { type: ["string", "integer"] },
      after: TEXT,
      words: ["string | integer", "string"],
      breaks: CLIENT_SENDS,
    },
    { name: "other", before: TEXT, after: { type: "boolean" }, words: ["string", "boolean"], breaks: BOTH_ENDS },
    {
      name: "integer to number",
      before: { type: "integer" },
      after: { type: "number" },
      words: ["integer", "number"],
      breaks: SERVER_RECEIVES,
    },
    {
      name: "object to any value",
      before: { type: "object" },
      after: {},
      words: ["object", "any value"],
      breaks: SERVER_RECEIVES,
    },
    { name: "const to string", before: { const: "a" }, after: TEXT, words: ['"a"', "string"], breaks: SERVER_RECEIVES },
    {
      name: "string to enum",
      before: TEXT,
      after: { enum: ["a", "b"] },
      words: ["string", '"a" | "b"'],
      breaks: CLIENT_SENDS,
    },
  ])("$name", ({ before, after, words, breaks }) => {
    const found = changeProperty(before, after);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ path: "extra", change: "type", before: words[0], after: words[1], breaks });
  });

  it("of items and of map values is named by its place", () => {
    const items = (type: string) => ({ type: "array", items: { type } });
    expect(changeProperty(items("integer"), items("number"))[0]?.path).toBe("extra[]");
    const map = (type: string) => ({ type: "object", additionalProperties: { type } });
    expect(changeProperty(map("integer"), map("number"))[0]?.path).toBe("extra{}");
    const odd = (type: string) => object({ "a.b/c": { type } });
    expect(changeProperty(odd("integer"), odd("number"))[0]?.path).toBe('extra["a.b/c"]');
  });

  it(`in another order is no change${verifies("TRAP-42")}`, () => {
    expect(changeProperty({ type: ["string", "integer"] }, { type: ["integer", "string"] })).toEqual([]);
  });

  it("that only gets a name is respelled and breaks nobody", () => {
    const [inline, named] = [object({ a: TEXT }), ref("Named")];
    const before = tiny({ EchoRequestParams: object({ extra: inline }) });
    const after = tiny({ EchoRequestParams: object({ extra: named }), Named: inline });
    const changes = diffModels(before, after).core.definitions.changed.flatMap((change) => change.changes);
    expect(changes).toEqual([{ path: "extra", change: "respelled", before: "{ a }", after: "Named", breaks: NOBODY }]);
  });

  it("that gets a name and differs is told behind the name", () => {
    const before = tiny({ EchoRequestParams: object({ extra: object({ a: TEXT }) }) });
    const after = tiny({ EchoRequestParams: object({ extra: ref("Named") }), Named: object({ a: TEXT, b: TEXT }) });
    const changes = diffModels(before, after).core.definitions.changed.flatMap((change) => change.changes);
    expect(changes.map(({ path, change }) => [path, change])).toEqual([
      ["extra", "respelled"],
      ["extra.b", "property-added"],
    ]);
    expect(changes[1]?.breaks).toEqual(CLIENT_SENDS);
  });
});

describe("recursive definitions", () => {
  const node = (name: string, value: string) => object({ value: { type: value }, "next?": ref(name) });
  const using = (name: string, value: string) =>
    tiny({ EchoRequestParams: object({ node: { anyOf: [ref(name), TEXT] } }), [name]: node(name, value) });

  it(`of other names fit where they accept the same${verifies("TRAP-51")}`, () => {
    const changes = (value: string) =>
      diffModels(using("Node", "string"), using("Link", value)).core.definitions.changed.flatMap(
        (each) => each.changes,
      );
    expect(changes("string")).toMatchObject([{ path: "node", change: "type", added: ["Link"], breaks: NOBODY }]);
    expect(changes("boolean")).toMatchObject([{ path: "node", change: "type", breaks: BOTH_ENDS }]);
  });

  it("of other names are compared once, not for ever", () => {
    const direct = (name: string, value: string) =>
      tiny({ EchoRequestParams: object({ node: ref(name) }), [name]: node(name, value) });
    const diff = diffModels(direct("Node", "string"), direct("Link", "boolean"));
    const changes = diff.core.definitions.changed.flatMap((each) => each.changes);
    expect(changes.map(({ path, change }) => [path, change])).toEqual([
      ["node", "respelled"],
      ["node.value", "type"],
    ]);
  });
});

describe("enumerations and limits", () => {
  it("names the members that came and went", () => {
    const [found] = changeProperty({ enum: ["a", "b"] }, { enum: ["b", "c"] });
    expect(found).toMatchObject({ change: "enum", added: ['"c"'], removed: ['"a"'], breaks: BOTH_ENDS });
  });

  it("a new member breaks receivers alone", () => {
    expect(changeProperty({ enum: ["a"] }, { enum: ["a", "b"] })[0]?.breaks).toEqual(SERVER_RECEIVES);
  });

  it.each([
    { name: "appears", before: {}, after: { maxItems: 9 }, words: { after: "9" }, breaks: CLIENT_SENDS },
    { name: "goes away", before: { maxItems: 9 }, after: {}, words: { before: "9" }, breaks: SERVER_RECEIVES },
    {
      name: "is lowered",
      before: { maxItems: 9 },
      after: { maxItems: 5 },
      words: { before: "9", after: "5" },
      breaks: CLIENT_SENDS,
    },
    {
      name: "is raised",
      before: { maxItems: 5 },
      after: { maxItems: 9 },
      words: { before: "5", after: "9" },
      breaks: SERVER_RECEIVES,
    },
  ])(`a limit that $name${verifies("TRAP-40")}`, ({ before, after, words, breaks }) => {
    const array = { type: "array", items: TEXT };
    expect(changeProperty({ ...array, ...before }, { ...array, ...after })).toEqual([
      { path: "extra", change: "constraint", constraint: "maxItems", ...words, breaks },
    ]);
  });

  it("a lower limit that rises breaks senders", () => {
    const [found] = changeProperty({ type: "integer", minimum: 0 }, { type: "integer", minimum: 1 });
    expect(found).toMatchObject({ constraint: "minimum", breaks: CLIENT_SENDS });
  });
});

describe("who sends", () => {
  const more = object({ text: TEXT, more: TEXT });

  it("a result travels from server to client", () => {
    const [change] = diffModels(tiny(), tiny({ EchoResult: more })).core.definitions.changed;
    expect(change).toMatchObject({ sentBy: ["server"], changes: [{ breaks: { sender: ["server"], receiver: [] } }] });
  });

  it("a payload that both sides send breaks both", () => {
    const shared = (extra: boolean) =>
      tiny({
        EchoRequestParams: object({ data: ref("Data") }),
        EchoResult: object({ data: ref("Data") }),
        Data: extra ? more : object({ text: TEXT }),
      });
    const change = diffModels(shared(false), shared(true)).core.definitions.changed.find(({ name }) => name === "Data");
    expect(change?.changes[0]?.breaks).toEqual({ sender: ["client", "server"], receiver: [] });
  });

  it(`what no message carries breaks nobody${verifies("TRAP-09")}`, () => {
    const [change] = diffModels(tiny({ Base: object({}) }), tiny({ Base: more })).core.definitions.changed;
    expect(change?.sentBy).toEqual([]);
    expect(change?.changes.every(({ breaks }) => breaks.sender.length + breaks.receiver.length === 0)).toBe(true);
  });

  it(`an envelope that a schema starts to write down breaks nobody${verifies("TRAP-16", "TRAP-17")}`, () => {
    const whole = message("echo", "EchoRequestParams");
    const enveloped = {
      ...whole,
      properties: { ...(whole.properties as object), id: TEXT },
      required: ["id", "method", "params"],
    };
    const { changed } = diffModels(tiny(), tiny({ EchoRequest: enveloped })).core.definitions;
    expect(changed).toMatchObject([
      { name: "EchoRequest", changes: [{ path: "id", change: "property-added", breaks: NOBODY }] },
    ]);
  });
});

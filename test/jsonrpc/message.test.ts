import { describe, expect, it } from "vitest";
import { RpcError } from "../../runtime/errors.js";
import { readHead } from "../../runtime/jsonrpc/head.js";
import { errorOf, failureOf, isRequestId, kindOf } from "../../runtime/jsonrpc/message.js";
import { verifies } from "../verifies.js";

const rpc = { jsonrpc: "2.0" };

describe("kindOf", () => {
  it.each([
    [{ ...rpc, id: 1, method: "m" }, "request"],
    [{ ...rpc, id: "", method: "m", params: {} }, "request"],
    [{ ...rpc, method: "m" }, "notification"],
    [{ ...rpc, id: 1, result: null }, "result"],
    [{ ...rpc, id: "a", result: {} }, "result"],
    [{ ...rpc, id: 1, error: { code: -1, message: "" } }, "failure"],
    [{ ...rpc, id: null, error: { code: -32700, message: "x" } }, "failure"],
    [{ ...rpc, error: { code: -32700, message: "x" } }, "failure"],
    [{ ...rpc, id: 1, result: {}, error: null }, "result"],
    [{ ...rpc, id: 1, result: null, error: { code: 1, message: "x" } }, "failure"],
  ])(`takes %j for a %s${verifies("BASE-01", "BASE-02", "BASE-08", "BASE-09", "BASE-10")}`, (message, kind) => {
    expect(kindOf(message)).toBe(kind);
  });

  it.each([
    [null],
    [7],
    ["text"],
    [[]],
    [{}],
    [{ id: 1, method: "m" }],
    [{ jsonrpc: "1.0", id: 1, method: "m" }],
    [{ ...rpc, id: null, method: "m" }],
    [{ ...rpc, id: 1.5, method: "m" }],
    [{ ...rpc, id: {}, method: "m" }],
    [{ ...rpc, id: 1, method: 5 }],
    [{ ...rpc, id: 1 }],
    [{ ...rpc, result: {} }],
    [{ ...rpc, id: 1, result: {}, error: { code: 1, message: "x" } }],
    [{ ...rpc, id: 1, error: { code: "1", message: "x" } }],
    [{ ...rpc, id: 1, error: { code: 1 } }],
    [{ ...rpc, id: 1, error: "x" }],
    [{ ...rpc, id: [], error: { code: 1, message: "x" } }],
  ])(`finds no message in %j${verifies("BASE-01", "BASE-03", "BASE-06", "BASE-08", "BASE-09")}`, (message) => {
    expect(kindOf(message)).toBe("invalid");
  });
});

it("knows ids", () => {
  expect([1, 0, -1, "", "a"].every(isRequestId)).toBe(true);
  expect([1.5, Number.NaN, Number.POSITIVE_INFINITY, null, undefined, {}, true].some(isRequestId)).toBe(false);
});

it(`writes an error without an id rather than with null${verifies("BASE-10")}`, () => {
  const error = new RpcError(-32600, "no");
  expect(failureOf(undefined, error)).toEqual({ ...rpc, error: { code: -32600, message: "no" } });
  const back = errorOf(failureOf(3, new RpcError(5, "with data", { a: 1 })));
  expect([back.rpcCode, back.message, back.data, back.code]).toEqual([5, "with data", { a: 1 }, "RPC"]);
});

describe("readHead", () => {
  it("reads the id and the direction", () => {
    expect(readHead('{"jsonrpc":"2.0","id":12,"result":{"a')).toEqual({ id: 12, isAnswer: true });
    expect(readHead('{"jsonrpc":"2.0","id":"a\\"b","method":"x"')).toEqual({ id: 'a"b', isAnswer: false });
    expect(readHead(' { "jsonrpc": "2.0", "id": -1, "error": {')).toEqual({ id: -1, isAnswer: true });
  });

  it.each([
    '{"jsonrpc":"2.0","method":"x","params":{"id":3',
    '{"a":{"jsonrpc":"2.0","id":1,"result":',
    "[[[[",
    "",
    '{"jsonrpc":"2.0","id":1.5,"result":',
  ])("does not guess: %s", (text) => {
    expect(readHead(text)).toBeUndefined();
  });
});

import { at, count, deep, fail, json, list, no, obj, str, threw } from "../../../../codegen/prelude.js";
import type {
  Any,
  ClientRequest,
  EchoRequest,
  EchoRequestParams,
  EchoResult,
  Holder,
  Pair,
  Term,
  Tree,
} from "./types.js";

export function isAny(value: unknown): value is Any {
  const start = count;
  try {
    return json(value);
  } catch {
    return threw(start, value);
  }
}

export function isClientRequest(value: unknown): value is ClientRequest {
  return isEchoRequest(value);
}

export function isEchoRequest(value: unknown): value is EchoRequest {
  const start = count;
  try {
    return (
      obj(value) &&
      (value.method === "echo" || at("method", value, '"echo"')) &&
      (isEchoRequestParams(value.params) || at("params")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isEchoRequestParams(value: unknown): value is EchoRequestParams {
  const start = count;
  try {
    return (
      obj(value) &&
      (str(value.text) || at("text")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isEchoResult(value: unknown): value is EchoResult {
  const start = count;
  try {
    return (
      obj(value) &&
      (str(value.text) || at("text")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isHolder(value: unknown): value is Holder {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      ((part = value.value) === undefined || isAny(part) || at("value")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isPair(value: unknown): value is Pair {
  const start = count;
  try {
    return (
      obj(value) &&
      (deep(value.left, isTerm) || at("left")) &&
      (deep(value.right, isTerm) || at("right")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isTerm(value: unknown): value is Term {
  const start = count;
  try {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return deep(value, isPair);
    return typeof value === "string" || no("string or object", value);
  } catch {
    return threw(start, value);
  }
}

export function isTree(value: unknown): value is Tree {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      (str(value.name) || at("name")) &&
      ((part = value.children) === undefined || listOfTreeChildrenItem(part) || at("children")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

function fitsTreeChildrenItem(value: unknown): boolean {
  return deep(value, isTree);
}

function listOfTreeChildrenItem(value: unknown): boolean {
  const start = count;
  if (!list(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!fitsTreeChildrenItem(value[index]) && !at(index)) return false;
  }
  return start === count || fail(start);
}

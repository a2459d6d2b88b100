import { at, count, fail, finite, list, long, match, more, no, obj, size, str, threw } from "../../../../codegen/prelude.js";
import type {
  Both,
  ClientRequest,
  Code,
  Count,
  EchoRequest,
  EchoRequestParams,
  EchoResult,
  Few,
  Open,
  Score,
  Title,
} from "./types.js";

export function isBoth(value: unknown): value is Both {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      (isCode(value.code) || at("code")) &&
      (size(value.list, 0, 1, "array of at most 1") || at("list")) &&
      ((part = value.score) === undefined || finite(part) && part <= 10 || at("score", value, "number at most 10")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isClientRequest(value: unknown): value is ClientRequest {
  return isEchoRequest(value);
}

export function isCode(value: unknown): value is Code {
  return match(value, new RegExp("^[a-z]{2}/\\d+$", "u"));
}

export function isCount(value: unknown): value is Count {
  return (typeof value === "number" && Number.isInteger(value) && value >= 1 || no("integer at least 1", value));
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

export function isFew(value: unknown): value is Few {
  const start = count;
  try {
    return (
      (size(value, 1, 2, "array of 1 to 2") || more()) &&
      (listOfStr(value) || more()) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isOpen(value: unknown): value is Open {
  return (finite(value) && value > 0 && value < 1 || no("number above 0 below 1", value));
}

export function isScore(value: unknown): value is Score {
  return (typeof value === "number" && value >= 0 && value <= 1 || no("number 0 to 1", value));
}

export function isTitle(value: unknown): value is Title {
  return long(value, 1, 3, "string of 1 to 3 characters");
}

function listOfStr(value: unknown): boolean {
  const start = count;
  if (!list(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!str(value[index]) && !at(index)) return false;
  }
  return start === count || fail(start);
}

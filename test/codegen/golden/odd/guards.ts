import { at, count, fail, int, list, more, never, no, obj, rest, size, str, threw } from "../../../../codegen/prelude.js";
import type {
  Alias,
  Base64data,
  ClientRequest,
  Counted,
  EchoRequest,
  EchoRequestParams,
  EchoResult,
  Flag,
  Levels,
  List,
  Members,
  Nothing,
  Null,
  One,
  Required,
  Single,
  Tally,
  Twice,
  Whatever,
} from "./types.js";

export function isAlias(value: unknown): value is Alias {
  return isLevels(value);
}

export function isBase64data(value: unknown): value is Base64data {
  return str(value);
}

export function isClientRequest(value: unknown): value is ClientRequest {
  return isEchoRequest(value);
}

export function isCounted(value: unknown): value is Counted {
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

export function isFlag(value: unknown): value is Flag {
  return (value === true || no("true", value));
}

export function isLevels(value: unknown): value is Levels {
  return value === "a" || value === 1 || value === true || value === null || no('"a", 1, true or null', value);
}

export function isList(value: unknown): value is List {
  const start = count;
  try {
    return list(value);
  } catch {
    return threw(start, value);
  }
}

export function isMembers(value: unknown): value is Members {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      (value.data !== undefined || at("data", value, "any value")) &&
      ((part = value.nothing) === undefined || part === null || at("nothing", value, "null")) &&
      ((part = value.never) === undefined || never(part) || at("never")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isNothing(value: unknown): value is Nothing {
  return never(value);
}

export function isNull(value: unknown): value is Null {
  return (value === null || no("null", value));
}

export function isOne(value: unknown): value is One {
  return (value === "only" || no('"only"', value));
}

export function isRequired(value: unknown): value is Required {
  const start = count;
  try {
    return (
      obj(value) &&
      (value.data !== undefined || at("data", value, "any value")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isSingle(value: unknown): value is Single {
  return str(value);
}

export function isTally(value: unknown): value is Tally {
  const start = count;
  try {
    return (
      obj(value) &&
      (str(value.name) || at("name")) &&
      (rest(value, ["name"], int) || more()) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isTwice(value: unknown): value is Twice {
  return typeof value === "string" || typeof value === "string" || no("string", value);
}

export function isWhatever(_value: unknown): _value is Whatever {
  return true;
}

function listOfStr(value: unknown): boolean {
  const start = count;
  if (!list(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!str(value[index]) && !at(index)) return false;
  }
  return start === count || fail(start);
}

import { at, count, fail, int, more, never, num, obj, rest, str, threw, token } from "../../../../codegen/prelude.js";
import type {
  Anything,
  ClientRequest,
  Closed,
  EchoRequest,
  EchoRequestParams,
  EchoResult,
  Empty,
  Map,
  Markers,
  Rest,
} from "./types.js";

export function isAnything(value: unknown): value is Anything {
  const start = count;
  try {
    return obj(value);
  } catch {
    return threw(start, value);
  }
}

export function isClientRequest(value: unknown): value is ClientRequest {
  return isEchoRequest(value);
}

export function isClosed(value: unknown): value is Closed {
  const start = count;
  try {
    return (
      obj(value) &&
      (str(value.a) || at("a")) &&
      (rest(value, ["a"], never) || more()) &&
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

export function isEmpty(value: unknown): value is Empty {
  const start = count;
  try {
    return mapOfNever(value);
  } catch {
    return threw(start, value);
  }
}

export function isMap(value: unknown): value is Map {
  const start = count;
  try {
    return mapOfInt(value);
  } catch {
    return threw(start, value);
  }
}

export function isMarkers(value: unknown): value is Markers {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      ((part = value.form) === undefined || obj(part) || at("form")) &&
      ((part = value.open) === undefined || obj(part) || at("open")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isRest(value: unknown): value is Rest {
  const start = count;
  try {
    return (
      obj(value) &&
      (str(value.name) || at("name")) &&
      (rest(value, ["name"], num) || more()) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

function mapOfNever(value: unknown): boolean {
  const start = count;
  if (!obj(value)) return false;
  for (const key in value) {
    if (!never(value[key]) && !at(token(key))) return false;
  }
  return start === count || fail(start);
}

function mapOfInt(value: unknown): boolean {
  const start = count;
  if (!obj(value)) return false;
  for (const key in value) {
    if (!int(value[key]) && !at(token(key))) return false;
  }
  return start === count || fail(start);
}

import { at, count, fail, more, never, no, obj, or, rest, str, threw } from "../../../../codegen/prelude.js";
import type {
  Base,
  ClientRequest,
  EchoRequest,
  EchoRequestParams,
  EchoResult,
  Either,
  Extended,
  Sealed,
  Strict,
  Unmerged,
} from "./types.js";

export function isBase(value: unknown): value is Base {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      (Number.isInteger(value.id) || at("id", value, "integer")) &&
      ((part = value.note) === undefined || str(part) || at("note")) &&
      (start === count || fail(start))
    );
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

export function isEither(value: unknown): value is Either {
  const start = count;
  try {
    if (!obj(value)) return false;
    return (
      (value.a !== undefined && fitsEitherBranch0(value)) ||
      (value.b !== undefined ? or(start) && fitsEitherBranch1(value) : value.a === undefined && no("object with a or b", value))
    );
  } catch {
    return threw(start, value);
  }
}

export function isExtended(value: unknown): value is Extended {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      (Number.isInteger(value.id) || at("id", value, "integer")) &&
      (str(value.name) || at("name")) &&
      ((part = value.note) === undefined || str(part) || at("note")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isSealed(value: unknown): value is Sealed {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      ((part = value.id) === undefined || Number.isInteger(part) || at("id", value, "integer")) &&
      ((part = value.name) === undefined || str(part) || at("name")) &&
      (rest(value, ["id","name"], never) || more()) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isStrict(value: unknown): value is Strict {
  const start = count;
  try {
    return (
      (isBase(value) || more()) &&
      (isSealed(value) || more()) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isUnmerged(value: unknown): value is Unmerged {
  const start = count;
  try {
    return (
      (fitsUnmergedPart0(value) || more()) &&
      (isEither(value) || more()) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

function fitsEitherBranch0(value: unknown): boolean {
  const start = count;
  return (
    obj(value) &&
    (Number.isInteger(value.a) || at("a", value, "integer")) &&
    (start === count || fail(start))
  );
}

function fitsEitherBranch1(value: unknown): boolean {
  const start = count;
  return (
    obj(value) &&
    (Number.isInteger(value.b) || at("b", value, "integer")) &&
    (start === count || fail(start))
  );
}

function fitsUnmergedPart0(value: unknown): boolean {
  const start = count;
  let part: unknown;
  return (
    obj(value) &&
    (Number.isInteger(value.id) || at("id", value, "integer")) &&
    ((part = value.note) === undefined || str(part) || at("note")) &&
    (start === count || fail(start))
  );
}

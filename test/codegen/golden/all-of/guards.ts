import { at, bad, count, end, more, never, no, obj, or, rest, threw } from "../../../../codegen/prelude.js";
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
      (Number.isInteger(value.id) || bad(value, "id", "integer")) &&
      ((part = value.note) === undefined || typeof part === "string" || bad(value, "note", "string")) &&
      end(start)
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
      (value.method === "echo" || bad(value, "method", '"echo"')) &&
      (isEchoRequestParams(value.params) || at("params")) &&
      end(start)
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
      (typeof value.text === "string" || bad(value, "text", "string")) &&
      end(start)
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
      (typeof value.text === "string" || bad(value, "text", "string")) &&
      end(start)
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
      (value.b !== undefined && or(start) && fitsEitherBranch1(value)) ||
      (value.a === undefined && value.b === undefined && no("object with a or b", value))
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
      (Number.isInteger(value.id) || bad(value, "id", "integer")) &&
      (typeof value.name === "string" || bad(value, "name", "string")) &&
      ((part = value.note) === undefined || typeof part === "string" || bad(value, "note", "string")) &&
      end(start)
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
      ((part = value.id) === undefined || Number.isInteger(part) || bad(value, "id", "integer")) &&
      ((part = value.name) === undefined || typeof part === "string" || bad(value, "name", "string")) &&
      rest(value, ["id","name"], never) &&
      end(start)
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
      end(start)
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
      end(start)
    );
  } catch {
    return threw(start, value);
  }
}

function fitsEitherBranch0(value: unknown): boolean {
  const start = count;
  return (
    obj(value) &&
    (Number.isInteger(value.a) || bad(value, "a", "integer")) &&
    end(start)
  );
}

function fitsEitherBranch1(value: unknown): boolean {
  const start = count;
  return (
    obj(value) &&
    (Number.isInteger(value.b) || bad(value, "b", "integer")) &&
    end(start)
  );
}

function fitsUnmergedPart0(value: unknown): boolean {
  const start = count;
  let part: unknown;
  return (
    obj(value) &&
    (Number.isInteger(value.id) || bad(value, "id", "integer")) &&
    ((part = value.note) === undefined || typeof part === "string" || bad(value, "note", "string")) &&
    end(start)
  );
}

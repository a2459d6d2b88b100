import { at, count, fail, no, obj, or, str, threw } from "../../../../codegen/prelude.js";
import type {
  Bare,
  BlobContents,
  ClientRequest,
  Contents,
  EchoRequest,
  EchoRequestParams,
  EchoResult,
  Loose,
  Named,
  TextContents,
} from "./types.js";

export function isBare(value: unknown): value is Bare {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      ((part = value.note) === undefined || str(part) || at("note")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isBlobContents(value: unknown): value is BlobContents {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      (str(value.blob) || at("blob")) &&
      (str(value.uri) || at("uri")) &&
      ((part = value.size) === undefined || Number.isInteger(part) || at("size", value, "integer")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isClientRequest(value: unknown): value is ClientRequest {
  return isEchoRequest(value);
}

export function isContents(value: unknown): value is Contents {
  const start = count;
  try {
    if (!obj(value)) return false;
    return (
      (value.text !== undefined && isTextContents(value)) ||
      (value.blob !== undefined ? or(start) && isBlobContents(value) : value.text === undefined && no("object with text or blob", value))
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

export function isLoose(value: unknown): value is Loose {
  const start = count;
  try {
    if (!obj(value)) return false;
    return (
      (value.name !== undefined && isNamed(value)) ||
      (or(start) && isBare(value))
    );
  } catch {
    return threw(start, value);
  }
}

export function isNamed(value: unknown): value is Named {
  const start = count;
  try {
    return (
      obj(value) &&
      (str(value.name) || at("name")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isTextContents(value: unknown): value is TextContents {
  const start = count;
  try {
    return (
      obj(value) &&
      (str(value.text) || at("text")) &&
      (str(value.uri) || at("uri")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

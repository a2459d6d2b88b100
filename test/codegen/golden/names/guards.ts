import { at, count, fail, no, obj, str, threw, token } from "../../../../codegen/prelude.js";
import type {
  Choice,
  ClientRequest,
  EchoRequest,
  EchoRequestParams,
  EchoResult,
  Error,
  Headers,
  Keywords,
  Quoted,
  Uses,
} from "./types.js";

export function isChoice(value: unknown): value is Choice {
  const start = count;
  try {
    if (!obj(value)) return false;
    switch (value["my-kind"]) {
      case "it's":
        return fitsChoice(value);
      case 'say "so"':
        return fitsChoice2(value);
      default:
        return at("my-kind", value, "\"it's\" or \"say \\\"so\\\"\"") && fail(start);
    }
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

export function isError(value: unknown): value is Error {
  const start = count;
  try {
    return (
      obj(value) &&
      (Number.isInteger(value.code) || at("code", value, "integer")) &&
      (str(value.message) || at("message")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isHeaders(value: unknown): value is Headers {
  const start = count;
  try {
    return mapOfStr(value);
  } catch {
    return threw(start, value);
  }
}

export function isKeywords(value: unknown): value is Keywords {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      ((part = value.class) === undefined || str(part) || at("class")) &&
      ((part = value.default) === undefined || str(part) || at("default")) &&
      ((part = value.properties) === undefined || str(part) || at("properties")) &&
      ((part = value.required) === undefined || str(part) || at("required")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isQuoted(value: unknown): value is Quoted {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      (str(value.$schema) || at("$schema")) &&
      (Number.isInteger(value["io.example/key"]) || (no("integer", value["io.example/key"]) || at("io.example~1key"))) &&
      ((part = value[""]) === undefined || str(part) || at("")) &&
      ((part = value["1st"]) === undefined || str(part) || at("1st")) &&
      ((part = value["a-b"]) === undefined || str(part) || at("a-b")) &&
      ((part = value["back\\slash"]) === undefined || str(part) || at("back\\slash")) &&
      ((part = value["line\nbreak"]) === undefined || str(part) || at("line\nbreak")) &&
      ((part = value["with \"quotes\""]) === undefined || str(part) || at('with "quotes"')) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isUses(value: unknown): value is Uses {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      (isError(value.error) || at("error")) &&
      ((part = value.headers) === undefined || isHeaders(part) || at("headers")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

function fitsChoice(value: unknown): boolean {
  const start = count;
  return (
    obj(value) &&
    (value["my-kind"] === "it's" || at("my-kind", value, "\"it's\"")) &&
    (start === count || fail(start))
  );
}

function fitsChoice2(value: unknown): boolean {
  const start = count;
  return (
    obj(value) &&
    (value["my-kind"] === 'say "so"' || at("my-kind", value, "\"say \\\"so\\\"\"")) &&
    (start === count || fail(start))
  );
}

function mapOfStr(value: unknown): boolean {
  const start = count;
  if (!obj(value)) return false;
  for (const key in value) {
    if (!str(value[key]) && !at(token(key))) return false;
  }
  return start === count || fail(start);
}

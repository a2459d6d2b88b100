import { at, bad, count, end, obj, str, threw } from "../../../../codegen/prelude.js";
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
        return bad(value, "my-kind", "\"it's\" or \"say \\\"so\\\"\"") && end(start);
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

export function isError(value: unknown): value is Error {
  const start = count;
  try {
    return (
      obj(value) &&
      (Number.isInteger(value.code) || bad(value, "code", "integer")) &&
      (typeof value.message === "string" || bad(value, "message", "string")) &&
      end(start)
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
      ((part = value.class) === undefined || typeof part === "string" || bad(value, "class", "string")) &&
      ((part = value.default) === undefined || typeof part === "string" || bad(value, "default", "string")) &&
      ((part = value.properties) === undefined || typeof part === "string" || bad(value, "properties", "string")) &&
      ((part = value.required) === undefined || typeof part === "string" || bad(value, "required", "string")) &&
      end(start)
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
      (typeof value.$schema === "string" || bad(value, "$schema", "string")) &&
      (Number.isInteger(value["io.example/key"]) || bad(value, "io.example/key", "integer")) &&
      ((part = value[""]) === undefined || typeof part === "string" || bad(value, "", "string")) &&
      ((part = value["1st"]) === undefined || typeof part === "string" || bad(value, "1st", "string")) &&
      ((part = value["a-b"]) === undefined || typeof part === "string" || bad(value, "a-b", "string")) &&
      ((part = value["back\\slash"]) === undefined || typeof part === "string" || bad(value, "back\\slash", "string")) &&
      ((part = value["line\nbreak"]) === undefined || typeof part === "string" || bad(value, "line\nbreak", "string")) &&
      ((part = value["with \"quotes\""]) === undefined || typeof part === "string" || bad(value, 'with "quotes"', "string")) &&
      end(start)
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
      end(start)
    );
  } catch {
    return threw(start, value);
  }
}

function fitsChoice(value: unknown): boolean {
  const start = count;
  return (
    obj(value) &&
    (value["my-kind"] === "it's" || bad(value, "my-kind", "\"it's\"")) &&
    end(start)
  );
}

function fitsChoice2(value: unknown): boolean {
  const start = count;
  return (
    obj(value) &&
    (value["my-kind"] === 'say "so"' || bad(value, "my-kind", "\"say \\\"so\\\"\"")) &&
    end(start)
  );
}

function mapOfStr(value: unknown): boolean {
  const start = count;
  if (!obj(value)) return false;
  for (const key in value) {
    if (!str(value[key]) && !at(key)) return false;
  }
  return end(start);
}

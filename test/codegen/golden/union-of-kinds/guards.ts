import { at, count, fail, finite, int, list, long, no, obj, or, str, threw, token } from "../../../../codegen/prelude.js";
import type {
  Answer,
  Answers,
  ClientRequest,
  Content,
  EchoRequest,
  EchoRequestParams,
  EchoResult,
  Id,
  Image,
  Lists,
  Maybe,
  Nested,
  Short,
  Text,
} from "./types.js";

export function isAnswer(value: unknown): value is Answer {
  const start = count;
  try {
    if (Array.isArray(value)) return listOfStr(value);
    return typeof value === "string" || finite(value) || typeof value === "boolean" || no("string, number, boolean or array", value);
  } catch {
    return threw(start, value);
  }
}

export function isAnswers(value: unknown): value is Answers {
  const start = count;
  try {
    return mapOfAnswer(value);
  } catch {
    return threw(start, value);
  }
}

export function isClientRequest(value: unknown): value is ClientRequest {
  return isEchoRequest(value);
}

export function isContent(value: unknown): value is Content {
  const start = count;
  try {
    if (Array.isArray(value)) return listOfContentItemsItem(value);
    if (typeof value === "object" && value !== null) {
      if (!obj(value)) return false;
      switch (value.type) {
        case "text":
          return isText(value);
        case "image":
          return isImage(value);
        default:
          return at("type", value, '"text" or "image"') && fail(start);
      }
    }
    return no("array or object", value);
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

export function isId(value: unknown): value is Id {
  return typeof value === "string" || Number.isInteger(value) || no("string or integer", value);
}

export function isImage(value: unknown): value is Image {
  const start = count;
  try {
    return (
      obj(value) &&
      (value.type === "image" || at("type", value, '"image"')) &&
      (str(value.data) || at("data")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isLists(value: unknown): value is Lists {
  const start = count;
  try {
    if (Array.isArray(value)) return listOfStr(value) || (or(start) && listOfInt(value));
    return no("array", value);
  } catch {
    return threw(start, value);
  }
}

export function isMaybe(value: unknown): value is Maybe {
  return typeof value === "string" || value === null || no("string or null", value);
}

export function isNested(value: unknown): value is Nested {
  const start = count;
  try {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return isText(value);
    return typeof value === "string" || Number.isInteger(value) || typeof value === "string" || value === null || no("string, integer, null or object", value);
  } catch {
    return threw(start, value);
  }
}

export function isShort(value: unknown): value is Short {
  const start = count;
  try {
    return long(value, 0, 2, "string of at most 2 characters") || (or(start) && isText(value));
  } catch {
    return threw(start, value);
  }
}

export function isText(value: unknown): value is Text {
  const start = count;
  try {
    return (
      obj(value) &&
      (value.type === "text" || at("type", value, '"text"')) &&
      (str(value.text) || at("text")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

function listOfStr(value: unknown): boolean {
  const start = count;
  if (!list(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!str(value[index]) && !at(index)) return false;
  }
  return start === count || fail(start);
}

function mapOfAnswer(value: unknown): boolean {
  const start = count;
  if (!obj(value)) return false;
  for (const key in value) {
    if (!isAnswer(value[key]) && !at(token(key))) return false;
  }
  return start === count || fail(start);
}

function fitsContentItemsItem(value: unknown): boolean {
  const start = count;
  if (!obj(value)) return false;
  switch (value.type) {
    case "text":
      return isText(value);
    case "image":
      return isImage(value);
    default:
      return at("type", value, '"text" or "image"') && fail(start);
  }
}

function listOfContentItemsItem(value: unknown): boolean {
  const start = count;
  if (!list(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!fitsContentItemsItem(value[index]) && !at(index)) return false;
  }
  return start === count || fail(start);
}

function listOfInt(value: unknown): boolean {
  const start = count;
  if (!list(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!int(value[index]) && !at(index)) return false;
  }
  return start === count || fail(start);
}

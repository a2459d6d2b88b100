import { at, count, fail, obj, str, threw } from "../../../../codegen/prelude.js";
import type {
  AskRequest,
  AskRequestParams,
  AskResult,
  ClientRequest,
  EmptyResult,
  NoteNotification,
  NoteParams,
  PingParams,
  PingRequest,
  ServerNotification,
  ServerRequest,
} from "./types.js";

export function isAskRequest(value: unknown): value is AskRequest {
  const start = count;
  try {
    return (
      obj(value) &&
      (value.method === "ask" || at("method", value, '"ask"')) &&
      (isAskRequestParams(value.params) || at("params")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isAskRequestParams(value: unknown): value is AskRequestParams {
  const start = count;
  try {
    return (
      obj(value) &&
      (str(value.question) || at("question")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isAskResult(value: unknown): value is AskResult {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      ((part = value.answer) === undefined || str(part) || at("answer")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isClientRequest(value: unknown): value is ClientRequest {
  return isPingRequest(value);
}

export function isEmptyResult(value: unknown): value is EmptyResult {
  const start = count;
  try {
    return obj(value);
  } catch {
    return threw(start, value);
  }
}

export function isNoteNotification(value: unknown): value is NoteNotification {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      (value.method === "notifications/note" || at("method", value, '"notifications/note"')) &&
      ((part = value.params) === undefined || isNoteParams(part) || at("params")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isNoteParams(value: unknown): value is NoteParams {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      ((part = value.level) === undefined || part === "high" || part === "low" || at("level", value, '"high" or "low"')) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isPingParams(value: unknown): value is PingParams {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      ((part = value._meta) === undefined || obj(part) || at("_meta")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isPingRequest(value: unknown): value is PingRequest {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      (value.method === "ping" || at("method", value, '"ping"')) &&
      ((part = value.params) === undefined || isPingParams(part) || at("params")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isServerNotification(value: unknown): value is ServerNotification {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      (value.method === "notifications/note" || at("method", value, '"notifications/note"')) &&
      ((part = value.params) === undefined || isNoteParams(part) || at("params")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isServerRequest(value: unknown): value is ServerRequest {
  const start = count;
  try {
    if (!obj(value)) return false;
    switch (value.method) {
      case "ping":
        return isPingRequest(value);
      case "ask":
        return isAskRequest(value);
      default:
        return at("method", value, '"ping" or "ask"') && fail(start);
    }
  } catch {
    return threw(start, value);
  }
}

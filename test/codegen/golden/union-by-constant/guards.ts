import { at, count, fail, finite, list, obj, str, threw } from "../../../../codegen/prelude.js";
import type {
  Ask,
  AskForm,
  AskLink,
  Block,
  Blocks,
  ClientRequest,
  EchoRequest,
  EchoRequestParams,
  EchoResult,
  Image,
  Text,
  Video,
} from "./types.js";

export function isAsk(value: unknown): value is Ask {
  const start = count;
  try {
    if (!obj(value)) return false;
    switch (value.mode) {
      case "link":
        return isAskLink(value);
      default:
        return isAskForm(value);
    }
  } catch {
    return threw(start, value);
  }
}

export function isAskForm(value: unknown): value is AskForm {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      (listOfStr(value.fields) || at("fields")) &&
      ((part = value.mode) === undefined || part === "form" || at("mode", value, '"form"')) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isAskLink(value: unknown): value is AskLink {
  const start = count;
  try {
    return (
      obj(value) &&
      (value.mode === "link" || at("mode", value, '"link"')) &&
      (str(value.url) || at("url")) &&
      (start === count || fail(start))
    );
  } catch {
    return threw(start, value);
  }
}

export function isBlock(value: unknown): value is Block {
  const start = count;
  try {
    if (!obj(value)) return false;
    switch (value.type) {
      case "text":
        return isText(value);
      case "image":
        return isImage(value);
      case "video":
      case "film":
        return isVideo(value);
      default:
        return at("type", value, '"text", "image", "video" or "film"') && fail(start);
    }
  } catch {
    return threw(start, value);
  }
}

export function isBlocks(value: unknown): value is Blocks {
  const start = count;
  try {
    return listOfBlock(value);
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

export function isVideo(value: unknown): value is Video {
  const start = count;
  try {
    let part: unknown;
    return (
      obj(value) &&
      (finite(value.seconds) || at("seconds", value, "number")) &&
      ((part = value.type) === "video" || part === "film" || at("type", value, '"video" or "film"')) &&
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

function listOfBlock(value: unknown): boolean {
  const start = count;
  if (!list(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!isBlock(value[index]) && !at(index)) return false;
  }
  return start === count || fail(start);
}

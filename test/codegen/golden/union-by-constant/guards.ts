import { at, bad, count, end, finite, list, obj, str, threw } from "../../../../codegen/prelude.js";
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
      ((part = value.mode) === undefined || part === "form" || bad(value, "mode", '"form"')) &&
      end(start)
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
      (value.mode === "link" || bad(value, "mode", '"link"')) &&
      (typeof value.url === "string" || bad(value, "url", "string")) &&
      end(start)
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
        return bad(value, "type", '"text", "image", "video" or "film"') && end(start);
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

export function isImage(value: unknown): value is Image {
  const start = count;
  try {
    return (
      obj(value) &&
      (value.type === "image" || bad(value, "type", '"image"')) &&
      (typeof value.data === "string" || bad(value, "data", "string")) &&
      end(start)
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
      (value.type === "text" || bad(value, "type", '"text"')) &&
      (typeof value.text === "string" || bad(value, "text", "string")) &&
      end(start)
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
      (finite(value.seconds) || bad(value, "seconds", "number")) &&
      ((part = value.type) === "video" || part === "film" || bad(value, "type", '"video" or "film"')) &&
      end(start)
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
  return end(start);
}

function listOfBlock(value: unknown): boolean {
  const start = count;
  if (!list(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!isBlock(value[index]) && !at(index)) return false;
  }
  return end(start);
}

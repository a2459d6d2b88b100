/**
 * What encoding bytes are in, as Node can tell it. The module is loaded on first use: whoever only holds a client or a server in
 * another place than Node must not have to load it.
 */

type Encodings = Pick<typeof import("node:buffer"), "isAscii" | "isUtf8">;

let loaded: Encodings | undefined;

function encodings(): Encodings {
  loaded ??= process.getBuiltinModule("node:buffer");
  return loaded;
}

export function isAscii(bytes: Uint8Array): boolean {
  return encodings().isAscii(bytes);
}

export function isUtf8(bytes: Uint8Array): boolean {
  return encodings().isUtf8(bytes);
}

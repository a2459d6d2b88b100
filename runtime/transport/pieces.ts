/**
 * Keeps the chunks of a line that is not complete, to be made a text once. Large chunks are kept as they are; small ones are copied
 * together, so that a peer that sends single bytes costs no more memory than its bytes.
 */

import { isAscii, isUtf8 } from "./encodings.js";

/** Smaller chunks than this are copied. */
const SMALL = 4096;
const BLOCK = 64 * 1024;

export interface Pieces {
  /** Bytes kept. */
  readonly size: number;
  add(bytes: Buffer): void;
  /** Everything kept, as text; nothing is kept afterwards. */
  take(): PieceText;
}

export interface PieceText {
  readonly text: string;
  /** Whether the bytes were UTF-8; if not, the text has replacement characters where they were none. */
  readonly valid: boolean;
}

export function createPieces(): Pieces {
  return new PieceList();
}

class PieceList implements Pieces {
  #pieces: Buffer[] = [];
  /** Where small chunks are copied to, and how much of it is used. The used part is not in `#pieces` yet. */
  #block: Buffer | undefined = undefined;
  #used = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(bytes: Buffer): void {
    this.#size += bytes.length;
    if (bytes.length >= SMALL) {
      this.#seal();
      this.#pieces.push(bytes);
      return;
    }
    if (this.#block === undefined || this.#used + bytes.length > this.#block.length) {
      this.#seal();
      // The first block is small: most lines that span two chunks are.
      this.#block = Buffer.allocUnsafe(this.#pieces.length === 0 ? SMALL : BLOCK);
    }
    this.#block.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  take(): PieceText {
    this.#seal();
    const pieces = this.#pieces;
    const size = this.#size;
    this.#pieces = [];
    this.#size = 0;
    return textOf(pieces, size);
  }

  #seal(): void {
    if (this.#block !== undefined && this.#used > 0) this.#pieces.push(this.#block.subarray(0, this.#used));
    this.#block = undefined;
    this.#used = 0;
  }
}

/**
 * Joining bytes before they are text costs a copy, but the text of one large buffer lies outside of the heap of V8 and is flat, where
 * the texts of many pieces would be joined on it.
 */
function textOf(pieces: readonly Buffer[], size: number): PieceText {
  const [first] = pieces;
  const bytes = pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces, size);
  if (isAscii(bytes)) return { text: bytes.toString("latin1"), valid: true };
  return { text: bytes.toString("utf8"), valid: isUtf8(bytes) };
}

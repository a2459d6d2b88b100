/**
 * Keeps the chunks of a line that is not complete, to be joined once. Large chunks are kept as they are; small ones are copied
 * together, so that a peer that sends single bytes costs no more memory than its bytes.
 */

/** Smaller chunks than this are copied. */
const SMALL = 4096;
const BLOCK = 64 * 1024;

export interface Pieces {
  /** Bytes kept. */
  readonly size: number;
  add(bytes: Buffer): void;
  /** Everything kept, as one buffer; nothing is kept afterwards. */
  take(): Buffer;
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

  take(): Buffer {
    this.#seal();
    const pieces = this.#pieces;
    const size = this.#size;
    this.#pieces = [];
    this.#size = 0;
    return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces, size);
  }

  #seal(): void {
    if (this.#block !== undefined && this.#used > 0) this.#pieces.push(this.#block.subarray(0, this.#used));
    this.#block = undefined;
    this.#used = 0;
  }
}

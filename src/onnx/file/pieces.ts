/** Content that is put together of pieces, each of which is read only when its turn comes. */
import type { ByteSource } from '../../base/ByteSource';

/** So much of a long piece is in memory at a time. */
const BLOCK = 2 ** 22;

export interface Piece {
  readonly length: number;
  chunks(): Iterable<Uint8Array>;
}

export function bytesPiece(bytes: Uint8Array): Piece {
  return { length: bytes.length, chunks: () => [bytes] };
}

/** A run of a source, as it is. */
export function sourcePiece(source: ByteSource, from: number, to: number): Piece {
  return {
    length: to - from,
    *chunks() {
      for (let at = from; at < to; at += BLOCK) yield source.bytes(at, Math.min(BLOCK, to - at));
    },
  };
}

export function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** All pieces in memory, one after the other. */
export function joined(pieces: readonly Piece[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces)
    for (const chunk of piece.chunks()) {
      whole.set(chunk, at);
      at += chunk.length;
    }
  return whole;
}

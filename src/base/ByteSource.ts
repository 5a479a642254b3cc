/** Bytes of a file, or of a part of one, that are read a piece at a time. */
export interface ByteSource {
  readonly length: number;
  /**
   * @param from offset of the first; from + count is at most `length`
   * @returns exactly `count` bytes, valid until the next call
   * @throws UserError if they cannot be read
   */
  bytes(from: number, count: number): Uint8Array;
}

/** Bytes that are in memory. */
export function memoryBytes(content: Uint8Array): ByteSource {
  return { length: content.length, bytes: (from, count) => content.subarray(from, from + count) };
}

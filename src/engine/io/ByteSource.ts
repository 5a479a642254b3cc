/** Bytes of a file, or of a part of one, that are read a piece at a time. */
export interface ByteSource {
  readonly length: number;
  /**
   * @param from offset of the first
   * @throws UserError if they cannot be read
   */
  bytes(from: number, count: number): Uint8Array;
}

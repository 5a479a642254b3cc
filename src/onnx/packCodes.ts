/** Several codes in a byte, the first in the lowest bits, as ONNX packs its 4-bit types (onnx.proto, TensorProto.raw_data). */

/** @param codes one per byte; only the low `bits` count */
export function packCodes(codes: Uint8Array, bits: 1 | 4 | 8): Uint8Array {
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  const packed = new Uint8Array(Math.ceil(codes.length / perByte));
  for (let i = 0; i < codes.length; i++)
    packed[Math.floor(i / perByte)]! |= (codes[i]! & mask) << ((i % perByte) * bits);
  return packed;
}

/**
 * A table [256, 8 / bits] whose row b holds what the codes packed in byte b stand for.
 * @param entries what each code stands for, 2^bits numbers
 */
export function unpackTable(entries: Float32Array, bits: 1 | 4 | 8): Float32Array {
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  const table = new Float32Array(256 * perByte);
  for (let byte = 0; byte < 256; byte++)
    for (let i = 0; i < perByte; i++) table[byte * perByte + i] = entries[(byte >> (i * bits)) & mask]!;
  return table;
}

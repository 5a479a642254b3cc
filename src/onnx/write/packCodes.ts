/** Several codes in a byte, the first in the lowest bits, as ONNX packs its 4-bit types (onnx.proto, TensorProto.raw_data). */

/** How many bits of a code lie together in a byte. */
export type PlaneBits = 1 | 2 | 4 | 8;

/** Some neighbouring bits of every code, packed without gaps. */
export interface Plane {
  readonly bits: PlaneBits;
  /** How far above the lowest bit of the code they begin. */
  readonly shift: number;
}

/** Cuts codes so that a whole number of each plane's pieces fills a byte, low bits first: 7 bits are 4, 2 and 1. */
export function planesOf(bits: number): Plane[] {
  const planes: Plane[] = [];
  let shift = 0;
  for (const width of [8, 4, 2, 1] as const) {
    if ((bits & width) === 0) continue;
    planes.push({ bits: width, shift });
    shift += width;
  }
  return planes;
}

/** @param codes one per element; only the bits of the plane count */
export function packCodes(codes: ArrayLike<number>, { bits, shift }: Plane): Uint8Array {
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  const packed = new Uint8Array(Math.ceil(codes.length / perByte));
  for (let i = 0; i < codes.length; i++)
    packed[Math.floor(i / perByte)]! |= ((codes[i]! >> shift) & mask) << ((i % perByte) * bits);
  return packed;
}

/**
 * A table [256, 8 / bits] whose row b holds what the pieces packed in byte b stand for.
 * @param entries what each piece stands for, 2^bits numbers
 */
export function unpackTable(entries: Float32Array, bits: PlaneBits): Float32Array {
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  const table = new Float32Array(256 * perByte);
  for (let byte = 0; byte < 256; byte++)
    for (let i = 0; i < perByte; i++) table[byte * perByte + i] = entries[(byte >> (i * bits)) & mask]!;
  return table;
}

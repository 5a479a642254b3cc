/** Number formats to float32, as bits where NaN payloads must survive. */

/** 2^112: takes a half's exponent bias of 15 to float32's 127, for subnormals too. */
const REBIAS = 2 ** 112;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** IEEE binary16. */
export function halfToFloat(halves: Uint16Array, target: Int32Array): void {
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    bits[0] = (half & 0x7fff) << 13;
    float[0]! *= REBIAS;
    const special = (half & 0x7c00) === 0x7c00 ? 0x7f800000 : 0;
    target[i] = bits[0] | special | ((half & 0x8000) << 16);
  }
}

/** The upper half of a float32. */
export function bfloatToFloat(halves: Uint16Array, target: Int32Array): void {
  for (let i = 0; i < halves.length; i++) target[i] = halves[i]! << 16;
}

/** float64, rounded to nearest even. */
export function doubleToFloat(doubles: Float64Array, target: Float32Array): void {
  target.set(doubles);
}

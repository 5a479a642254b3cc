import type { Row } from './quantizeRows';
import { ROUNDER } from './rounder';

/** A floating-point format of few bits, see `Kernel.floatRows`. */
export interface FloatFormat {
  readonly mantissaBits: number;
  readonly minExponent: number;
  readonly max: number;
  readonly signBit: number;
}

/** Exponent of the least float32 number. */
const MIN_EXPONENT = -149;

/** Powers of two from there on: the distances between the numbers of all formats. */
const UNITS = Float64Array.from({ length: 277 }, (_, i) => 2 ** (i + MIN_EXPONENT));

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The nearest numbers of the format, times the scale; NaN becomes zero. */
export function minifloatRow(
  { weights, values, codes, first, cols }: Row,
  scale: number,
  { mantissaBits, minExponent, max, signBit }: FloatFormat,
): void {
  for (let i = first; i < first + cols; i++) {
    const y = Math.fround(weights[i]! / scale);
    const size = Math.abs(y) < max ? Math.abs(y) : Number.isNaN(y) ? 0 : max;
    const exponent = Math.max(minExponent, exponentOf(size));
    const unit = UNITS[exponent - mantissaBits - MIN_EXPONENT]!;
    // Rounding up to the next power of two carries into the exponent, here as in the code.
    const multiple = size / unit + ROUNDER - ROUNDER;
    const number = multiple * unit;
    values[i] = (y < 0 ? -number : number) * scale;
    // The store has rounded it: what was too small has become a zero, maybe a negative one.
    if (values[i] === 0) values[i] = 0;
    if (codes) {
      const code = multiple + ((exponent - minExponent) << mantissaBits);
      codes[i] = y < 0 && multiple > 0 ? code + signBit : code;
    }
  }
}

/** e with 2^e <= x < 2^(e + 1), for normal float32 numbers from 0 up; -127 for those below. */
function exponentOf(x: number): number {
  float[0] = x;
  return (bits[0]! >>> 23) - 127;
}

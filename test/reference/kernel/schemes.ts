/**
 * Each scheme quantizes a row of weights: the quantized weights go to `values`, the codes to `codes` if they are wanted.
 * All arithmetic is float32's; what float64 would keep beyond it is rounded off by `Math.fround` or by the store.
 */
import type { Row } from './quantizeRows';
import { ROUNDER } from './rounder';

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** ONNX QuantizeLinear and DequantizeLinear with one scale; NaN becomes zero. */
export function affineRow(
  { weights, values, codes, first, cols }: Row,
  scale: number,
  zeroPoint: number,
  qmin: number,
  qmax: number,
): void {
  // Clamping steps from zero rather than codes takes one addition less where only values are wanted.
  const lo = qmin - zeroPoint;
  const hi = qmax - zeroPoint;
  for (let i = first; i < first + cols; i++) {
    let steps = Math.fround(weights[i]! / scale) + ROUNDER - ROUNDER;
    if (steps > hi) steps = hi;
    else if (steps < lo) steps = lo;
    else if (Number.isNaN(steps)) steps = 0;
    values[i] = steps * scale;
    if (codes) codes[i] = steps + zeroPoint;
  }
}

/**
 * Zero and the powers of two from 2^(exponent - count + 1) to 2^exponent, the nearest by value; NaN becomes zero.
 * @param negative the code's bit for negative values
 */
export function logRow(
  { weights, values, codes, first, cols }: Row,
  exponent: number,
  count: number,
  negative: number,
): void {
  const lowest = exponent - count + 1;
  const half = 2 ** (lowest - 1);
  for (let i = first; i < first + cols; i++) {
    const x = weights[i]!;
    const nonzero = Math.abs(x) >= half;
    const nearest = Math.min(exponent, Math.max(lowest, nearestExponent(x)));
    const magnitude = powerOfTwo(nearest);
    values[i] = nonzero ? (x < 0 ? -magnitude : magnitude) : 0;
    if (codes) codes[i] = nonzero ? nearest - lowest + 1 + (x < 0 ? negative : 0) : 0;
  }
}

/** Code 1 for +scale, 0 for -scale; NaN becomes +scale. */
export function binaryRow({ weights, values, codes, first, cols }: Row, scale: number): void {
  for (let i = first; i < first + cols; i++) {
    const negative = weights[i]! < 0;
    values[i] = negative ? -scale : scale;
    if (codes) codes[i] = negative ? 0 : 1;
  }
}

/** e with 2^e nearest to |x|, half way up; for numbers below 2^-126, -127 or -126; for infinity, 128. */
function nearestExponent(x: number): number {
  float[0] = x;
  return (((bits[0]! & 0x7fffffff) + 0x400000) >>> 23) - 127;
}

function powerOfTwo(exponent: number): number {
  bits[0] = (exponent + 127) << 23;
  return float[0]!;
}

import type { QuantizeOne } from './quantizeRows';

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** ONNX QuantizeLinear and DequantizeLinear with one scale; NaN gets the greatest code. */
export function affineRow(scale: number, zeroPoint: number, qmin: number, qmax: number): QuantizeOne {
  return {
    code(x) {
      const code = Math.fround(roundHalfEven(Math.fround(x / scale)) + zeroPoint);
      const atMost = code < qmax ? code : qmax;
      return atMost > qmin ? atMost : qmin;
    },
    value: (_, code) => Math.fround((code - zeroPoint) * scale),
  };
}

/** Zero and the powers of two from 2^(exponent - count + 1) to 2^exponent, the nearest by value. */
export function logRow(exponent: number, count: number): QuantizeOne {
  const lowest = exponent - count + 1;
  const halfLowest = 2 ** (lowest - 1);
  return {
    code(x) {
      if (Math.abs(x) < halfLowest) return 0;
      const number = Math.min(exponent, Math.max(lowest, nearestExponent(x))) - lowest + 1;
      return isNegative(x) ? 8 | number : number;
    },
    value(_, code) {
      if (code === 0) return 0;
      const magnitude = 2 ** (lowest + (code & 7) - 1);
      return code & 8 ? -magnitude : magnitude;
    },
  };
}

/** Code 1 for +scale, 0 for -scale. */
export function binaryRow(scale: number): QuantizeOne {
  return {
    code: (x) => (x < 0 ? 0 : 1),
    value: (_, code) => (code === 1 ? scale : -scale),
  };
}

/** e with 2^e nearest to |x|, half way up; of numbers below 2^-126, -127 or -126; of NaN and infinity, 128. */
function nearestExponent(x: number): number {
  float[0] = x;
  return (((bits[0]! & 0x7fffffff) + 0x400000) >>> 23) - 127;
}

function isNegative(x: number): boolean {
  float[0] = x;
  return bits[0]! < 0;
}

function roundHalfEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

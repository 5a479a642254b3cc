/** A binary floating-point format of at most 16 bits: sign, exponent, mantissa; all formats here have subnormals. */
export interface Minifloat {
  readonly name: 'fp4' | 'fp6e2m3' | 'fp6e3m2' | 'fp8e4m3' | 'fp8e5m2' | 'fp16' | 'bf16';
  readonly bits: number;
  readonly mantissaBits: number;
  /** Exponent of the least normal number, 1 - bias. */
  readonly minExponent: number;
  /** Greatest finite number. */
  readonly max: number;
}

/**
 * FP8: Micikevicius et al. 2022 (E4M3FN has no infinities, one NaN per sign). FP4 and FP6: OCP Microscaling 1.0, section 5.3 (neither infinities nor
 * NaN). fp16: IEEE 754 binary16. bf16: the upper half of a binary32.
 */
export const MINIFLOATS: Readonly<Record<Minifloat['name'], Minifloat>> = {
  fp4: { name: 'fp4', bits: 4, mantissaBits: 1, minExponent: 0, max: 6 },
  fp6e2m3: { name: 'fp6e2m3', bits: 6, mantissaBits: 3, minExponent: 0, max: 7.5 },
  fp6e3m2: { name: 'fp6e3m2', bits: 6, mantissaBits: 2, minExponent: -2, max: 28 },
  fp8e4m3: { name: 'fp8e4m3', bits: 8, mantissaBits: 3, minExponent: -6, max: 448 },
  fp8e5m2: { name: 'fp8e5m2', bits: 8, mantissaBits: 2, minExponent: -14, max: 57344 },
  fp16: { name: 'fp16', bits: 16, mantissaBits: 10, minExponent: -14, max: 65504 },
  bf16: { name: 'bf16', bits: 16, mantissaBits: 7, minExponent: -126, max: (2 - 2 ** -7) * 2 ** 127 },
};

/** The finite number that a code stands for: sign, exponent and mantissa from the highest bit on. */
export function minifloatValue({ bits, mantissaBits, minExponent }: Minifloat, code: number): number {
  const sign = code >> (bits - 1) === 0 ? 1 : -1;
  const magnitude = code & (2 ** (bits - 1) - 1);
  const exponent = magnitude >> mantissaBits;
  const mantissa = magnitude & (2 ** mantissaBits - 1);
  // Subnormal numbers have the least exponent and no leading one.
  const significand = exponent === 0 ? mantissa : 2 ** mantissaBits + mantissa;
  return sign * significand * 2 ** (minExponent + Math.max(exponent, 1) - 1 - mantissaBits);
}

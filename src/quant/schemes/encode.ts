import type { EncodedScales, EncodedTensor } from '../EncodedTensor';
import type { AffineQuantizer, FloatQuantizer, Quantizer, TableQuantizer } from '../Quantizer';
import { logTable } from './log';
import { isUnit } from './storage';

/**
 * A quantized tensor ready to be stored.
 * @param codes as the kernel writes them: one per weight in tensor order; of vectors, [vectors][parts] in row order
 */
export function encode(quantizer: Quantizer, codes: Uint8Array | Uint16Array): EncodedTensor {
  const { bits } = quantizer;
  const scalars = { kind: 'scalars', bits, codes } as const;
  switch (quantizer.kind) {
    case 'affine':
      return { ...scalars, numbers: integers(quantizer), scales: scales(quantizer, quantizer.scales) };
    case 'log': {
      const powers = Float32Array.from(quantizer.exponents, (exponent) => 2 ** exponent);
      return { ...scalars, numbers: known(logTable(quantizer)), scales: scales(quantizer, powers) };
    }
    case 'binary': {
      const unit = isUnit(quantizer.scales);
      const numbers = known(Float32Array.of(-1, 1));
      return { ...scalars, numbers, scales: unit ? null : scales(quantizer, quantizer.scales) };
    }
    case 'float': {
      const numbers = { kind: 'float', format: quantizer.format.name } as const;
      return { ...scalars, numbers, scales: floatScales(quantizer) };
    }
    case 'table':
      return quantizer.fitted === 'entries'
        ? { ...scalars, numbers: { kind: 'table', entries: fullTables(quantizer), own: true }, scales: null }
        : {
            ...scalars,
            // Tables that differ in nothing but their thresholds are one.
            numbers: known(fullTables(quantizer).subarray(0, 2 ** bits)),
            scales: scales(quantizer, quantizer.scales),
          };
    case 'vector': {
      const { dimension, parts, codebooks, entries } = quantizer;
      return { kind: 'vectors', dimension, parts, bits, codes: codes as Uint8Array, codebooks, entries };
    }
  }
}

function known(entries: Float32Array) {
  return { kind: 'table', entries, own: false } as const;
}

function integers({ bits, qmin, zeroPoints }: AffineQuantizer) {
  const Codes = bits > 8 ? Uint16Array : Uint8Array;
  const points = zeroPoints && Codes.from(zeroPoints);
  return { kind: 'integer', signed: qmin < 0, zeroPoints: points } as const;
}

function scales({ groups }: Quantizer, values: Float32Array | Uint8Array): EncodedScales {
  const blocked = groups.perRow > 1;
  return { values, block: blocked ? groups.size : null };
}

function floatScales(quantizer: FloatQuantizer): EncodedScales | null {
  switch (quantizer.scaleType) {
    case 'float32':
      return scales(quantizer, quantizer.scales);
    case 'exponent':
      return scales(
        quantizer,
        Uint8Array.from(quantizer.scales, (scale) => Math.log2(scale) + 127),
      );
    case 'none':
      return null;
  }
}

/** Tables of 2^bits entries each; codes that are never written stand for 0. */
function fullTables({ entries, count, bits }: TableQuantizer): Float32Array {
  const full = new Float32Array((entries.length / count) * 2 ** bits);
  for (let table = 0; table * count < entries.length; table++)
    full.set(entries.subarray(table * count, (table + 1) * count), table * 2 ** bits);
  return full;
}

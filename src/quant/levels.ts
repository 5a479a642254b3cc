import type { Quantizer } from './Quantizer';
import { logTable } from './schemes/log';

/**
 * The values that codes stand for in one row (or group), ascending, each once.
 * @param group index into the quantizer's scales; 0 if there is one for the tensor
 */
export function levelsOf(quantizer: Quantizer, group: number): Float32Array {
  const values = new Set<number>();
  switch (quantizer.kind) {
    case 'affine': {
      const zeroPoint = quantizer.zeroPoints?.[group] ?? 0;
      for (let code = quantizer.qmin; code <= quantizer.qmax; code++)
        values.add(Math.fround((code - zeroPoint) * quantizer.scales[group]!));
      break;
    }
    case 'log':
      for (const entry of logTable(quantizer.count)) values.add(entry * 2 ** quantizer.exponents[group]!);
      break;
    case 'binary':
      values.add(-quantizer.scales[group]!).add(quantizer.scales[group]!);
  }
  return Float32Array.from(values).sort();
}

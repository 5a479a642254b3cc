import type { EncodedTensor } from './EncodedTensor';
import { scalesOf, type Quantizer } from './Quantizer';
import { logTable } from './schemes/log';

/**
 * A quantized tensor ready to be stored.
 * @param codes one per weight, in tensor order, as the kernel writes them
 */
export function encode(quantizer: Quantizer, codes: Uint8Array): EncodedTensor {
  const common = { bits: quantizer.bits, codes, scales: scalesOf(quantizer) };
  switch (quantizer.kind) {
    case 'affine':
      return {
        ...common,
        signed: quantizer.qmin < 0,
        table: null,
        zeroPoints: quantizer.zeroPoints && Uint8Array.from(quantizer.zeroPoints),
      };
    case 'log':
      return { ...common, signed: false, table: logTable(quantizer.count), zeroPoints: null };
    case 'binary':
      return { ...common, signed: false, table: Float32Array.of(-1, 1), zeroPoints: null };
  }
}

import type { EncodedTensor } from '../EncodedTensor';
import type { Quantizer } from '../Quantizer';
import { kindOf } from '../quantizers';

/**
 * A quantized tensor ready to be stored.
 * @param codes as the kernel writes them: one per weight in tensor order; of vectors, [vectors][parts] in row order
 */
export function encode(quantizer: Quantizer, codes: Uint8Array | Uint16Array): EncodedTensor {
  return kindOf(quantizer).encode(quantizer, codes);
}

/** From quantizers to calls of the kernel: a loop for each kind. */
import type { Quantizer } from '../../../quant/Quantizer';
import { affine } from './affine';
import { binary } from './binary';
import { float } from './float';
import { log } from './log';
import type { QuantizerLoop } from './QuantizerLoop';
import { table } from './table';
import { vector } from './vector';

const LOOPS: { readonly [K in Quantizer['kind']]: QuantizerLoop<Extract<Quantizer, { kind: K }>> } = {
  affine,
  log,
  binary,
  float,
  table,
  vector,
};

/** The loop that applies a quantizer. */
export function loopOf(quantizer: Quantizer): QuantizerLoop<Quantizer> {
  return LOOPS[quantizer.kind] as QuantizerLoop<Quantizer>;
}

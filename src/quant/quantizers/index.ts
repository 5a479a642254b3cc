import type { Quantizer } from '../Quantizer';
import { affine } from './affine';
import { binary } from './binary';
import { float } from './float';
import { log } from './log';
import type { QuantizerKind } from './QuantizerKind';
import { table } from './table';
import { vector } from './vector';

const KINDS: { readonly [K in Quantizer['kind']]: QuantizerKind<Extract<Quantizer, { kind: K }>> } = {
  affine,
  log,
  binary,
  float,
  table,
  vector,
};

export function kindOf(quantizer: Quantizer): QuantizerKind<Quantizer> {
  return KINDS[quantizer.kind] as QuantizerKind<Quantizer>;
}

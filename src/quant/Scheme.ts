import type { QuantizingSchemeId } from '../shared/scheme';
import { binary } from './schemes/binary';
import { int4, int8, int8PerTensor, uint8 } from './schemes/affine';
import { log4 } from './schemes/log';
import type { Quantizer } from './Quantizer';
import type { RowStats } from './RowStats';

/** Turns statistics of a tensor's rows into the quantizer for that tensor. Pure. */
export type Scheme = (stats: RowStats) => Quantizer;

export const SCHEMES: Readonly<Record<QuantizingSchemeId, Scheme>> = {
  int8,
  'int8/tensor': int8PerTensor,
  uint8,
  int4,
  log4,
  binary,
};

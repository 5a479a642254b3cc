import type { VectorQuantizer } from '../Quantizer';
import { distinct, ends, type QuantizerKind } from './QuantizerKind';

export const vector: QuantizerKind<VectorQuantizer> = {
  // Levels of single weights: any component of any entry.
  levels: ({ codebooks }) => distinct(codebooks),
  bounds: ({ codebooks }) => ends(distinct(codebooks)),
  sideBytes: ({ codebooks }) => codebooks.byteLength,
  encode: ({ dimension, parts, bits, codebooks, entries }, codes) => ({
    kind: 'vectors',
    dimension,
    parts,
    bits,
    codes: codes as Uint8Array,
    codebooks,
    entries,
  }),
};

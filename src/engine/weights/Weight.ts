import type { ChannelLayout } from '../../core/scheme/ChannelLayout';
import type { FileRange } from '../io/FileRange';

/** Element types that weights come in. */
export type FloatType = 'float32' | 'float16' | 'bfloat16' | 'float64';

export const ELEMENT_BYTES: Readonly<Record<FloatType, number>> = {
  float32: 4,
  float16: 2,
  bfloat16: 2,
  float64: 8,
};

/** The weight tensor of one layer, as the loops below need it. It can be sent to another thread. */
export interface Weight {
  readonly elementType: FloatType;
  readonly layout: ChannelLayout;
  /** Row-major elements, little endian, in the stored type: in memory if they are few, else where they lie in a file. */
  readonly content: Uint8Array | FileRange;
}

export function weightCount({ layout }: Weight): number {
  return layout.outer * layout.channels * layout.inner;
}

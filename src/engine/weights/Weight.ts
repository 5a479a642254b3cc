import type { ChannelLayout } from '../../core/scheme/ChannelLayout';

/** Element types that weights come in. */
export type FloatType = 'float32' | 'float16' | 'bfloat16' | 'float64';

export const ELEMENT_BYTES: Readonly<Record<FloatType, number>> = {
  float32: 4,
  float16: 2,
  bfloat16: 2,
  float64: 8,
};

/** The weight tensor of one layer, as the loops below need it. */
export interface Weight {
  readonly elementType: FloatType;
  readonly layout: ChannelLayout;
  /** Row-major elements, little endian, in the stored type. */
  bytes(): Uint8Array;
}

export function weightCount({ layout }: Weight): number {
  return layout.outer * layout.channels * layout.inner;
}

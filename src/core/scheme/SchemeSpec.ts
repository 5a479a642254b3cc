/** The types of schemes, for those who compute with them. */
export type { SchemeSpec, Family } from './families';
export type { AffineSpec } from './families/affine';
export type { AdditivePowersSpec } from './families/apot';
export type { BinarySpec } from './families/binary';
export type { CodebookSpec } from './families/codebook';
export type { DorefaSpec } from './families/dorefa';
export type { HalfSpec } from './families/half';
export type { LogSpec } from './families/log';
export type { MicroscalingSpec } from './families/microscaling';
export type { MinifloatSpec } from './families/minifloat';
export type { NormalFloatSpec } from './families/nf4';
export type { TernarySpec } from './families/ternary';
export type { VectorSpec } from './families/vector';
export type { Granularity } from './options/granularity';
export { MINMAX, type Range } from './options/range';

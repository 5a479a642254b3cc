/** The families of schemes, in the order in which they are listed. */
import { affine } from './affine';
import { apot } from './apot';
import { binary } from './binary';
import { codebook } from './codebook';
import { dorefa } from './dorefa';
import { float } from './float';
import { half } from './half';
import { log } from './log';
import { microscaling } from './microscaling';
import { minifloat } from './minifloat';
import { nf4 } from './nf4';
import type { SchemeFamily } from './SchemeFamily';
import { ternary } from './ternary';
import { vector } from './vector';

export const FAMILIES = {
  float,
  affine,
  half,
  nf4,
  minifloat,
  mx: microscaling,
  apot,
  log,
  dorefa,
  codebook,
  vector,
  ternary,
  binary,
};

/** How a weight is quantized, spelled out. Recipes, terminal and protocol carry the same as a short text, see `schemeSyntax`. */
export type SchemeSpec = SpecOf<(typeof FAMILIES)[keyof typeof FAMILIES]>;

type SpecOf<F> = F extends SchemeFamily<infer S> ? S : never;

export type Family = SchemeSpec['family'];

/** Families by themselves, where what holds for all of them is asked. */
export const ALL_FAMILIES = Object.values(FAMILIES) as readonly SchemeFamily<SchemeSpec>[];

export function familyOf(spec: SchemeSpec): SchemeFamily<SchemeSpec> {
  return FAMILIES[spec.family] as SchemeFamily<SchemeSpec>;
}

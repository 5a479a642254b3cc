import type { SchemeId } from '../../../src/core/scheme/scheme';

/** A scheme for a narrow place: `int4/block32/mse` is `int4` with `b32 mse` below it. */
export function shortScheme(scheme: SchemeId): { readonly format: string; readonly options: string } {
  const [format, ...options] = scheme.split('/');
  const short = options.map((option) =>
    option
      .replace(/^block/, 'b')
      .replace(/^channel$/, 'chan')
      .replace(/^stochastic/, 'rnd')
      .replace('sqrt2', '√2'),
  );
  return { format: format!, options: short.join(' ') };
}

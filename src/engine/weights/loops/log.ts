import type { LogQuantizer } from '../../../quant/Quantizer';
import { scalarLoop, spread } from './scalarLoop';

export const log = scalarLoop<LogQuantizer>({
  bind({ kernel, memory }, block, quantizer, { first, units }) {
    const { count, bits, exponents } = quantizer;
    spread(memory.int32(first, units), exponents, block, quantizer);
    return ({ src, unit, rows, cols, codes, values, stats }) =>
      kernel.logRows(src, rows, cols, first + unit * 4, count, 2 ** (bits - 1), codes, values, stats);
  },
});

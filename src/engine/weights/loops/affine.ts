import type { AffineQuantizer } from '../../../quant/Quantizer';
import { scalarLoop, spread, spreadScales } from './scalarLoop';

export const affine = scalarLoop<AffineQuantizer>({
  bind(workspace, block, quantizer, parameters) {
    const { kernel, memory } = workspace;
    const { qmin, qmax, zeroPoints } = quantizer;
    const { first, second, units } = parameters;
    spreadScales(workspace, block, quantizer, parameters);
    if (zeroPoints) spread(memory.int32(second, units), zeroPoints, block, quantizer);
    else memory.int32(second, units).fill(0);
    return ({ src, unit, rows, cols, codes, codeBytes, values, stats }) =>
      kernel.affineRows(
        ...([src, rows, cols, first + unit * 4, second + unit * 4, qmin, qmax] as const),
        ...([codes, codeBytes, values, stats] as const),
      );
  },
});

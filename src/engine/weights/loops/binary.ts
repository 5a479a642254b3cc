import type { BinaryQuantizer } from '../../../quant/Quantizer';
import { scalarLoop, spreadScales } from './scalarLoop';

export const binary = scalarLoop<BinaryQuantizer>({
  bind(workspace, block, quantizer, parameters) {
    const { kernel } = workspace;
    const { first } = parameters;
    const { seed } = quantizer;
    spreadScales(workspace, block, quantizer, parameters);
    if (seed === null)
      return ({ src, unit, rows, cols, codes, values, stats }) =>
        kernel.binaryRows(src, rows, cols, first + unit * 4, codes, values, stats);
    // Chance follows from where a weight is in the tensor, and so not from how it is cut into blocks.
    const before = block.row * block.cols;
    return ({ src, start, unit, rows, cols, codes, values, stats }) =>
      kernel.stochasticRows(
        ...([src, rows, cols, first + unit * 4, seed, before + start] as const),
        ...([codes, values, stats] as const),
      );
  },
});

import type { FloatQuantizer } from '../../../quant/Quantizer';
import { scalarLoop, spreadScales } from './scalarLoop';

export const float = scalarLoop<FloatQuantizer>({
  bind(workspace, block, quantizer, parameters) {
    const { kernel } = workspace;
    const { first } = parameters;
    const { mantissaBits, minExponent, max, bits } = quantizer.format;
    spreadScales(workspace, block, quantizer, parameters);
    return ({ src, unit, rows, cols, codes, codeBytes, values, stats }) =>
      kernel.floatRows(
        ...([src, rows, cols, first + unit * 4, mantissaBits, minExponent, max, 2 ** (bits - 1)] as const),
        ...([codes, codeBytes, values, stats] as const),
      );
  },
});

import type { TableQuantizer } from '../../../quant/Quantizer';
import { scalarLoop, spreadScales } from './scalarLoop';

/** One table for all, or those of the block's units, with their thresholds behind them. */
export const table = scalarLoop<TableQuantizer>({
  bind(workspace, block, quantizer, parameters) {
    const { kernel, memory } = workspace;
    const { entries, thresholds, count, groups } = quantizer;
    const { first: scales, second: levels, units } = parameters;
    spreadScales(workspace, block, quantizer, parameters);
    const stride = isShared(quantizer) ? 0 : count;
    const from = block.row * groups.perRow * stride;
    const length = entriesFor(quantizer, units);
    const edges = levels + length * 4;
    memory.float32(levels, length).set(entries.subarray(from, from + length));
    memory.float32(edges, length).set(thresholds.subarray(from, from + length));
    return ({ src, unit, rows, cols, codes, values, stats }) => {
      const offset = unit * stride * 4;
      kernel.tableRows(
        ...([src, rows, cols, scales + unit * 4, edges + offset, levels + offset, count, stride] as const),
        ...([codes, values, stats] as const),
      );
    };
  },
  tableBytes: (quantizer, units) => 8 * entriesFor(quantizer, units),
});

function isShared({ entries, count }: TableQuantizer): boolean {
  return entries.length === count;
}

function entriesFor(quantizer: TableQuantizer, units: number): number {
  return isShared(quantizer) ? quantizer.count : quantizer.count * units;
}

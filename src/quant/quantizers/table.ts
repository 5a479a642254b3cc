import type { TableQuantizer } from '../Quantizer';
import {
  distinct,
  encodedScales,
  ends,
  FLOAT_BYTES,
  scaledLevels,
  sharedTable,
  unscaled,
  type QuantizerKind,
} from './QuantizerKind';

export const table: QuantizerKind<TableQuantizer> = {
  levels: (quantizer, group) => scaledLevels(entriesOf(quantizer, group), quantizer.scales[group]!),
  bounds: (quantizer, group) => {
    const [lowest, highest] = ends(entriesOf(quantizer, group));
    const scale = quantizer.scales[group]!;
    return [Math.fround(lowest * scale), Math.fround(highest * scale)];
  },
  sideBytes: ({ groups, fitted, entries }) =>
    fitted === 'scales' ? groups.count * FLOAT_BYTES : entries.byteLength,
  encode: (quantizer, codes) => {
    const { bits, fitted, scales } = quantizer;
    const tables = fullTables(quantizer);
    const scalars = { kind: 'scalars', bits, codes } as const;
    if (fitted === 'entries')
      return { ...scalars, numbers: { kind: 'table', entries: tables, own: true }, scales: null };
    // Tables that differ in nothing but their thresholds are one.
    const numbers = sharedTable(tables.subarray(0, 2 ** bits));
    return { ...scalars, numbers, scales: encodedScales(quantizer, scales) };
  },
};

/** The entries of a group's table, ascending, each once. */
function entriesOf(quantizer: TableQuantizer, group: number): Float32Array {
  const { entries, count } = quantizer;
  if (entries.length === count) return unscaled(quantizer, () => entries);
  return distinct(entries.subarray(group * count, (group + 1) * count));
}

/** Tables of 2^bits entries each; codes that are never written stand for 0. */
function fullTables({ entries, count, bits }: TableQuantizer): Float32Array {
  const full = new Float32Array((entries.length / count) * 2 ** bits);
  for (let index = 0; index * count < entries.length; index++)
    full.set(entries.subarray(index * count, (index + 1) * count), index * 2 ** bits);
  return full;
}

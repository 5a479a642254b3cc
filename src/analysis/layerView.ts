import type { LayerViewRequest } from '../shared/engineApi';
import type { LayerView } from '../shared/measures';
import { UserError } from '../shared/UserError';
import { allLevels, levelBounds, levelsOf } from '../quant/levels';
import { groupCount, scalesOf, type Quantizer } from '../quant/Quantizer';
import type { RowStats } from '../quant/RowStats';
import { SCHEMES } from '../quant/Scheme';
import { sqnrDb } from '../quant/weightError';
import { storageBytes } from '../quant/storage';
import { histogramRange } from './analyseLayer';
import { ErrorAccumulator } from './ErrorAccumulator';
import { ErrorMap } from './ErrorMap';
import { rowStats } from './rowStats';
import { weightCount, type Weight } from './Weight';
import { groupOf, type Workbench } from './Workbench';

/** More levels than this cannot be told apart on any screen. */
const MOST_LEVELS = 4096;

/**
 * Everything that the editor draws for one layer under one scheme.
 * @throws UserError if the layer has weights that are no numbers, or the request is out of bounds
 */
export function layerView(
  bench: Workbench,
  weight: Weight,
  request: LayerViewRequest,
  bytesBefore: number,
): LayerView {
  checkRequest(request, weight);
  const { layer: name, scheme, channel, bins } = request;
  const count = weightCount(weight);
  const stats = rowStats(bench, weight);
  if ('problem' in stats) throw new UserError(stats.problem);

  const { lo, hi } = histogramRange(channel === null ? stats : onlyRow(stats, channel));
  const counts = new Uint32Array(bins);
  const quantizer = scheme === 'float' ? null : SCHEMES[scheme](stats);
  const bounds =
    quantizer && Array.from({ length: groupCount(quantizer) }, (_, group) => levelBounds(quantizer, group));
  const errors = new ErrorAccumulator();
  const channelSqnrDb = new Float32Array(quantizer ? weight.layout.channels : 0);
  const map = new ErrorMap(weight.layout.channels, stats.cols, request.mapRows, request.mapColumns);
  let clipped = 0;

  for (const block of bench.blocks(weight)) {
    const { row, rows, cols } = block;
    if (channel === null) bench.histogram(0, rows * cols, lo, hi, counts);
    else if (channel >= row && channel < row + rows)
      bench.histogram((channel - row) * cols, cols, lo, hi, counts);
    if (!quantizer || !bounds) continue;
    const blockStats = bench.quantize(block, quantizer, { values: true });
    errors.add(blockStats);
    for (let r = 0; r < rows; r++)
      channelSqnrDb[row + r] = sqnrDb(stats.sumSquares[row + r]!, blockStats[3 * r]!) ?? Infinity;
    map.add(bench, block);
    clipped += countClipped(bench.weights(block), row, cols, (r) => bounds[groupOf(quantizer, r)]!, channel);
  }

  return {
    name,
    scheme,
    channel,
    histogram: { lo, hi, counts },
    levels: quantizer ? levelsToDraw(quantizer, channel) : new Float32Array(0),
    clipped,
    errorMap: map.result(),
    channelSqnrDb,
    scales: quantizer ? scalesOf(quantizer) : new Float32Array(0),
    zeroPoints: quantizer?.kind === 'affine' ? quantizer.zeroPoints : null,
    error: quantizer && errors.result(stats, quantizer),
    bytesBefore,
    bytesAfter: quantizer ? storageBytes(quantizer, count) : bytesBefore,
  };
}

function checkRequest({ channel, bins, mapRows, mapColumns }: LayerViewRequest, { layout }: Weight): void {
  const whole = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most;
  if (channel !== null && !whole(channel, 0, layout.channels - 1))
    throw new UserError(`The layer has no channel ${channel}; it has ${layout.channels}.`);
  if (!whole(bins, 1, 4096) || !whole(mapRows, 1, 1024) || !whole(mapColumns, 1, 1024))
    throw new UserError('A layer view has 1 to 4,096 bins and an error map of 1 to 1,024 rows and columns.');
}

function onlyRow({ min, max }: RowStats, row: number): { min: Float64Array; max: Float64Array } {
  return { min: min.subarray(row, row + 1), max: max.subarray(row, row + 1) };
}

/** Levels of one channel, or of all of them together. */
function levelsToDraw(quantizer: Quantizer, channel: number | null): Float32Array {
  return channel === null && groupCount(quantizer) > 1
    ? allLevels(quantizer, MOST_LEVELS)
    : levelsOf(quantizer, groupOf(quantizer, channel ?? 0));
}

/** Weights outside their row's levels; of one row only, if `channel` names it. */
function countClipped(
  weights: Float32Array,
  firstRow: number,
  cols: number,
  boundsOf: (row: number) => readonly [lowest: number, highest: number],
  channel: number | null,
): number {
  let clipped = 0;
  const rows = cols === 0 ? 0 : weights.length / cols;
  for (let r = 0; r < rows; r++) {
    if (channel !== null && channel !== firstRow + r) continue;
    const [lowest, highest] = boundsOf(firstRow + r);
    for (let i = r * cols; i < (r + 1) * cols; i++)
      if (weights[i]! < lowest || weights[i]! > highest) clipped++;
  }
  return clipped;
}

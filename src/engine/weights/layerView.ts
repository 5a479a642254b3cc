import type { LayerViewRequest } from '../../protocol/engineApi';
import type { LayerView } from '../../core/measure/layerView';
import { FLOAT, specOf, type SchemeId } from '../../core/scheme/scheme';
import { UserError } from '../../base/UserError';
import { fitQuantizer } from '../../quant/schemes/fitQuantizer';
import { absMax, type GroupStats } from '../../quant/GroupStats';
import { outerBounds, thinned } from '../../quant/schemes/levels';
import type { Quantizer } from '../../quant/Quantizer';
import { decibels, toNumber } from '../../core/measure/Decibels';
import { storageBytes } from '../../quant/schemes/storage';
import { histogramRange } from './analyseLayer';
import { ClippedCount } from './ClippedCount';
import { ErrorAccumulator } from './ErrorAccumulator';
import { ErrorMap } from './ErrorMap';
import { quantizingSpec } from './measureScheme';
import { scalesToShow } from './scalesToShow';
import { vectorPairs } from './vectorPairs';
import { weightCount, type Weight } from './Weight';
import type { WeightPasses } from './WeightPasses';
import { type WeightKernel } from './WeightKernel';
import type { Pause } from '../../base/pauses';
import { ERROR_STATS, unitsPerRow } from './errorStats';

/** More levels than this cannot be told apart on any screen. */
const MAX_LEVELS = 4096;

/**
 * Everything that the editor draws for one layer under one scheme.
 * @throws UserError if the request is out of bounds
 */
export async function layerView(
  weightKernel: WeightKernel,
  passes: WeightPasses,
  request: LayerViewRequest,
  bytesBefore: number,
  pause: Pause,
): Promise<LayerView> {
  const { weight } = passes;
  checkRequest(request, weight);
  const { layer: name, scheme, channel, bins } = request;
  const channelStats = passes.stats('channel');
  const { lo, hi } = histogramRange(channel === null ? channelStats : onlyRow(channelStats, channel));
  const histogram = { lo, hi, counts: countWeights(weightKernel, passes, channel, lo, hi, bins) };
  const common = { name, scheme, channel, histogram, bytesBefore };
  if (scheme === FLOAT) return { ...common, ...untouched(weight), bytesAfter: bytesBefore };

  const quantizer = await fitQuantizer(quantizingSpec(scheme), passes, pause);
  const measured = measure(weightKernel, passes, quantizer, request);
  const groups = shownGroups(quantizer, channel);
  return {
    ...common,
    ...measured,
    levels: quantizer.kind === 'vector' ? new Float32Array(0) : thinned(groups, quantizer, MAX_LEVELS),
    clip: clipMarks(scheme, quantizer, groups, lo, hi),
    vectors: quantizer.kind === 'vector' ? vectorPairs(weightKernel, passes, quantizer) : null,
    ...scalesToShow(quantizer),
    bytesAfter: storageBytes(quantizer),
  };
}

/** The view of a layer that is not quantized. */
function untouched(weight: Weight) {
  const none = new Float32Array(0);
  const { channels, outer, inner } = weight.layout;
  return {
    levels: none,
    clip: null,
    vectors: null,
    clipped: 0,
    errorMap: new ErrorMap(channels, outer * inner, 1, 1).result(),
    channelSqnrDb: none,
    scales: none,
    zeroPoints: null,
    error: null,
  };
}

function measure(
  weightKernel: WeightKernel,
  passes: WeightPasses,
  quantizer: Quantizer,
  request: LayerViewRequest,
) {
  const { rows, cols } = passes;
  const { sumSquares } = passes.stats('channel');
  const errors = new ErrorAccumulator(quantizer);
  const channelSqnrDb = new Float32Array(rows);
  const map = new ErrorMap(rows, cols, request.mapRows, request.mapColumns);
  const clipped = new ClippedCount(quantizer, request.channel);
  const units = unitsPerRow(quantizer.groups);
  for (const block of passes.blocks()) {
    const stats = weightKernel.quantize(block, quantizer, { codes: true, values: true });
    for (let r = 0; r < block.rows; r++) {
      let noise = 0;
      for (let unit = r * units; unit < (r + 1) * units; unit++) noise += stats[unit * ERROR_STATS]!;
      channelSqnrDb[block.row + r] = toNumber(decibels(sumSquares[block.row + r]!, noise, 'exact'));
    }
    errors.add(weightKernel, block, stats);
    map.add(weightKernel, block);
    clipped.add(weightKernel.weights(block), block);
  }
  return {
    clipped: clipped.count,
    errorMap: map.result(),
    channelSqnrDb,
    error: errors.result(passes.stats('channel')),
  };
}

function countWeights(
  weightKernel: WeightKernel,
  passes: WeightPasses,
  channel: number | null,
  lo: number,
  hi: number,
  bins: number,
): Uint32Array {
  if (channel === null) return passes.histogram(lo, hi, bins);
  const counts = new Uint32Array(bins);
  for (const block of passes.blocks()) {
    const { row, rows, cols } = block;
    if (channel >= row && channel < row + rows)
      weightKernel.histogram(block, (channel - row) * cols, cols, lo, hi, counts);
  }
  return counts;
}

/** The groups whose levels are drawn: of the whole layer or of one channel. */
function shownGroups({ groups: { count, perRow } }: Quantizer, channel: number | null): number[] {
  if (perRow === 0) return [0];
  const length = channel === null ? count : perRow;
  return Array.from({ length }, (_, i) => (channel ?? 0) * perRow + i);
}

/** The ends of the levels that reach furthest, beside the weights' own, where the scheme has a range to be clipped. */
function clipMarks(
  scheme: SchemeId,
  quantizer: Quantizer,
  groups: readonly number[],
  least: number,
  greatest: number,
): LayerView['clip'] {
  const spec = specOf(scheme);
  if (!('range' in spec)) return null;
  const [lower, upper] = outerBounds(groups, quantizer);
  if (spec.family === 'affine' && !spec.symmetric)
    return { lower, upper, least: Math.min(least, 0), greatest: Math.max(greatest, 0) };
  // A symmetric range is measured by the largest magnitude on both sides.
  const magnitude = absMax(wholeOf(least, greatest), 0);
  return { lower, upper, least: -magnitude, greatest: magnitude };
}

function wholeOf(least: number, greatest: number): GroupStats {
  return { min: Float64Array.of(least), max: Float64Array.of(greatest) } as GroupStats;
}

function checkRequest({ channel, bins, mapRows, mapColumns }: LayerViewRequest, weight: Weight): void {
  const { channels } = weight.layout;
  const whole = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most;
  if (channel !== null && !whole(channel, 0, channels - 1))
    throw new UserError(`The layer has no channel ${channel}; it has ${channels}.`);
  if (weightCount(weight) === 0) throw new UserError('The layer has no weights.');
  if (!whole(bins, 1, 4096) || !whole(mapRows, 1, 1024) || !whole(mapColumns, 1, 1024))
    throw new UserError('A layer view has 1 to 4,096 bins and an error map of 1 to 1,024 rows and columns.');
}

function onlyRow({ min, max }: GroupStats, row: number): { min: Float64Array; max: Float64Array } {
  return { min: min.subarray(row, row + 1), max: max.subarray(row, row + 1) };
}

import { quoted } from '../../../base/quoted';
import { UserError } from '../../../base/UserError';
import type { ChannelLayout } from '../../../core/scheme/ChannelLayout';
import type { EqualizationPair, Reader } from '../../../onnx/equalize/EqualizationPair';
import { elementCount } from '../../../onnx/file/shapes';
import { withOutputs } from '../../../onnx/subgraph/withOutputs';
import { ChannelStats } from '../../../quant/equalization/ChannelStats';
import type { SampleList } from '../../data/calibrationSamples';
import type { OpenModel } from '../../formats/OpenModel';
import { RuntimeModel, valueOf } from '../../runtime/RuntimeModel';

/** Magnitudes of what each reader of a pair reads. */
export type ReaderStats = ReadonlyMap<Reader, ChannelStats>;

/**
 * Runs the float model on samples, one at a time, and measures the channels of what layers read.
 * @param step called before each sample with how many are done; may throw to stop
 * @throws UserError if the model does not run on a sample, or an activation has other channels than its readers' weights
 */
export async function observeChannels(
  { graph, files }: OpenModel,
  pairs: readonly EqualizationPair[],
  samples: SampleList,
  step: (done: number) => Promise<void>,
): Promise<ReaderStats> {
  const byInput = new Map<string, ChannelStats>();
  const stats = new Map<Reader, ChannelStats>();
  const observed = new Map<ChannelStats, Reader>();
  for (const { channels, readers } of pairs)
    for (const reader of readers) {
      // Readers of one activation mostly see the same channels in it.
      const key = JSON.stringify([reader.input, channels, reader.place]);
      const shared = byInput.get(key) ?? new ChannelStats(channels);
      byInput.set(key, shared);
      stats.set(reader, shared);
      observed.set(shared, reader);
    }
  const inputs = [...observed.values()].map(({ input }) => input);
  const runtime = await RuntimeModel.load(withOutputs(graph, files, inputs));
  try {
    let done = 0;
    for (const sample of samples.read()) {
      await step(done++);
      const values = new Map([...sample, ...(await runtime.runTensors(sample))]);
      for (const [each, reader] of observed) {
        const tensor = values.get(reader.input);
        if (!tensor) throw new UserError(`The activation ${quoted(reader.input)} is no tensor.`);
        const { shape, data } = valueOf(tensor);
        each.add(data as ArrayLike<number>, layoutOf(shape, reader, each.channels));
      }
    }
  } finally {
    await runtime.release();
  }
  return stats;
}

/** @throws UserError if the activation has no such channels */
function layoutOf(shape: readonly number[], { input, place }: Reader, channels: number): ChannelLayout {
  const axis = place.axis < 0 ? shape.length + place.axis : place.axis;
  const each = (shape[axis] ?? 0) / channels;
  if (!Number.isInteger(each) || each === 0)
    throw new UserError(
      `The activation ${quoted(input)} is [${shape.join(', ')}], which has not ${channels} channels.`,
    );
  const outer = elementCount(shape.slice(0, axis));
  return { outer, channels, inner: each * elementCount(shape.slice(axis + 1)) };
}

import type { Tensor } from 'onnxruntime-node';
import type { BiasPlace } from '../../../onnx/read/biasPlace';
import { withOutputs } from '../../../onnx/subgraph/withOutputs';
import { channelSums, type ChannelSums } from '../../../quant/bias/ChannelSums';
import type { Sample } from '../../data/Sample';
import type { OpenModel } from '../../formats/OpenModel';
import { RuntimeModel, valueOf } from '../../runtime/RuntimeModel';

/** The axis of channels in what a layer's node gives, from the first one. */
export function channelAxis({ axis }: BiasPlace, { dims }: Tensor): number {
  return axis === -1 ? dims.length - 1 : axis;
}

/** Sums of what a layer's node gave; null if it has not the channels that the layer's bias has. */
export function sumsOf(place: BiasPlace, tensor: Tensor): ChannelSums | null {
  const axis = channelAxis(place, tensor);
  if (tensor.dims[axis] !== place.channels) return null;
  const { data, shape } = valueOf(tensor);
  return channelSums(data as ArrayLike<number>, shape, axis);
}

/**
 * Runs a model once on each sample and sums up what layers give, of which nothing is kept.
 * @param pause called before each sample with how many are done; may throw to stop
 * @returns by layer, sample by sample
 * @throws UserError if it does not run
 */
export async function outputSums(
  { graph, files }: Pick<OpenModel, 'graph' | 'files'>,
  samples: Iterable<Sample>,
  places: ReadonlyMap<string, BiasPlace>,
  pause: (done: number) => Promise<void>,
): Promise<ReadonlyMap<string, readonly (ChannelSums | null)[]>> {
  const sums = new Map([...places.keys()].map((layer) => [layer, [] as (ChannelSums | null)[]]));
  const names = [...places.values()].map(({ node }) => node.output[0]!);
  const runtime = await RuntimeModel.load(withOutputs(graph, files, names));
  try {
    let done = 0;
    for (const sample of samples) {
      await pause(done++);
      const results = await runtime.runTensors(sample);
      for (const [layer, place] of places) {
        const tensor = results.get(place.node.output[0]!);
        sums.get(layer)!.push(tensor ? sumsOf(place, tensor) : null);
      }
    }
  } finally {
    await runtime.release();
  }
  return sums;
}

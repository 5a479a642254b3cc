import type { Tensor } from 'onnxruntime-node';
import { buildReaders } from '../../../onnx/subgraph/buildReaders';
import type { ReadersPlan } from '../../../onnx/subgraph/planReaders';
import type { QuantizerCost } from '../../../quant/activations/refineQuantizer';
import type { AffineQuantizer } from '../../../quant/Quantizer';
import type { OpenModel } from '../../models/OpenModels';
import { RuntimeModel, toTensor } from '../../runtime/RuntimeModel';

/** Values of the float model on one sample, by name: the activation, the plan's cut and its outputs. */
export type ReaderValues = ReadonlyMap<string, Tensor>;

/**
 * Measures what quantizers of an activation do to the results of its readers, by running these alone: noise over signal, summed over
 * the results. The readers' weights are float.
 * @param use gets the cost, which holds until it is done
 * @throws UserError if the part does not run
 */
export async function withReaderErrors<T>(
  { graph, files }: Pick<OpenModel, 'graph' | 'files'>,
  plan: ReadersPlan,
  signed: boolean,
  samples: readonly ReaderValues[],
  use: (cost: QuantizerCost) => Promise<T>,
): Promise<T> {
  const first = samples[0]!;
  const types = new Map(plan.cut.map((name) => [name, first.get(name)!.type as string]));
  const part = buildReaders(graph, files, plan, types, signed);
  const measured = plan.outputs.filter((name) => first.get(name)?.type === 'float32');
  const signals = measured.map((name) => samples.reduce((sum, values) => sum + power(values.get(name)!), 0));
  // Codes that stand for numbers, whatever this machine's kernels make of them.
  const runtime = await RuntimeModel.load(part.bytes, { integerKernels: false });
  try {
    return await use(async (quantizer) => {
      const noises = measured.map(() => 0);
      for (const values of samples) {
        const feeds = new Map(plan.cut.map((name) => [name, values.get(name)!]));
        feeds.set(part.activation, values.get(plan.tensor)!);
        feeds.set(part.scale, toTensor({ type: 'float32', shape: [], data: quantizer.scales }));
        feeds.set(part.zeroPoint, zeroPointOf(quantizer, signed));
        const results = await runtime.runTensors(feeds);
        measured.forEach((name, i) => {
          noises[i]! += distance(values.get(name)!, results.get(name)!);
        });
      }
      return noises.reduce((sum, noise, i) => sum + (signals[i]! > 0 ? noise / signals[i]! : 0), 0);
    });
  } finally {
    await runtime.release();
  }
}

function zeroPointOf({ zeroPoints }: AffineQuantizer, signed: boolean): Tensor {
  const data = Float64Array.of(zeroPoints?.[0] ?? 0);
  return toTensor({ type: signed ? 'int8' : 'uint8', shape: [], data });
}

function power({ data }: Tensor): number {
  let sum = 0;
  for (const value of data as Float32Array) sum += value * value;
  return sum;
}

/** Sum of squared differences; infinite where one is no number. */
function distance({ data: a }: Tensor, { data: b }: Tensor): number {
  const [x, y] = [a as Float32Array, b as Float32Array];
  if (x.length !== y.length) return Infinity;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! - y[i]!) ** 2;
  return Number.isNaN(sum) ? Infinity : sum;
}

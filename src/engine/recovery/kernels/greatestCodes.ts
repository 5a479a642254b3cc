import type { Tensor } from 'onnxruntime-node';
import type { Pause } from '../../../base/pauses';
import { quoted } from '../../../base/quoted';
import { UserError } from '../../../base/UserError';
import { intOf } from '../../../onnx/graph/nodes';
import type { ActivationPlan, IntegerNode } from '../../../onnx/qdq/planActivations';
import { withOutputs } from '../../../onnx/subgraph/withOutputs';
import { GREATEST_CODE } from '../../../quant/integer/pairSums';
import type { AffineQuantizer } from '../../../quant/Quantizer';
import type { SampleList } from '../../data/calibrationSamples';
import type { OpenModel } from '../../formats/OpenModel';
import { RuntimeModel } from '../../runtime/RuntimeModel';

/**
 * Other samples may have activations that are larger by so much: with a quarter more than 24 lines of text have, a direction classifier
 * still overflowed on others of 120 lines, with half more on none.
 */
const MARGIN = 1.5;

/**
 * The greatest codes that layers read, channel by channel, on samples and somewhat beyond. Most channels stay far below the range of their
 * tensor.
 * @param layers whose nodes read unsigned codes
 * @param pause called before each sample; may throw to stop
 * @returns by layer, one code for each input channel
 * @throws UserError if the model does not run
 */
export async function greatestCodes(
  { graph, files }: Pick<OpenModel, 'graph' | 'files'>,
  { nodes, scaledAs }: ActivationPlan,
  layers: ReadonlySet<string>,
  scales: ReadonlyMap<string, AffineQuantizer>,
  samples: SampleList,
  pause: Pause,
): Promise<Map<string, Uint8Array>> {
  const readers = nodes.filter(({ layer }) => layers.has(layer));
  const greatest = new Map<string, Float32Array>();
  const inputs = readers.map(({ input }) => input);
  const runtime = await RuntimeModel.load(withOutputs(graph, files, inputs));
  try {
    for (const sample of samples.read()) {
      await pause();
      const values = new Map([...sample, ...(await runtime.runTensors(sample))]);
      for (const reader of readers) {
        const tensor = values.get(reader.input);
        if (!tensor) throw new UserError(`The activation ${quoted(reader.input)} is no tensor.`);
        greatest.set(
          reader.layer,
          greatestValues(tensor, channelAxis(reader, tensor), greatest.get(reader.layer)),
        );
      }
    }
  } finally {
    await runtime.release();
  }
  const quantizers = new Map(
    readers.map(({ layer, input }) => [layer, scales.get(scaledAs.get(input) ?? input)!]),
  );
  return new Map([...greatest].map(([layer, values]) => [layer, codesOf(values, quantizers.get(layer)!)]));
}

function channelAxis({ node }: IntegerNode, { dims }: Tensor): number {
  if (node.opType === 'Conv') return 1;
  return node.opType === 'Gemm' && intOf(node, 'transA') !== 0 ? 0 : dims.length - 1;
}

/** @param before values that are to be exceeded; zeros at first, which padding and any quantizer have */
function greatestValues({ dims, data }: Tensor, axis: number, before?: Float32Array): Float32Array {
  const channels = dims[axis]!;
  const inner = dims.slice(axis + 1).reduce((product, size) => product * size, 1);
  const values = data as Float32Array;
  const greatest = before ?? new Float32Array(channels);
  for (let start = 0, run = 0; start < values.length; start += inner, run++) {
    let most = greatest[run % channels]!;
    for (let i = start; i < start + inner; i++) if (values[i]! > most) most = values[i]!;
    greatest[run % channels] = most;
  }
  return greatest;
}

function codesOf(values: Float32Array, { scales, zeroPoints }: AffineQuantizer): Uint8Array {
  const zero = zeroPoints?.[0] ?? 0;
  return Uint8Array.from(values, (value) =>
    Math.min(GREATEST_CODE, zero + Math.ceil((MARGIN * value) / scales[0]!)),
  );
}

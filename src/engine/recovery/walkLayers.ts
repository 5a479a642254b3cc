/** A walk through a model's layers, each met in the model as the visits before it have left it. */
import type { NodeProto, TensorProto } from 'onnx-buf';
import type { Tensor } from 'onnxruntime-node';
import { elementTypeName } from '../../onnx/file/elementTypes';
import { makeTensor, toBytes } from '../../onnx/file/protos';
import { tensorShape } from '../../onnx/file/shapes';
import { buildSegment } from '../../onnx/subgraph/buildSegment';
import { planWalk, type VisitAt, type WalkSegment, type WalkSite } from '../../onnx/subgraph/planWalk';
import type { Layer } from '../../onnx/read/findLayers';
import type { SampleList } from '../data/calibrationSamples';
import type { OpenModel } from '../formats/OpenModel';
import { RuntimeModel, toTensor } from '../runtime/RuntimeModel';
import { addAlong } from './addAlong';
import { LiveValues } from './LiveValues';

/** Of live values, where nothing else is said: 512 MB. */
const MAX_BYTES = 2 ** 29;

export interface WalkOptions {
  /** Before a layer's nodes compute, where it can get another weight, or behind them, where numbers can be added to what they give. */
  readonly at: VisitAt;
  /** Layers to visit. */
  readonly layers: ReadonlySet<string>;
  /** Whether the values of the unchanged model are carried along, for as much time again. */
  readonly reference?: boolean;
  /** Whether the walk goes on to the model's outputs. */
  readonly outputs?: boolean;
  /** Of values that are held at a time; the last samples are given up beyond, but never the first. */
  readonly maxBytes?: number;
  /** Whether nodes between quantizers compute in integers; by default in float what the codes stand for, as is exact on all machines. */
  readonly integerKernels?: boolean;
}

/** A layer with what it reads, and gives if it is visited behind its nodes; until the visit is over. */
export interface LayerTurn {
  readonly layer: string;
  /** The nodes that compute with its weight. */
  readonly nodes: readonly NodeProto[];
  /** Samples that are still walked: these places in their list. */
  readonly samples: number;
  /** A value in the model as it is changed so far. @throws UserError if it is no tensor */
  value(name: string, sample: number): Tensor;
  /** The same in the unchanged model; only where that is carried along. */
  reference(name: string, sample: number): Tensor;
}

/** The model goes on with this; null for no change. */
export type LayerChange =
  /** In the order of the tensor, dequantized. */
  | { readonly weight: Float32Array }
  /** A number for each index along an axis of what its node gives. */
  | { readonly added: Float32Array; readonly axis: number }
  | null;

export interface Walked {
  /** Layers that were not visited: name to reason, as the end of a sentence. */
  readonly left: ReadonlyMap<string, string>;
  /** Samples that went all the way. */
  readonly samples: number;
  /** The model's outputs on each, if they were wanted. */
  readonly outputs: readonly ReadonlyMap<string, Tensor>[];
}

/**
 * Goes through layers in the order in which they compute, and hands over each with what it reads on the samples, in the model as changed so far: the
 * whole walk computes every node about once for each sample. Layers whose inputs are there at the same time are visited one after the other
 * with the same values.
 * @param model its graph may be a rewritten one, in which weights have the names that they have in `layers`
 * @param pause called with the part that is done before each sample of each segment; may throw to stop
 * @throws UserError if the model does not run on a sample
 */
export async function walkLayers(
  { graph, files, layers }: Pick<OpenModel, 'graph' | 'files' | 'layers'>,
  samples: Pick<SampleList, 'read'>,
  options: WalkOptions,
  visit: (turn: LayerTurn) => Promise<LayerChange>,
  pause: (fraction: number) => Promise<void>,
): Promise<Walked> {
  const { at, reference = false, outputs = false, maxBytes = MAX_BYTES, integerKernels = false } = options;
  const weights = [...options.layers].map((name) => [name, layers.get(name)!.constant.name] as const);
  const { segments, left } = planWalk(graph, new Map(weights), { at, outputs });
  const live = new LiveValues(maxBytes);
  const changed = new Map<string, TensorProto>();
  const read = new Set(segments.flatMap(({ reads, ends }) => [...reads, ...ends]));
  const results = outputs ? graph.model.graph.output.map(({ name }) => name) : [];
  for (const name of results) read.add(name);
  for (const sample of samples.read()) if (!live.addSample(sample, read)) break;
  for (const [i, segment] of segments.entries()) {
    const step = (part: number) => pause((i + part) / segments.length);
    if (segment.gives.length > 0) await runSegment(segment, step);
    for (const site of segment.sites) await visitSite(site);
    live.drop(segment.ends);
  }
  const ends = Array.from({ length: live.count }, (_, sample) => live.of(sample, results));
  return { left, samples: live.count, outputs: ends };

  async function runSegment(segment: WalkSegment, step: (part: number) => Promise<void>): Promise<void> {
    const both = reference && live.isForked;
    await runVariant('changed', segment, changed, (part) => step(both ? part / 2 : part));
    if (both) await runVariant('reference', segment, new Map(), (part) => step((1 + part) / 2));
  }

  async function runVariant(
    which: 'changed' | 'reference',
    segment: WalkSegment,
    constants: ReadonlyMap<string, TensorProto>,
    step: (part: number) => Promise<void>,
  ): Promise<void> {
    const types = new Map(segment.reads.map((name) => [name, live.get(which, name, 0).type]));
    const bytes = buildSegment(graph, files, segment, types, constants);
    const session = await RuntimeModel.load(bytes, { integerKernels });
    try {
      // Samples may be given up meanwhile.
      for (let sample = 0; sample < live.count; sample++) {
        await step(sample / live.count);
        const feeds = new Map(segment.reads.map((name) => [name, live.get(which, name, sample)]));
        live.set(which, sample, await session.runTensors(feeds));
      }
    } finally {
      await session.release();
    }
  }

  async function visitSite({ layer, nodes }: WalkSite): Promise<void> {
    const change = await visit({
      ...{ layer, nodes, samples: live.count },
      value: (name, sample) => live.get('changed', name, sample),
      reference: (name, sample) => live.get('reference', name, sample),
    });
    if (change === null) return;
    if (reference) live.fork();
    if ('weight' in change) {
      const tensor = constantOf(layers.get(layer)!, change.weight);
      changed.set(tensor.name, tensor);
      return;
    }
    const [name] = nodes[0]!.output;
    for (let sample = 0; sample < live.count; sample++)
      live.set('changed', sample, [[name!, addAlong(live.get('changed', name!, sample), change)]]);
  }
}

/** A layer's weight with other values, as a constant of the same name and type. */
function constantOf({ constant: { name, tensor } }: Layer, data: Float32Array): TensorProto {
  const shape = tensorShape(tensor);
  const values = toTensor({ type: elementTypeName(tensor.dataType), shape, data });
  return makeTensor(name, tensor.dataType, shape, toBytes(values.data as Float32Array).slice());
}

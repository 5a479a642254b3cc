/** Finds the nodes that make an export slow. */
import type { NodeProto } from 'onnx-buf';
import type { SlowNode } from '../../core/report/report';
import type { Graph } from '../../onnx/graph/Graph';
import type { Sample } from '../data/Sample';
import { readModel } from '../models/OpenModels';
import { RuntimeModel } from '../runtime/RuntimeModel';

const RUNS = 5;
const MAX_NAMED = 5;
/** Nodes that onnxruntime takes into the one before, whose result then has their output's name. */
const MAX_FUSED = 4;

interface Models {
  readonly source: string;
  readonly output: string;
  /** Where traces may be written meanwhile. */
  readonly folder: string;
  readonly feeds: Sample;
  /** Quantized layers. */
  readonly layers: readonly string[];
}

type Times = ReadonlyMap<string, number>;

/**
 * The layers that take longer in the export than in the source, and the nodes that only the export has, those that lose most first.
 * @throws UserError if a model does not run
 */
export async function findSlowNodes(models: Models): Promise<readonly SlowNode[]> {
  const { source, output, folder, feeds, layers } = models;
  const [before, after] = [readModel(source).graph, readModel(output).graph];
  const sourceTimes = kernelTimes(await RuntimeModel.profile(source, folder, feeds, RUNS));
  const outputTimes = kernelTimes(await RuntimeModel.profile(output, folder, feeds, RUNS));
  return slowNodes({ graph: before, times: sourceTimes }, { graph: after, times: outputTimes }, layers);
}

interface Timed {
  readonly graph: Graph;
  /** Milliseconds by the names of kernels. */
  readonly times: Times;
}

/** As `findSlowNodes`, from times by kernels. */
export function slowNodes(source: Timed, output: Timed, layers: readonly string[]): readonly SlowNode[] {
  const before = layerTimes(source, layers);
  const after = layerTimes(output, layers);
  const slower = layers.flatMap((layer): SlowNode[] => {
    const [sourceMs, outputMs] = [before.get(layer), after.get(layer)];
    return sourceMs !== undefined && outputMs !== undefined && outputMs > sourceMs
      ? [{ op: null, name: layer, sourceMs, outputMs }]
      : [];
  });
  const lost = ({ sourceMs, outputMs }: SlowNode) => outputMs - (sourceMs ?? 0);
  return [...slower, ...added(source, output)].sort((a, b) => lost(b) - lost(a)).slice(0, MAX_NAMED);
}

/** Times by the names that nodes have before onnxruntime optimizes them. */
function kernelTimes(times: Times): Map<string, number> {
  const byName = new Map<string, number>();
  for (const [name, ms] of times) {
    const plain = name.replace(/(_nchwc|_token_\d+|_quant)+$/, '');
    byName.set(plain, (byName.get(plain) ?? 0) + ms);
  }
  return byName;
}

/**
 * The nodes that an export adds: they have no names, and a kernel without one goes by its operator and its place among the nodes that are no
 * constants. Each is told by what it makes, as DequantizeLinear makes the weight.
 */
function added(source: Timed, { graph, times }: Timed): SlowNode[] {
  const nodes = graph.nodes.filter(({ opType }) => opType !== 'Constant');
  return [...times].flatMap(([kernel, outputMs]) => {
    const [, op, index] = /^(.+)_(\d+)$/.exec(kernel) ?? [];
    const node = index === undefined ? undefined : nodes[Number(index)];
    const name = node?.output[0];
    if (name === undefined || node!.name !== '' || node!.opType !== op) return [];
    return source.graph.producer(name) ? [] : [{ op, name, sourceMs: null, outputMs }];
  });
}

/** Milliseconds of each layer, as far as its kernel can be told by a name that it may have after optimization. */
function layerTimes({ graph, times }: Timed, layers: readonly string[]): Map<string, number> {
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const found = new Map<string, number>();
  for (const layer of layers) {
    const node = nodes.get(layer);
    const name = node && namesOf(node, graph).find((each) => times.has(each));
    if (name !== undefined) found.set(layer, times.get(name)!);
  }
  return found;
}

/** The node's name, its output's, and those of what is behind it alone. */
function namesOf(node: NodeProto, graph: Graph): string[] {
  const names = [node.name];
  for (let last = node, i = 0; i <= MAX_FUSED; i++) {
    names.push(last.output[0]!);
    const next = graph.soleConsumer(last.output[0]!);
    if (!next) break;
    last = next;
  }
  return names;
}

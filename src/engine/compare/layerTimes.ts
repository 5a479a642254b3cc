/** Finds the layers that make an integer model slow. */
import type { NodeProto } from 'onnx-buf';
import type { Graph } from '../../onnx/graph/Graph';
import { RuntimeModel } from '../runtime/RuntimeModel';
import type { IntegerReport } from '../../core/report/report';
import { readModel, type OpenModel } from '../models/OpenModels';
import type { Sample } from '../data/Sample';

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
  /** Layers that compute in integers in the export. */
  readonly layers: readonly string[];
}

/**
 * The layers that take longer in the export than in the source, those that lose most first.
 * @throws UserError if a model does not run
 */
export async function compareLayerTimes({
  source,
  output,
  folder,
  feeds,
  layers,
}: Models): Promise<IntegerReport['slower']> {
  const before = layerTimes(
    readModel(source),
    await RuntimeModel.profile(source, folder, feeds, RUNS),
    layers,
  );
  const after = layerTimes(
    readModel(output),
    await RuntimeModel.profile(output, folder, feeds, RUNS),
    layers,
  );
  return layers
    .flatMap((layer) => {
      const [sourceMs, outputMs] = [before.get(layer), after.get(layer)];
      return sourceMs !== undefined && outputMs !== undefined && outputMs > sourceMs
        ? [{ layer, sourceMs, outputMs }]
        : [];
    })
    .sort((a, b) => b.outputMs - b.sourceMs - (a.outputMs - a.sourceMs))
    .slice(0, MAX_NAMED);
}

/** Milliseconds of each layer, as far as its kernel can be told by a name that it may have after optimization. */
function layerTimes(
  { graph }: OpenModel,
  times: ReadonlyMap<string, number>,
  layers: readonly string[],
): Map<string, number> {
  const byName = new Map<string, number>();
  for (const [name, ms] of times) {
    const plain = name.replace(/(_nchwc|_token_\d+|_quant)+$/, '');
    byName.set(plain, (byName.get(plain) ?? 0) + ms);
  }
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const found = new Map<string, number>();
  for (const layer of layers) {
    const node = nodes.get(layer);
    const name = node && namesOf(node, graph).find((each) => byName.has(each));
    if (name !== undefined) found.set(layer, byName.get(name)!);
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

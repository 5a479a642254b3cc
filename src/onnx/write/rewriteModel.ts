import { quoted } from '../../base/quoted';
import { TensorProto_DataType as DataType, type NodeProto, type TensorProto } from 'onnx-buf';
import type { EncodedTensor } from '../../quant/EncodedTensor';
import { UserError } from '../../base/UserError';
import { DynamicActivations } from './DynamicActivations';
import { emitDynamic } from './emitDynamic';
import { emitForReaders } from './emitForReaders';
import { isFused } from './fusedWeights';
import type { Layer } from '../read/findLayers';
import { dataInputs } from '../graph/dataMovement';
import type { Graph } from '../graph/Graph';
import type { GraphEdits } from '../graph/GraphEdits';
import type { ShareConstant } from './GraphFragment';
import type { InspectedModel } from '../read/inspectModel';
import { leastIrVersion } from '../file/irVersions';
import { constantNode, makeTensor, toBytes } from '../file/protos';
import type { Scope } from '../graph/Scope';
import type { WeightTarget } from './WeightTarget';
import { makeInitializersPlain } from './plainInitializers';

/** First opset with the broadcasting that the emitted operators rely on; onnxruntime promises nothing below it either. */
const OLDEST_OPSET = 7;
/** First opset whose Constant takes other types than floats (ONNX operator changelog). */
const CONSTANT_OF_ANY_TYPE = 9;

/**
 * How products by quantized weights are written that no integer kernel computes. `codes`: as DequantizeLinear and a product, where onnxruntime
 * makes one kernel of the two. `float`: of weights that are computed once, at load. `dynamic`: on integers, activations being quantized as they
 * come. Weights that are in no such form are as with `codes`, and those as with `float`.
 */
export type Products = 'codes' | 'float' | 'dynamic';

/** The form of weights in a rewritten model. */
export interface WeightForms {
  /** Layers that integer kernels compute, which read DequantizeLinear. */
  readonly integer?: ReadonlySet<string>;
  readonly products?: Products;
}

/**
 * Replaces weights by their quantized form. Every weight keeps its name and type, so that nothing else in the graph changes, and
 * weights that are not replaced are shared.
 * @param replacements layer name to quantized weight
 * @throws UserError if the model's opset is too old
 */
export function rewriteModel(
  { graph, layers }: Pick<InspectedModel, 'graph' | 'layers'>,
  replacements: ReadonlyMap<string, EncodedTensor>,
  { integer = new Set(), products = 'codes' }: WeightForms = {},
): Graph {
  const freshName = graph.freshNames();
  const constants = new Map<string, string>();
  return graph.edit((edits) => {
    makeInitializersPlain(graph, edits);
    const tensors: TensorProto[] = [];
    const activations = new DynamicActivations(edits, freshName);
    for (const [name, tensor] of replacements) {
      const layer = replaceableLayer(layers, name);
      const { constant, summary, layout } = layer;
      const { scope, node } = constant;
      if (scope.opset < OLDEST_OPSET)
        throw new UserError(
          `The model uses opset ${scope.opset}; quantized weights need ${OLDEST_OPSET} or later.`,
        );
      const readers = graph.consumers(constant.name, scope);
      const target: WeightTarget = {
        name: constant.name,
        shape: summary.shape,
        layout,
        dataType: constant.tensor.dataType,
        opset: scope.opset,
        freshName,
        shared: shareIn(edits, scope),
        dequantizes: integer.has(name) || (products !== 'float' && isFused(layer, tensor, graph)),
        isMoved: readers.some((consumer) => dataInputs(consumer.node) !== null),
      };
      const isOutput = graph.isOutput(constant.name, scope);
      const dynamic =
        products === 'dynamic' && !integer.has(name) && !isOutput
          ? emitDynamic(tensor, target, readers, (input, reader) => activations.quantize(input, reader))
          : null;
      const emitted = dynamic
        ? { constants: dynamic.constants, nodes: [], rows: [dynamic] }
        : emitForReaders(tensor, target, { readers, isOutput });
      const { constants: own, nodes } = emitted;
      for (const { reader, nodes: taken } of emitted.rows)
        edits.in(reader.scope).replaceNode(reader.node, taken);
      tensors.push(...own);
      const edit = edits.in(scope);
      const asNodes = scope.isFunction || (node !== null && scope.opset >= CONSTANT_OF_ANY_TYPE);
      const written: NodeProto[] = asNodes ? [...own.map(constantNode), ...nodes] : [...nodes];
      if (!asNodes) edit.addInitializers(own);
      if (node) edit.replaceNode(node, written);
      else edit.replaceInitializer(constant.tensor, written);
    }
    edits.needIrVersion(leastIrVersion(tensors));
  });

  /** One constant serves all weights that see it: main graph and subgraphs, or one function. */
  function shareIn(edits: GraphEdits, scope: Scope): ShareConstant {
    return (hint, dims, values) => {
      const home = scope.outermost;
      // Not the numbers, as the two zeros look alike.
      const content = new TextDecoder('latin1').decode(toBytes(values));
      const key = `${graph.scopes.indexOf(home)} ${hint} ${dims.join('x')} ${content}`;
      const name = constants.get(key) ?? freshName(`quantscope_${hint}`);
      if (!constants.has(key)) {
        const tensor = makeTensor(name, typeOf(values), dims, toBytes(values));
        if (home.isFunction) edits.in(home).addFirst([constantNode(tensor)]);
        else edits.in(home).addInitializers([tensor]);
      }
      constants.set(key, name);
      return name;
    };
  }
}

function typeOf(values: Float32Array | Int32Array | BigInt64Array): number {
  if (values instanceof Float32Array) return DataType.FLOAT;
  return values instanceof Int32Array ? DataType.INT32 : DataType.INT64;
}

function replaceableLayer(layers: InspectedModel['layers'], name: string): Layer {
  const layer = layers.get(name);
  if (!layer || layer.summary.quantized !== null)
    throw new Error(`${quoted(name)} is no layer to be replaced.`);
  return layer;
}

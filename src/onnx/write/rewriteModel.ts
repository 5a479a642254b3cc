import { TensorProto_DataType as DataType, type NodeProto, type TensorProto } from 'onnx-buf';
import type { EncodedTensor } from '../../quant/EncodedTensor';
import { UserError } from '../../base/UserError';
import { emitWeight } from './emitWeight';
import type { Layer } from '../read/findLayers';
import { GraphEdits } from '../graph/GraphEdits';
import type { ShareConstant } from './GraphFragment';
import type { InspectedModel } from '../read/inspectModel';
import { IR_WITH_PLAIN_INITIALIZERS, leastIrVersion } from '../file/irVersions';
import { constantNode, makeTensor, toBytes } from '../file/protos';
import { allNames, type Scope } from '../graph/Scope';
import { nameGenerator } from '../graph/uniqueNames';

/** First opset with the broadcasting that the emitted operators rely on; onnxruntime promises nothing below it either. */
const OLDEST_OPSET = 7;

/**
 * Replaces weights by their quantized form, in place: the caller owns the model. Every weight keeps its name and type, so that
 * nothing else in the graph changes. Weights that are not replaced are not copied.
 * @param replacements layer name to quantized weight
 * @throws UserError if the model's opset is too old
 */
export function rewriteModel(
  { model, scopes, layers }: InspectedModel,
  replacements: ReadonlyMap<string, EncodedTensor>,
): void {
  const freshName = nameGenerator(allNames(scopes), '_');
  const edits = new Map(scopes.map((scope) => [scope, new GraphEdits(scope.graph)]));
  // As the model is now: its version may rise on the way.
  const { irVersion } = model;
  const wantsNodes = (scope: Scope) => scope.isFunction || irVersion < IR_WITH_PLAIN_INITIALIZERS;
  const constants = new Map<string, string>();

  /** One constant serves all weights that see it: main graph and subgraphs, or one function. */
  const shareIn =
    (scope: Scope): ShareConstant =>
    (hint, dims, values) => {
      const home = scope.outermost;
      // Not the numbers, as the two zeros look alike.
      const content = new TextDecoder('latin1').decode(toBytes(values));
      const key = `${scopes.indexOf(home)} ${hint} ${dims.join('x')} ${content}`;
      const name = constants.get(key) ?? freshName(`quantscope_${hint}`);
      if (!constants.has(key)) addConstant(home, makeTensor(name, typeOf(values), dims, toBytes(values)));
      constants.set(key, name);
      return name;
    };
  const addConstant = (home: Scope, tensor: TensorProto) => {
    if (wantsNodes(home)) edits.get(home)!.addFirst([constantNode(tensor)]);
    else edits.get(home)!.addInitializers([tensor]);
  };

  for (const [name, tensor] of replacements) {
    const { constant, summary, layout } = replaceableLayer(layers, name);
    const { scope, node } = constant;
    if (scope.opset < OLDEST_OPSET)
      throw new UserError(
        `The model uses opset ${scope.opset}; quantized weights need ${OLDEST_OPSET} or later.`,
      );
    const { constants: own, nodes } = emitWeight(tensor, {
      name: constant.name,
      shape: summary.shape,
      layout,
      dataType: constant.tensor.dataType,
      opset: scope.opset,
      freshName,
      shared: shareIn(scope),
    });
    model.irVersion = leastIrVersion(model.irVersion, own);
    const edit = edits.get(scope)!;
    const asNodes = node !== null || wantsNodes(scope);
    const emitted: NodeProto[] = asNodes ? [...own.map(constantNode), ...nodes] : nodes;
    if (!asNodes) edit.addInitializers(own);
    if (node) edit.replaceNode(node, emitted);
    else edit.replaceInitializer(constant.tensor, emitted);
  }
  for (const edit of edits.values()) edit.apply();
}

function typeOf(values: Float32Array | Int32Array | BigInt64Array): number {
  if (values instanceof Float32Array) return DataType.FLOAT;
  return values instanceof Int32Array ? DataType.INT32 : DataType.INT64;
}

function replaceableLayer(layers: InspectedModel['layers'], name: string): Layer {
  const layer = layers.get(name);
  if (!layer || layer.summary.quantized !== null) throw new Error(`"${name}" is no layer to be replaced.`);
  return layer;
}

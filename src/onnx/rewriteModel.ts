import type { NodeProto, TensorProto } from 'onnx-buf';
import type { EncodedTensor } from '../quant/EncodedTensor';
import { UserError } from '../shared/UserError';
import { emitWeight, usesFourBitType } from './emitWeight';
import type { Layer } from './findLayers';
import { GraphEdits } from './GraphEdits';
import type { InspectedModel } from './inspectModel';
import { constantNode, floatTensor } from './protos';
import type { Scope } from './Scope';
import { nameGenerator } from './uniqueNames';

/** First IR version in which initializers need not be inputs as well (ONNX IR specification, version 4). */
const IR_WITH_PLAIN_INITIALIZERS = 4n;
/** First IR version with 4-bit element types. */
const IR_WITH_FOUR_BIT_TYPES = 10n;
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
  const wantsNodes = (scope: Scope) => scope.isFunction || model.irVersion < IR_WITH_PLAIN_INITIALIZERS;
  const tables = new Map<string, string>();

  /** A table serves all weights that see it: main graph and subgraphs, or one function. */
  const sharedTable = (scope: Scope) => (table: Float32Array, width: number) => {
    const home = scope.outermost;
    const key = `${scopes.indexOf(home)} ${width} ${table.join()}`;
    const name = tables.get(key) ?? freshName(`quantscope_table_${8 / width}bit`);
    if (!tables.has(key)) addTable(home, floatTensor(name, [256, width], table));
    tables.set(key, name);
    return name;
  };
  const addTable = (home: Scope, tensor: TensorProto) => {
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
    if (usesFourBitType(tensor, scope.opset) && model.irVersion < IR_WITH_FOUR_BIT_TYPES)
      model.irVersion = IR_WITH_FOUR_BIT_TYPES;
    const { constants, nodes } = emitWeight(tensor, {
      name: constant.name,
      shape: summary.shape,
      layout,
      dataType: constant.tensor.dataType,
      opset: scope.opset,
      freshName,
      sharedTable: sharedTable(scope),
    });
    const edit = edits.get(scope)!;
    const asNodes = node !== null || wantsNodes(scope);
    const emitted: NodeProto[] = asNodes ? [...constants.map(constantNode), ...nodes] : nodes;
    if (!asNodes) edit.addInitializers(constants);
    if (node) edit.replaceNode(node, emitted);
    else edit.replaceInitializer(constant.tensor, emitted);
  }
  for (const edit of edits.values()) edit.apply();
}

function replaceableLayer(layers: InspectedModel['layers'], name: string): Layer {
  const layer = layers.get(name);
  if (!layer || layer.summary.quantized !== null) throw new Error(`"${name}" is no layer to be replaced.`);
  return layer;
}

/** Every name in any graph, so that a new one neither clashes nor shadows. */
function* allNames(scopes: readonly Scope[]): Generator<string> {
  for (const { definitions, graph } of scopes) {
    yield* definitions.keys();
    for (const { name } of graph.node) yield name;
    for (const { name } of graph.valueInfo) yield name;
  }
}

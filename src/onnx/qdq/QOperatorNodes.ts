import { TensorProto_DataType as DataType, type NodeProto } from 'onnx-buf';
import type { ExternalFiles } from '../file/externalData';
import type { ScopeEdits } from '../graph/ScopeEdits';
import { intOf } from '../graph/nodes';
import { intAttribute, makeNode, makeTensor } from '../file/protos';
import { transposed } from '../read/rearrange';
import { tensorBytes } from '../file/tensor';
import type { Quantized, QuantizedGraph } from './QuantizedGraph';

/** A Conv, MatMul or Gemm of float numbers, with the codes of all that it reads and makes. */
export interface IntegerLayer {
  readonly node: NodeProto;
  readonly x: Quantized;
  readonly w: Quantized;
  readonly b: Quantized | null;
  readonly y: Quantized;
}

/** Makes nodes that compute on codes (ONNX operator specification: QLinearConv, QLinearMatMul, MatMulInteger). */
export class QOperatorNodes {
  constructor(
    private readonly graph: QuantizedGraph,
    private readonly files: ExternalFiles,
    private readonly freshName: (hint: string) => string,
    private readonly edits: ScopeEdits,
  ) {}

  /** Nodes from the codes of `x` to those of `y`; null if there are no operators for the layer. */
  make(float: IntegerLayer): NodeProto[] | null {
    const layer = { ...float, w: this.withZeroPoint(float.w) };
    const { node, b } = layer;
    switch (node.opType) {
      case 'Conv':
        return [this.conv(layer)];
      case 'MatMul':
        return [this.matMul(layer)];
      default: {
        if (intOf(node, 'transA') !== 0) return null;
        const upright = intOf(node, 'transB') === 0 ? layer : { ...layer, w: this.transposed(layer.w) };
        return b ? this.withBias(upright, b) : [this.matMul(upright)];
      }
    }
  }

  private conv({ node, x, w, b, y }: IntegerLayer): NodeProto {
    const inputs = [...triple(x), ...triple(w), y.scale, y.zeroPoint, ...(b ? [b.codes] : [])];
    return named(node, makeNode('QLinearConv', inputs, y.codes, node.attribute));
  }

  private matMul({ node, x, w, y }: IntegerLayer): NodeProto {
    const inputs = [...triple(x), ...triple(w), y.scale, y.zeroPoint];
    return named(node, makeNode('QLinearMatMul', inputs, y.codes));
  }

  /**
   * MatMulInteger -> Add of the bias -> Cast -> Mul by the bias's scale, which is that of the products ->
   * QuantizeLinear.
   */
  private withBias({ node, x, w, y }: IntegerLayer, b: Quantized): NodeProto[] {
    const [products, sums, floats, numbers] = ['products', 'sums', 'cast', 'scaled'].map((hint) =>
      this.freshName(`${y.codes}_${hint}`),
    ) as [string, string, string, string];
    return [
      named(node, makeNode('MatMulInteger', [x.codes, w.codes, x.zeroPoint, w.zeroPoint], products)),
      makeNode('Add', [products, b.codes], sums),
      makeNode('Cast', [sums], floats, [intAttribute('to', DataType.FLOAT)]),
      makeNode('Mul', [floats, b.scale], numbers),
      makeNode('QuantizeLinear', [numbers, y.scale, y.zeroPoint], y.codes),
    ];
  }

  /** The operators insist on zero points of weights, of the scales' shape; these are zero. */
  private withZeroPoint(weight: Quantized): Quantized {
    if (weight.zeroPoint !== '') return weight;
    const { dataType } = this.graph.constant(weight.codes)!;
    const dims = this.graph.constant(weight.scale)!.dims.map(Number);
    const zeroPoint = this.freshName(`${weight.codes}_zero_point`);
    this.edits.addInitializers([makeTensor(zeroPoint, dataType, dims, new Uint8Array(dims[0] ?? 1))]);
    return { ...weight, zeroPoint };
  }

  /** [rows, columns] -> [columns, rows]. */
  private transposed(weight: Quantized): Quantized {
    const tensor = this.graph.constant(weight.codes)!;
    const [rows, columns] = tensor.dims.map(Number) as [number, number];
    const codes = this.freshName(`${weight.codes}_transposed`);
    const bytes = transposed(tensorBytes(tensor, this.files), rows, columns);
    this.edits.addInitializers([makeTensor(codes, tensor.dataType, [columns, rows], bytes)]);
    return { ...weight, codes };
  }
}

function triple({ codes, scale, zeroPoint }: Quantized): string[] {
  return [codes, scale, zeroPoint];
}

/** A node that stands for another goes by its name. */
function named({ name }: NodeProto, node: NodeProto): NodeProto {
  node.name = name;
  return node;
}

import { TensorProto_DataType as DataType, type NodeProto } from 'onnx-buf';
import type { ExternalFiles } from '../file/externalData';
import { stringAttribute } from '../file/protos';
import { tensorBytes } from '../file/tensor';
import type { Graph } from '../graph/Graph';
import { attribute, isStandard } from '../graph/nodes';
import type { Scope } from '../graph/Scope';

/** First opset in which Resize is told how coordinates are counted. */
export const RESIZE_WITH_COORDINATES = 11;

/**
 * A model that was converted from before opset 11 with what ONNX's converter leaves out: Upsample and Resize count coordinates from
 * the corner there (ONNX operator specification, Upsample-9: `x_original = x_resized / scale`), and from pixel centres since, unless
 * they say otherwise. How nearest rounds was never specified; onnxruntime rounds down, and up where it makes smaller.
 */
export function withCornerCoordinates(graph: Graph, files: ExternalFiles): Graph {
  return graph.edit((edits) => {
    for (const scope of graph.scopes)
      for (const node of scope.graph.node) {
        if (node.opType !== 'Resize' || !isStandard(node)) continue;
        if (attribute(node, 'coordinate_transformation_mode')) continue;
        const rounding = makesSmaller(node, scope, files) ? 'ceil' : 'floor';
        edits
          .in(scope)
          .draft(node)
          .attribute.push(
            stringAttribute('coordinate_transformation_mode', 'asymmetric'),
            stringAttribute('nearest_mode', rounding),
          );
      }
  });
}

/** Whether a scale is known, and less than 1. */
function makesSmaller(node: NodeProto, scope: Scope, files: ExternalFiles): boolean {
  const scales = scope.resolve(node.input[2] ?? '');
  if (scales?.kind !== 'constant' || scales.constant.tensor.dataType !== DataType.FLOAT) return false;
  const bytes = tensorBytes(scales.constant.tensor, files);
  return new Float32Array(bytes.slice().buffer).some((scale) => scale < 1);
}

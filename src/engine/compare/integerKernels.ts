import { ONNX } from '../../core/model/modelFormats';
import { join } from 'node:path';
import { RuntimeModel } from '../runtime/RuntimeModel';
import { readModel } from '../models/OpenModels';

/** Operators of onnxruntime that multiply integers, in ONNX's own domain and its own. */
const INTEGER_KERNELS: ReadonlySet<string> = new Set([
  ...['QLinearConv', 'QLinearMatMul', 'ConvInteger', 'MatMulInteger'],
  ...['QGemm', 'MatMulIntegerToFloat', 'DynamicQuantizeMatMul'],
]);

/**
 * Counts the nodes of a model that onnxruntime runs with integer kernels on this machine, read off the graph that it optimizes for itself.
 * @param folder where that graph may be written
 * @throws UserError if it does not load
 */
export async function countIntegerKernels(path: string, folder: string): Promise<number> {
  const optimized = join(folder, `optimized${ONNX.extensions[0]}`);
  await RuntimeModel.optimize(path, optimized, 'extended');
  const { graph: all } = readModel(optimized);
  return all.scopes.reduce(
    (sum, { graph }) => sum + graph.node.filter(({ opType }) => INTEGER_KERNELS.has(opType)).length,
    0,
  );
}

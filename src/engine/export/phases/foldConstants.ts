import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ONNX } from '../../../core/model/modelFormats';
import type { Graph } from '../../../onnx/graph/Graph';
import { withPlainBiases } from '../../../onnx/write/fusedAdds';
import { makeInitializersPlain } from '../../../onnx/write/plainInitializers';
import { serializeWhole } from '../../../onnx/write/serializeModel';
import { unfold } from '../../../onnx/write/unfold';
import { widenIndices } from '../../../onnx/write/wideIndices';
import type { OpenModel } from '../../formats/OpenModel';
import { readModel } from '../../formats/readModel';
import { RuntimeModel } from '../../runtime/RuntimeModel';
import { changedModel } from '../changedModel';
import type { Phase } from '../Phase';
import type { QuantizeRequest } from '../QuantizeRequest';

/**
 * Folds BatchNormalization into convolutions, and what follows from constants into constants, as integer computation needs it: by
 * onnxruntime's basic optimizations.
 */
export const foldConstants: Phase = async (snapshot, context) => {
  const source = snapshot.model;
  const folded = await changedModel(
    snapshot,
    context,
    { file: 'folded', done: 'folded', stage: 'preparing' },
    async () => {
      const path = join(context.request.temporary, `optimized${ONNX.extensions[0]}`);
      await RuntimeModel.optimize(sourceFile(source, context.request), path, 'basic');
      const { graph, layers, files } = readModel(path);
      if (graph.nodes.some(({ name }) => name.startsWith(PRECISION_CAST)))
        return 'onnxruntime has no kernels for its float16 on the CPU, and would make it float32';
      const weights = new Set([...layers.values()].map(({ constant }) => constant.name));
      const small = unfold(source.graph, graph, weights);
      const plain = small.edit((edits) => makeInitializersPlain(small, edits));
      return { graph: widenIndices(withPlainBiases(withoutUnusedDomains(plain))), files };
    },
  );
  if (typeof folded !== 'string') return folded;
  const note = `BatchNormalization and constants were not folded: ${folded}.`;
  return { ...snapshot, notes: [...snapshot.notes, note] };
};

/**
 * A file that holds all of the model, its functions inlined: onnxruntime would inline them under other names, and look for data
 * beside what it writes.
 */
function sourceFile(
  { isAsInFile, inspection, graph, files }: OpenModel,
  { path, temporary }: QuantizeRequest,
): string {
  if (isAsInFile && inspection.model.externalBytes === 0) return path;
  const whole = join(temporary, `whole${ONNX.extensions[0]}`);
  writeFileSync(whole, serializeWhole(graph, files));
  return whole;
}

/** How the names of Cast nodes begin that onnxruntime puts around operators for whose type it has no kernel. */
const PRECISION_CAST = 'InsertedPrecisionFreeCast_';

/** onnxruntime names every operator set that it knows, whether the model has operators of it or not. */
function withoutUnusedDomains(graph: Graph): Graph {
  const used = new Set(graph.scopes.flatMap((scope) => scope.graph.node.map(({ domain }) => domain)));
  const { opsetImport } = graph.model;
  return graph.edit((edits) =>
    edits.setOpsets(opsetImport.filter(({ domain }) => domain === '' || used.has(domain))),
  );
}

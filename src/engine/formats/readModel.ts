import { modelExtension } from '../../core/model/modelFormats';
import { withModelFile } from '../io/modelFile';
import type { ModelFormat } from './ModelFormat';
import { onnxFormat } from './onnx';
import type { OpenModel } from './OpenModel';

/** All formats; the first says what is wrong with a file that is none of them. */
const FORMATS: readonly [ModelFormat, ...ModelFormat[]] = [onnxFormat];

/** Bytes by which a file is told from others. */
const BEGINNING = 64;

/**
 * Opens a model file, by its name's extension or, where that says nothing, by how it begins.
 * @throws UserError as `ModelFormat.open`
 */
export function readModel(path: string): OpenModel {
  return formatOf(path).open(path);
}

function formatOf(path: string): ModelFormat {
  const extension = modelExtension(path).toLowerCase();
  const named = FORMATS.find(({ extensions }) => extensions.includes(extension));
  if (named) return named;
  const beginning = withModelFile(path, (source) =>
    source.bytes(0, Math.min(BEGINNING, source.length)).slice(),
  );
  return FORMATS.find((format) => format.sniff(beginning)) ?? FORMATS[0];
}

/** The kinds of model files that can be opened, as far as every process knows them. */
export interface FormatName {
  readonly id: string;
  /** As sentences have it. */
  readonly name: string;
  /** With their dot, in lower case; the first is what exports get. */
  readonly extensions: readonly [string, ...string[]];
}

export const ONNX: FormatName = { id: 'onnx', name: 'ONNX', extensions: ['.onnx'] };

export const MODEL_FORMATS: readonly FormatName[] = [ONNX];

/** Where an export of a model is proposed to go: `model.quantized.onnx`. */
export function quantizedPath(path: string): string {
  const extension = modelExtension(path);
  const stem = path.slice(0, path.length - extension.length);
  return `${stem}.quantized${extension.toLowerCase() || ONNX.extensions[0]}`;
}

/** The extension of a model's file name, as it is written there; empty if it is none that a format has. */
export function modelExtension(path: string): string {
  const lower = path.toLowerCase();
  const all = MODEL_FORMATS.flatMap(({ extensions }) => extensions);
  const found = all.find((extension) => lower.endsWith(extension));
  return found === undefined ? '' : path.slice(-found.length);
}

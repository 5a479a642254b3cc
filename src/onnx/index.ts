/** The ONNX file format: reading, finding the layers, rewriting, writing. Pure; files are given by the caller. */
export { parseModel, type ParsedModel } from './parseModel';
export { inspectModel, type InspectedModel } from './inspectModel';
export type { Layer } from './findLayers';
export { checkExternalPath, type ExternalFiles } from './externalData';
export { tensorBytes } from './tensor';
export { rewriteModel } from './rewriteModel';
export { LARGEST_EMBEDDED, serializeModel, type SerializedModel } from './serializeModel';
export type { ExternalFile } from './ExternalFile';

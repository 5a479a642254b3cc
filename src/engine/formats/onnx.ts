import { resolve } from 'node:path';
import { ONNX } from '../../core/model/modelFormats';
import { parseModel } from '../../onnx/file/parseModel';
import { inspectModel } from '../../onnx/read/inspectModel';
import { ExternalFolder } from '../io/ExternalFolder';
import { withModelFile } from '../io/modelFile';
import type { ModelFormat } from './ModelFormat';

/** Tag of ModelProto.ir_version (onnx.proto), with which every known exporter begins. */
const IR_VERSION = 0x08;

export const onnxFormat: ModelFormat = {
  ...ONNX,
  sniff: ([first]) => first === IR_VERSION,
  open: (path) =>
    withModelFile(path, (source, state) => {
      const files = new ExternalFolder(state);
      const file = { path: resolve(path), bytes: state.bytes };
      return { ...inspectModel(parseModel(source, path), files, file), files, weights: new Map() };
    }),
};

import type { ByteSource } from '../../base/ByteSource';
import { UserError } from '../../base/UserError';
import { withRegularFile } from '../../files/RegularFile';
import { fileBytes, stateOf, type FileState } from './FileRange';

/** A protobuf message cannot be longer (protobuf documentation, "Size limits"). */
const MAX_MODEL = 2 ** 31 - 1;

/**
 * Reads of a model file what `use` asks for; the file is open meanwhile.
 * @throws UserError if it cannot be read, is no file, or is larger than a model can be
 */
export function withModelFile<T>(path: string, use: (source: ByteSource, state: FileState) => T): T {
  return withRegularFile(path, (file) => {
    if (file.size > MAX_MODEL)
      throw new UserError(
        `${path} is larger than 2 GiB, which no ONNX file can be; weights belong in external data files.`,
      );
    return use(fileBytes(file), stateOf(file));
  });
}

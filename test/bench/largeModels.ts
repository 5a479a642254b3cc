/** Models of gigabytes, written a piece at a time: products of matrices, one after the other. */
import { createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { externalName } from '../../src/engine/io/exportPath';
import { Random } from '../../src/engine/data/random';
import type { ExternalFiles } from '../../src/onnx/file/externalData';
import { MAX_EMBEDDED, serializeModel } from '../../src/onnx/write/serializeModel';
import { externalTensor, model, node, value } from '../fixtures/onnx/builder';
import { inspect } from '../fixtures/onnx/inspect';

/** Repeated, with a shift for each tensor. */
const PATTERN = 2 ** 20;

/** Normal numbers for any tensor that is asked for, small enough that products of many matrices stay finite. */
function normalWeights(): ExternalFiles {
  const random = new Random(5);
  const pattern = new Uint8Array(Float32Array.from({ length: PATTERN }, () => 0.02 * random.normal()).buffer);
  return {
    size: () => 2 ** 40,
    read(_, offset, length) {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const from = (offset + done) % pattern.length;
        const count = Math.min(pattern.length - from, length - done);
        bytes.set(pattern.subarray(from, from + count), done);
        done += count;
      }
      return bytes;
    },
  };
}

/**
 * Writes a model of matrices [inputs, outputs], of which each takes what the one before gives.
 * @param external whether the weights go to a file of their own
 */
export async function writeMatrices(
  path: string,
  sizes: readonly (readonly [number, number])[],
  external: boolean,
): Promise<void> {
  const files = normalWeights();
  const proto = model({
    nodes: sizes.map((_, i) => node('MatMul', [`x${i}`, `w${i}`], `x${i + 1}`, {}, `layer${i}`)),
    initializers: sizes.map((dims, i) =>
      externalTensor(`w${i}`, dims, { location: 'normal', offset: String(i * 4_000_012) }),
    ),
    inputs: [value('x0', [1, sizes[0]![0]])],
    outputs: [value(`x${sizes.length}`, [1, sizes.at(-1)![1]])],
  });
  const { graph } = inspect(proto, files);
  const name = externalName(path).slice(dirname(path).length + 1);
  const written = serializeModel(graph, files, name, external ? 0 : MAX_EMBEDDED);
  await pipeline(Readable.from(written.chunks()), createWriteStream(path));
  if (written.external)
    await pipeline(Readable.from(written.external.chunks()), createWriteStream(join(dirname(path), name)));
}

import { UserError } from '../../../base/UserError';
import type { VectorQuantizer } from '../../../quant/Quantizer';
import type { Block } from '../Block';
import type { QuantizerLoop } from './QuantizerLoop';

/** Each part of the block's vectors goes to the nearest entry of its codebook; weights that fill up the last vector are zeros. */
export const vector: QuantizerLoop<VectorQuantizer> = {
  apply(workspace, block, { dimension, parts, entries, codebooks }, { codes, values, stats }) {
    const { kernel, memory } = workspace;
    const { rows, cols, pointer } = block;
    const size = dimension / parts;
    const count = vectorsIn(block, dimension);
    const [codeArea, valueArea] = [codes || workspace.spare.codes, values || workspace.spare.values];
    const book = workspace.reserveScratch(entries * size * 4);
    for (let part = 0; part < parts; part++) {
      const offset = part * size * 4;
      memory
        .float32(book, entries * size)
        .set(codebooks.subarray(part * entries * size).subarray(0, entries * size));
      kernel.nearestEntries(
        ...([pointer + offset, count, dimension, size, book, entries] as const),
        ...([codeArea + part, parts, 0, 0] as const),
      );
      kernel.entriesOf(codeArea + part, parts, count, dimension, size, book, valueArea + offset);
    }
    kernel.errorRows(pointer, valueArea, rows, cols, stats);
  },
  codeLength: ({ dimension, parts }, weights) => Math.ceil(weights / dimension) * parts,
};

/**
 * Vectors in a block.
 * @throws UserError if the block ends within one and is not the last: only where a single channel has millions of weights
 */
export function vectorsIn({ row, rows, cols }: Block, dimension: number): number {
  if ((row * cols) % dimension !== 0)
    throw new UserError(`A channel of ${cols} weights is too long to be cut into vectors of ${dimension}.`);
  return Math.ceil((rows * cols) / dimension);
}

import { expect, it } from 'vitest';
import { findPairs } from '../../../../src/onnx/equalize/findPairs';
import { inspect, readReal, REAL_MODELS } from '../../../fixtures/onnx/inspect';
import { NO_FILES } from '../../../fixtures/onnx/memoryFiles';
import { transformer } from '../../../fixtures/onnx/transformer';

const pairsOf = (model: Parameters<typeof inspect>[0]) => {
  const inspected = inspect(model);
  return findPairs({ ...inspected, files: NO_FILES });
};

it('normalizations of a Transformer go with all products that read them, what is mixed or gated with a Mul of its own', () => {
  const found = pairsOf(transformer()).map(({ tensor, source, readers }) => [
    source,
    tensor,
    readers.map(({ operand }) => operand.constant.name).sort(),
  ]);
  const block = (b: string) => [
    ['scale', `${b}.norm1`, ['k', 'q', 'v'].map((name) => `${b}.${name}.weight`)],
    ['scale', `${b}.norm2`, [`${b}.up.weight`]],
  ];
  const inserted = (b: string) => [
    ['inserted', `${b}.joined`, [`${b}.out.weight`]],
    ['inserted', `${b}.gelu`, [`${b}.down.weight`]],
  ];
  expect(found).toEqual([
    ...[...block('b0'), ...block('b1'), ['scale', 'norm', ['head.weight']]],
    ...[...inserted('b0'), ...inserted('b1')],
  ]);
});

it.each(Object.keys(REAL_MODELS) as (keyof typeof REAL_MODELS)[])(
  'no constant of %s is scaled twice in the same place',
  (name) => {
    const seen = new Set<string>();
    for (const { operands, readers } of pairsOf(readReal(name)))
      for (const { node, index, multiplied } of [...operands, ...readers.map(({ operand }) => operand)]) {
        const key = `${node.output[0]!} ${index} ${multiplied}`;
        expect(seen).not.toContain(key);
        seen.add(key);
      }
  },
);

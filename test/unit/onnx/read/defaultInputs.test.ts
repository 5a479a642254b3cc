import { expect, it } from 'vitest';
import { floats, model, node, value } from '../../../fixtures/onnx/builder';
import { inspect } from '../../../fixtures/onnx/inspect';

/** `w` is an input with a default value, where the IR version has such; `x` is an input that must be given. */
const withDefault = (ir: number) =>
  inspect(
    model(
      {
        inputs: [value('x', ['n', 4]), value('w', [4, 2])],
        outputs: [value('y', ['n', 2])],
        nodes: [node('MatMul', ['x', 'w'], 'y', {}, 'mm')],
        initializers: [floats('w', [4, 2])],
      },
      { ir },
    ),
  ).inspection;

it.each([3, 4, 8])('an initializer is no input that has to be given in IR version %i', (ir) => {
  expect(withDefault(ir).model.inputs.map(({ name }) => name)).toEqual(['x']);
});

it('an initializer that could be given another value is told of; before IR version 4 none could', () => {
  expect(withDefault(3).notes).toEqual([]);
  for (const ir of [4, 8])
    expect(withDefault(ir).notes).toEqual([
      'The input "w" has a default value in the file, and is taken for a constant: an export that quantizes it has no such input.',
    ]);
});

import fc from 'fast-check';
import type { TensorProto } from 'onnx-buf';
import { expect, it } from 'vitest';
import { clippedCodes } from '../../../../src/onnx/qdq/clippedCodes';
import { DataType, floats, node, rawTensor } from '../../../fixtures/onnx/builder';
import { MemoryFiles } from '../../../fixtures/onnx/memoryFiles';

/** The codes of numbers by ONNX QuantizeLinear. */
function quantize(value: number, scale: number, zeroPoint: number, qmin: number): number {
  const ratio = Math.fround(value / scale);
  const floor = Math.floor(ratio);
  const even = floor % 2 === 0 ? floor : floor + 1;
  const rounded = ratio - floor === 0.5 ? even : Math.round(ratio);
  return Math.min(qmin + 255, Math.max(qmin, rounded + zeroPoint));
}

const number = fc.float({ min: -4, max: 4, noNaN: true });
const cases = fc.record({
  ends: fc.tuple(number, number).map((ends) => ends.sort((a, b) => a - b)),
  relu: fc.boolean(),
  signed: fc.boolean(),
  scale: fc.float({ min: Math.fround(0.001), max: Math.fround(0.1), noNaN: true }),
  code: fc.integer({ min: 0, max: 255 }),
  values: fc.array(number, { minLength: 1 }),
});

function constantsOf(tensors: readonly TensorProto[]) {
  return { constant: (name: string) => tensors.find((tensor) => tensor.name === name) };
}

it('clipping codes is quantizing what is clipped', () => {
  fc.assert(
    fc.property(cases, ({ ends: [min, max], relu, signed, scale, code, values }) => {
      const qmin = signed ? -128 : 0;
      const zeroPoint = code + qmin;
      const type = signed ? DataType.INT8 : DataType.UINT8;
      const tensors = [
        floats('min', [], [min!]),
        floats('max', [], [max!]),
        floats('scale', [], [scale]),
        rawTensor('zero', type, [], Uint8Array.of(zeroPoint)),
      ];
      const range = clippedCodes(
        relu ? node('Relu', ['x'], 'y') : node('Clip', ['x', 'min', 'max'], 'y'),
        { codes: 'codes', scale: 'scale', zeroPoint: 'zero' },
        constantsOf(tensors),
        new MemoryFiles(),
      )!;
      for (const value of values) {
        const clipped = relu ? Math.max(0, value) : Math.min(max!, Math.max(min!, value));
        const code = quantize(value, scale, zeroPoint, qmin);
        const expected = Math.min(range.greatest, Math.max(range.least, code));
        expect(quantize(clipped, scale, zeroPoint, qmin)).toBe(expected);
      }
      expect(range.all).toBe(range.least === qmin && range.greatest === qmin + 255);
    }),
  );
});

it('does not know ends that are computed', () => {
  const tensors = [floats('scale', [], [1]), rawTensor('zero', DataType.UINT8, [], Uint8Array.of(0))];
  const constants = constantsOf(tensors);
  const result = { codes: 'codes', scale: 'scale', zeroPoint: 'zero' };
  const rangeOf = (inputs: string[]) =>
    clippedCodes(node('Clip', inputs, 'y'), result, constants, new MemoryFiles());
  expect(rangeOf(['x'])).toEqual({ least: 0, greatest: 255, all: true });
  expect(rangeOf(['x', 'computed'])).toBeNull();
});

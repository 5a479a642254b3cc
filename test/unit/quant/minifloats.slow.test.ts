/** Our small floats against other people's: onnxruntime's Cast, and the tables in the OCP Microscaling specification. */
import { InferenceSession, Tensor } from '../../../src/engine/runtime/onnxruntime.mjs';
import { describe, expect, it } from 'vitest';
import type { FloatQuantizer } from '../../../src/quant/Quantizer';
import { MINIFLOATS, minifloatValue, type Minifloat } from '../../../src/core/scheme/Minifloat';
import { bytesOf, DataType, model, node, value } from '../../fixtures/onnx/builder';
import { applyTo, passesOver } from './fitted';

/** Float to the type and back, in onnxruntime. */
async function cast(type: DataType, numbers: Float32Array): Promise<Float32Array> {
  const saturate = type === DataType.FLOAT8E4M3FN || type === DataType.FLOAT8E5M2 ? { saturate: 1 } : {};
  const proto = model(
    {
      inputs: [value('x', [numbers.length])],
      nodes: [
        node('Cast', ['x'], 'small', { to: type, ...saturate }),
        node('Cast', ['small'], 'y', { to: DataType.FLOAT }),
      ],
      outputs: [value('y', [numbers.length])],
    },
    { opset: 21, ir: 10 },
  );
  // Without optimizations, as a Cast there and back is nothing to some of them.
  const session = await InferenceSession.create(bytesOf(proto), {
    logSeverityLevel: 4,
    graphOptimizationLevel: 'disabled',
  });
  const { y } = await session.run({ x: new Tensor('float32', numbers, [numbers.length]) });
  await session.release();
  return y!.data as Float32Array;
}

async function quantized(format: Minifloat, numbers: Float32Array): Promise<Float32Array> {
  const { groups } = (await passesOver(numbers, 1)).stats('tensor');
  const quantizer: FloatQuantizer = {
    kind: 'float',
    groups,
    bits: format.bits,
    format,
    scales: Float32Array.of(1),
    scaleType: 'none',
  };
  return applyTo(quantizer, numbers);
}

/** Layers with larger weights are left alone, so that bfloat16 is tried up to here. */
const LARGEST = 1e17;

/** Every number of the format, what lies half way, and what lies just beside that, of both signs; and a little more than the greatest. */
function probes(format: Minifloat): Float32Array {
  const numbers = Array.from({ length: 2 ** (format.bits - 1) }, (_, code) =>
    minifloatValue(format, code),
  ).filter((x) => x <= Math.min(format.max, LARGEST));
  const list = numbers.flatMap((x, i) => {
    const next = numbers[i + 1] ?? x;
    const middle = (x + next) / 2;
    return [x, middle, middle * (1 - 2 ** -20), middle * (1 + 2 ** -20)];
  });
  return Float32Array.from([...list, ...list.map((x) => -x)]);
}

describe.each([
  ['fp8e4m3', DataType.FLOAT8E4M3FN],
  ['fp8e5m2', DataType.FLOAT8E5M2],
  ['fp16', DataType.FLOAT16],
  ['bf16', DataType.BFLOAT16],
] as const)('%s', (name, type) => {
  it('rounds as onnxruntime does, at every number of the format and between', async () => {
    const numbers = probes(MINIFLOATS[name]);
    // The sign of zero apart: as weights, both are one.
    const plus = (list: Float32Array) => [...list].map((x) => x + 0);
    expect(plus(await quantized(MINIFLOATS[name], numbers))).toEqual(plus(await cast(type, numbers)));
  });
});

it.each(['fp8e4m3', 'fp8e5m2'] as const)('%s saturates as onnxruntime does', async (name) => {
  const { max } = MINIFLOATS[name];
  const numbers = Float32Array.of(max * 1.01, max * 1.2, -max * 1.5, max * 1e6, -1e17);
  const type = name === 'fp8e4m3' ? DataType.FLOAT8E4M3FN : DataType.FLOAT8E5M2;
  expect([...(await quantized(MINIFLOATS[name], numbers))]).toEqual([...(await cast(type, numbers))]);
});

describe('formats without a runtime to ask', () => {
  const positive = (name: 'fp4' | 'fp6e2m3' | 'fp6e3m2') => {
    const format = MINIFLOATS[name];
    return Array.from({ length: 2 ** (format.bits - 1) }, (_, code) => minifloatValue(format, code));
  };

  it('hold what the specification lists: FP4, FP6 E2M3, FP6 E3M2', () => {
    expect(positive('fp4')).toEqual([0, 0.5, 1, 1.5, 2, 3, 4, 6]);
    const eighths = (from: number, to: number, step: number) =>
      Array.from({ length: (to - from) / step }, (_, i) => from + i * step);
    expect(positive('fp6e2m3')).toEqual([
      ...eighths(0, 2, 0.125),
      ...eighths(2, 4, 0.25),
      ...eighths(4, 8, 0.5),
    ]);
    expect(positive('fp6e3m2')).toEqual([
      ...eighths(0, 0.5, 0.0625),
      ...[0.5, 1, 2, 4, 8, 16].flatMap((x) => eighths(x, 2 * x, x / 4)),
    ]);
  });

  it('have their negative numbers in the upper half of the codes', () => {
    for (const name of ['fp4', 'fp6e2m3', 'fp6e3m2'] as const) {
      const format = MINIFLOATS[name];
      const half = 2 ** (format.bits - 1);
      positive(name).forEach((x, code) => expect(minifloatValue(format, code + half)).toBeCloseTo(-x, 12));
    }
  });
});

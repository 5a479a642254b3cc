import { Tensor } from '../../../../src/engine/runtime/onnxruntime.mjs';
import { describe, expect, it } from 'vitest';
import { formatOutputError } from '../../../../src/core/report/reportMarkdown';
import { OutputComparison } from '../../../../src/engine/compare/OutputComparison';

/** Compares one output on samples. */
function compared(...samples: readonly (readonly [source: Tensor, output: Tensor])[]) {
  const comparison = new OutputComparison();
  for (const [source, output] of samples)
    comparison.add(new Map([['y', source]]), new Map([['y', output]]), null);
  const output = comparison.outputs()[0]!;
  return { output, text: formatOutputError(output), unchanged: comparison.unchanged().has('y') };
}

const row = (...data: number[]) => new Tensor('float32', Float32Array.from(data), [1, data.length]);
const words = (...data: string[]) => new Tensor('string', data, [data.length]);

describe('outputs of two models', () => {
  it('are identical where all are the same numbers', () => {
    expect(compared([row(1, 2), row(1, 2)])).toMatchObject({
      output: { sqnrDb: 'equal', compared: 1, otherSize: 0 },
      text: 'no difference measured on 1 sample',
      unchanged: true,
    });
  });

  it.each([NaN, Infinity, -Infinity])('are not comparable with %d on a sample, even in both', (odd) => {
    const { output, text, unchanged } = compared([row(1, 2), row(1, 2)], [row(odd, 2), row(odd, 2)]);
    expect(output).toMatchObject({ sqnrDb: 'broken' });
    expect(text).toBe('broken: NaN, infinite, or nothing but error');
    expect(unchanged).toBe(true);
  });

  it('are compared on the samples where they have the same size', () => {
    const same = [row(3, 4), row(3, 4.5)] as const;
    const { output, text, unchanged } = compared(same, [row(1, 2, 3), row(1, 2)], [row(1), row()]);
    expect(output).toMatchObject({ compared: 1, otherSize: 2 });
    expect(output.sqnrDb).toBeCloseTo(20, 9);
    expect(text).toBe(
      '20.0 dB, same top class 100.0 % on 1 of 3 samples; on 2 its size, which depends on the data, is another than the source\'s', // prettier-ignore
    );
    expect(unchanged).toBe(false);
  });

  it('are not called identical where nothing was compared', () => {
    expect(compared([row(), row()])).toMatchObject({
      output: { sqnrDb: null, compared: 0 },
      text: 'not compared: it is empty',
    });
    const { output, text } = compared([row(1, 2), row(1)]);
    expect(output).toMatchObject({ sqnrDb: null, compared: 0, otherSize: 1 });
    expect(text).toMatch(/^not compared: its size depends on the data/);
  });

  it('of text are equal or not', () => {
    const labels = compared(
      [words('yes', 'no'), words('yes', 'no')],
      [words('yes', 'no'), words('yes', 'yes')],
    );
    expect(labels.output).toMatchObject({ sqnrDb: null, top1Agreement: 0.75, text: true });
    expect(labels.text).toBe('same text 75.0 %');
    expect(compared([words('no'), words('no')])).toMatchObject({
      output: { top1Agreement: 1 },
      text: 'no difference measured on 1 sample',
      unchanged: true,
    });
  });

  it('are refused if one is not there', () => {
    const comparison = new OutputComparison();
    expect(() => comparison.add(new Map([['y', row(1)]]), new Map(), null)).toThrow('no output "y"');
  });

  it('find labels, each by their own scores where sizes differ', () => {
    const comparison = new OutputComparison();
    const add = (source: Tensor, output: Tensor, label: number) =>
      comparison.add(new Map([['y', source]]), new Map([['y', output]]), label);
    add(row(0, 1), row(1, 0), 1);
    add(row(0, 1), row(0, 0, 1), 2);
    expect(comparison.accuracy()).toEqual({ source: 0.5, output: 0.5, labelled: 2 });
  });
});

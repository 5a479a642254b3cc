import { describe, expect, it } from 'vitest';
import { formatOutputError } from '../../../../src/core/report/reportMarkdown';
import { OutputComparison } from '../../../../src/engine/compare/OutputComparison';

const values = (...data: number[]) => new Map([['y', { type: 'float32', shape: [1, data.length], data }]]);

function compared(...samples: [source: number[], output: number[]][]) {
  const comparison = new OutputComparison();
  for (const [source, output] of samples) comparison.add(values(...source), values(...output), null);
  return { output: comparison.outputs()[0]!, unchanged: comparison.unchanged().has('y') };
}

describe('outputs of two models', () => {
  it('are identical where all are the same numbers', () => {
    const { output, unchanged } = compared([
      [1, 2],
      [1, 2],
    ]);
    expect(output).toMatchObject({ identical: true, sqnrDb: null });
    expect(unchanged).toBe(true);
  });

  it.each([NaN, Infinity, -Infinity])('are not comparable with %d on a sample, even in both', (odd) => {
    const { output, unchanged } = compared([[1, 2], [1, 2]], [[odd, 2], [odd, 2]]); // prettier-ignore
    expect(output).toMatchObject({ identical: false, sqnrDb: null });
    expect(formatOutputError(output)).toBe('not comparable (NaN or infinity)');
    expect(unchanged).toBe(true);
  });
});

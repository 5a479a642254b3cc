import { describe, expect, it } from 'vitest';
import { isSlower, type ExportReport } from '../../../../src/core/report/report';
import { slowerText } from '../../../../src/core/report/reportMarkdown';

describe('an export', () => {
  it.each([
    [1.04, false],
    [1.1, true],
    [3, true],
  ])('that takes %d times as long is called slower in editor and report: %s', (outputMs, slower) => {
    const times = { sourceMs: 1, outputMs };
    expect(isSlower(times)).toBe(slower);
    for (const integers of [{}, null])
      expect(
        slowerText({ integers, slower: [], verification: times } as unknown as ExportReport) !== null,
      ).toBe(slower);
  });
});

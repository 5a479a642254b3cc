import { describe, expect, it } from 'vitest';
import type { IntegerReport } from '../../../../src/core/report/report';
import { integersText } from '../../../../src/core/report/reportMarkdown';

const REPORT = {
  activations: 'uint8',
  calibration: 'data',
  samples: 8,
  heldOut: 2,
  nodes: 4,
  integerKernels: 4,
  left: [],
} as unknown as IntegerReport;

describe('the sentence on integers', () => {
  it('counts no more nodes than are quantized, though onnxruntime may multiply activations in integers as well', () => {
    expect(integersText({ ...REPORT, integerKernels: 5 })).toMatch(/^4 of 4 quantized nodes compute/);
    expect(integersText({ ...REPORT, integerKernels: 3 })).toMatch(/^3 of 4 quantized nodes compute/);
  });

  it('says that samples are held out', () => {
    expect(integersText(REPORT)).toContain('8 of 10 samples of your data: the other 2 are held out');
  });

  it('says why weights have the form that they have, where that was chosen', () => {
    expect(integersText({ ...REPORT, forms: 'Weights are in signed codes.' })).toBe(
      `${integersText(REPORT)} Weights are in signed codes.`,
    );
  });

  it('says that nothing computes in integers, and why', () => {
    const left = [{ layer: 'conv', reason: 'its weights are uint8' }];
    const text = integersText({ ...REPORT, nodes: 0, integerKernels: 0, left });
    expect(text).toMatch(/^Nothing computes in integers, although activations as uint8 were asked for/);
    expect(text).toContain('its weights are uint8');
  });
});

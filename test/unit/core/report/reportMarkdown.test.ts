import { describe, expect, it } from 'vitest';
import type { Decibels } from '../../../../src/core/measure/Decibels';
import type {
  ComparedOutput,
  ExportReport,
  IntegerReport,
  Verification,
} from '../../../../src/core/report/report';
import {
  accuracyText,
  formatOutputError,
  lossyKernelsText,
  reportMarkdown,
  slowerText,
} from '../../../../src/core/report/reportMarkdown';

const output = (sqnrDb: Decibels, top1Agreement: number | null = null): ComparedOutput => ({
  name: 'y',
  sqnrDb,
  top1Agreement,
  compared: 8,
  otherSize: 0,
  text: false,
});
const verification = (change: Partial<Verification> = {}): Verification => ({
  inputs: 'data',
  samples: 8,
  shapes: { x: [1, 4] },
  outputs: [output(31.24)],
  otherOutputs: [],
  accuracy: null,
  sourceMs: 2,
  outputMs: 1,
  ...change,
});
const integers = (change: Partial<IntegerReport> = {}): IntegerReport => ({
  activations: 'uint8',
  calibration: 'data',
  samples: 32,
  heldOut: 8,
  layers: ['a'],
  nodes: 2,
  integerKernels: 1,
  exactOutputs: null,
  left: [],
  ...change,
});
const report = (change: Partial<ExportReport> = {}): ExportReport => ({
  output: { path: '/to/out.onnx', bytes: 300 },
  source: { path: '/from/model.onnx', bytes: 1200 },
  verification: verification(),
  opset: { source: 13, output: 21, note: null },
  slower: [],
  integers: null,
  repairs: [],
  notes: [],
  layers: [
    { name: 'a', scheme: 'int8', sqnrDb: 40.04, bytesBefore: 400, bytesAfter: 104 },
    { name: 'b', scheme: 'float', sqnrDb: 'exact', bytesBefore: 400, bytesAfter: 400 },
  ],
  ...change,
});

describe('the report of an export', () => {
  it('tells the ranges that were chosen by their effect', () => {
    const ranges = [
      { activation: 'a', range: 'p99.99', refined: true, readersGainDb: 2.04 },
      { activation: 'b', range: 'given', refined: false, readersGainDb: 0 },
    ];
    const text = reportMarkdown(report({ integers: integers({ ranges }) }));
    expect(text).toContain('| `a` | p99.99, refined | 2.0 dB |');
    expect(text).toContain("| `b` | the recipe's | 0.0 dB |");
    expect(reportMarkdown(report({ integers: integers({ ranges: [] }) }))).not.toContain('Activation ranges');
  });

  it('tells sizes, errors, times and layers', () => {
    const text = reportMarkdown(report());
    expect(text).toContain('| size | 1.20 kB | 300 B | 0.25 |');
    expect(text).toContain('| time per run | 2.00 ms | 1.00 ms | 0.50 |');
    expect(text).toContain('| `y` | 31.2 dB |');
    expect(text).toContain('8 samples of your data that ranges were not taken from');
    expect(text).toContain('Opset 21; the source has 13.');
    expect(text).toContain('| `a` | int8 | 40.0 dB |  |');
    expect(text).toContain('| `b` | float |  |  |');
  });

  it('says that nothing was compared, rather than nothing', () => {
    expect(reportMarkdown(report({ verification: null }))).toContain('was **not** run and compared');
  });

  it('tells outputs that are broken from those without a measured difference', () => {
    expect(formatOutputError(output('equal', 1))).toBe('no difference measured on 8 samples');
    expect(formatOutputError(output('broken', 0))).toBe('broken: NaN, infinite, or nothing but error');
    expect(formatOutputError(output(20, 0.75))).toBe('20.0 dB, same top class 75.0 %');
    for (const sqnrDb of ['equal', 'broken', 20] as const)
      expect(
        reportMarkdown(report({ verification: verification({ outputs: [output(sqnrDb)] }) })),
      ).not.toMatch(/exact|identical/);
  });

  it('says what labels are found', () => {
    const accuracy = { source: 0.9, output: 0.85, labelled: 20 };
    expect(accuracyText({ accuracy })).toBe('Accuracy on 20 labelled samples: 90.0 % → 85.0 %.');
    expect(accuracyText({ accuracy: null })).toBeNull();
  });

  it('warns of a model that is slower, and names the nodes', () => {
    const slower = [
      { op: 'DequantizeLinear', name: 'w', sourceMs: null, outputMs: 9 },
      { op: null, name: 'a', sourceMs: 1, outputMs: 3 },
    ];
    const times = (outputMs: number) => verification({ sourceMs: 2, outputMs });
    expect(slowerText(report({ integers: integers(), slower, verification: times(4) }))).toBe(
      'The integer model takes 2.0 times as long as the source on this machine. What loses most: DequantizeLinear of "w" 9.00 ms, which the source has not; "a" 1.00 ms → 3.00 ms.',
    );
    expect(slowerText(report({ slower, verification: times(2.05) }))).toBeNull();
    expect(slowerText(report({ verification: times(4) }))).toBe(
      'The exported model takes 2.0 times as long as the source on this machine.',
    );
  });

  it('warns of kernels that lose what the codes have, where both are measured', () => {
    const lossy = (own: Decibels, exact: Decibels) =>
      lossyKernelsText(
        report({
          verification: verification({ outputs: [output(own)] }),
          integers: integers({ exactOutputs: [output(exact)] }),
        }),
      );
    expect(lossy(16.2, 26)).toMatch(/lose 9\.8 dB: computed exactly, "y" would have 26\.0 dB/);
    expect(lossy(26, 26.5)).toBeNull();
    expect(lossy('broken', 26)).toBeNull();
    expect(lossy('equal', 'equal')).toBeNull();
  });

  it('says what each repair bought, and which were left out', () => {
    const gptq = {
      pass: 'gptq',
      changed: 4,
      tried: 5,
      before: 12,
      after: 30.5,
      kept: true,
      note: null,
    } as const;
    const bias = { ...gptq, pass: 'bias', before: 30.5, after: 29, kept: false, note: 'No | way.' } as const;
    const text = reportMarkdown(report({ repairs: [gptq, bias] }));
    expect(text).toContain('Repaired: 12.0 dB → 30.5 dB at the worst output');
    expect(text).toContain('- Rounding by moments: 12.0 dB → 30.5 dB, 4 of 5 changed.');
    expect(text).toContain(
      '- Bias correction: left out, as it does not help (30.5 dB → 29.0 dB). No \\| way.',
    );
    expect(reportMarkdown(report({ repairs: [bias] }))).toContain('No repair helped.');
    expect(reportMarkdown(report())).not.toContain('Repair');
  });

  it('keeps names from ending a cell', () => {
    const layers = [{ ...report().layers[0]!, name: 'a`|\n# b', note: 'no | way' }];
    const line = reportMarkdown(report({ layers }))
      .split('\n')
      .find((each) => each.includes('# b'))!;
    expect(line.match(/\|/g)).toHaveLength(6);
    expect(line).toContain('no \\| way');
  });
});

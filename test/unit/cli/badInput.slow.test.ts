import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExportReport } from '../../../src/core/report/report';
import { BAD_MODELS, HUGE, NOT_A_NUMBER, writeModel } from './badModels';
import { MODELS, quantscope, scratch, type JsonLayer } from './runCli';

describe.each(BAD_MODELS)('%s', (_, make, sentence) => {
  it.each(['inspect', 'sensitivity', 'quantize'])('%s says so in one sentence', async (command) => {
    const folder = scratch();
    const model = make(folder);
    const before = readdirSync(folder);
    const output = command === 'quantize' ? ['-o', join(folder, 'out.onnx')] : [];
    const { code, stdout, stderr } = await quantscope(command, model, ...output);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(/internal error|at .*\.ts|protobuf/);
    expect(readdirSync(folder)).toEqual(before);
  });
});

describe('weights that are no numbers', () => {
  it('are reported, and their layer stays as it is', async () => {
    const folder = scratch();
    const model = writeModel(folder, 'm.onnx', NOT_A_NUMBER);
    const problem = '2 of 4 weights are NaN or infinite, so this layer stays as it is.';
    const analysed = await quantscope('sensitivity', model, '--json');
    const { layers } = JSON.parse(analysed.stdout) as { layers: JsonLayer[] };
    expect(layers).toEqual([{ name: 'layer', schemes: {}, problem }]);
    const exported = await quantscope('quantize', model, '-o', join(folder, 'o.onnx'), '--json');
    expect((JSON.parse(exported.stdout) as ExportReport).layers).toEqual([
      {
        name: 'layer',
        scheme: 'float',
        sqnrDb: null,
        sqnr: 'exact',
        bytesBefore: 16,
        bytesAfter: 16,
        note: problem,
      },
    ]);
  });
});

describe('weights too large to measure', () => {
  it('are reported rather than measured wrongly', async () => {
    const { stdout } = await quantscope('sensitivity', writeModel(scratch(), 'm.onnx', HUGE), '--json');
    const { layers } = JSON.parse(stdout) as { layers: JsonLayer[] };
    expect(layers[0]!.schemes).toEqual({});
    expect(layers[0]!.problem).toBe(
      'The largest weight is 3.00e+30, too far from 1 to measure errors, so this layer stays as it is.',
    );
  });
});

describe('a bad recipe', () => {
  it.each([
    ['{', /is invalid: It is not valid JSON: line 1/],
    ['[', /is invalid: It is not valid JSON/],
    ['['.repeat(100_000), /is invalid: It is not valid JSON/],
    ['', /is invalid: It is not valid JSON/],
    ['[]', /A recipe is a JSON object\./],
    ['{ "version": 1, "default": "int9" }', /"int9" is not a scheme/],
    [
      '{ "version": 1, "default": "int8", "layers": { "x": "int4" } }',
      /not for this model: The model has no layer "x"\./,
    ],
    ['{ "version": 1, "default": "int8", "shapes": { "y": [1] } }', /no such input/],
    ['{ "version": 1, "default": "int8", "shapes": { "x": [1, 4, 48, 192] } }', /does not fit the input "x"/],
  ])('%s is refused', async (text, sentence) => {
    const folder = scratch();
    writeFileSync(join(folder, 'r.json'), text);
    const output = join(folder, 'o.onnx');
    const { code, stderr } = await quantscope(
      'quantize',
      MODELS.cls,
      '-o',
      output,
      '--recipe',
      join(folder, 'r.json'),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['r.json']);
  });
});

describe('an output that cannot be', () => {
  it('is refused before any work', async () => {
    const { code, stderr } = await quantscope(
      'quantize',
      MODELS.cls,
      '-o',
      join(scratch(), 'no/such/folder/o.onnx'),
    );
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/There is no folder .*no\/such\/folder to export to\./) as string,
    ]);
  });
});

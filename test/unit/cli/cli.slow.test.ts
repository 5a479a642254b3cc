import {
  copyFileSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { InferenceSession } from '../../../src/engine/runtime/onnxruntime.mjs';
import { describe, expect, it } from 'vitest';
import type { Inspection } from '../../../src/core/model/model';
import type { ExportReport } from '../../../src/core/report/report';
import { COMMON_SCHEMES, LOW_BIT_SCHEMES } from '../../../src/core/scheme/schemeLists';
import { interrupted, MODELS, quantscope, scratch, type JsonLayer } from './runCli';
import { HANG, writeModel } from './badModels';

describe('inspect', () => {
  it('prints a table for people', async () => {
    const { code, stdout, stderr } = await quantscope('inspect', MODELS.cls);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('579 kB, 134 k parameters');
    expect(stdout).toMatch(/p2o\.Conv\.0 +Conv +\[8, 3, 3, 3\]/);
    expect(stdout).toContain('140 × parameter of BatchNormalization');
  });

  it('prints JSON for machines', async () => {
    const { stdout } = await quantscope('inspect', MODELS.vad, '--json');
    const { model, layers, skipped } = JSON.parse(stdout) as Inspection;
    expect(model).toMatchObject({ bytes: statSync(MODELS.vad).size, opset: 16, producer: 'spox' });
    expect(layers).toHaveLength(16);
    expect(layers[0]).toMatchObject({ op: 'Conv', shape: [130, 1, 128], parameters: 16_640, bytes: 66_560 });
    expect(layers.reduce((sum, layer) => sum + layer.bytes, 0) / model.bytes).toBeGreaterThan(0.9);
    expect(skipped.every(({ reason }) => reason.length > 0)).toBe(true);
  });
});

describe('sensitivity', () => {
  it('measures every layer under the common schemes', async () => {
    const { code, stdout } = await quantscope('sensitivity', MODELS.cls, '--json');
    const { layers } = JSON.parse(stdout) as { layers: JsonLayer[] };
    expect([code, layers.length]).toEqual([0, 54]);
    for (const { schemes } of layers) {
      expect(Object.keys(schemes).sort()).toEqual([...COMMON_SCHEMES].sort());
      for (const error of Object.values(schemes).map((each) => each!)) {
        expect(error.sqnrDb).toBeGreaterThan(0);
        expect(error.cosine).toBeGreaterThan(0.5);
        expect(error.maxAbs ** 2).toBeGreaterThanOrEqual(error.mse);
      }
      expect(schemes.int8!.sqnrDb!).toBeGreaterThan(schemes.int4!.sqnrDb!);
      expect(schemes.int4!.sqnrDb!).toBeGreaterThan(schemes.binary!.sqnrDb!);
    }
  });

  it('tells what leaving each layer in float does to the model of a recipe', async () => {
    const options = ['--level', 'model', '--calibration', 'synthetic', '--samples', '4', '--schemes', 'int4'];
    const args = ['sensitivity', 'test/mnist/mnist.onnx', ...options, '--others'];
    const { code, stdout } = await quantscope(...args, '--json');
    const { recipe, layers } = JSON.parse(stdout) as {
      recipe: { sqnrDb: number };
      layers: { name: string; schemes: Record<string, { sqnrDb: number }> }[];
    };
    expect([code, layers.length]).toEqual([0, 4]);
    for (const { schemes } of layers) {
      expect(Object.keys(schemes).sort()).toEqual(['int4', 'left-in-float']);
      expect(schemes['left-in-float']!.sqnrDb).toBeGreaterThan(recipe.sqnrDb - 3);
    }
    const text = await quantscope(...args);
    expect(text.stdout).toContain(`The model as the recipe makes it: ${recipe.sqnrDb.toFixed(1)} dB`);
    expect(text.stdout).toMatch(/layer +int4 +left-in-float/);
  }, 60_000);

  it('measures what is asked for', async () => {
    const { stdout } = await quantscope('sensitivity', MODELS.cls, '--schemes', 'int4,binary', '--json');
    const { layers } = JSON.parse(stdout) as { layers: JsonLayer[] };
    expect(Object.keys(layers[0]!.schemes)).toEqual(['int4', 'binary']);
  });

  it('takes any scheme, however it is written, and lists by name', async () => {
    const list = 'int5/mse/block64,low-bit';
    const { stdout } = await quantscope('sensitivity', MODELS.cls, '--schemes', list, '--json');
    const { layers } = JSON.parse(stdout) as { layers: JsonLayer[] };
    expect(Object.keys(layers[0]!.schemes)).toEqual(['int5/block64/mse', ...LOW_BIT_SCHEMES]);
  });
});

describe('quantize', () => {
  it('writes a smaller model that runs, and reports', async () => {
    const output = join(scratch(), 'small.onnx');
    const { code, stdout, stderr } = await quantscope(
      'quantize',
      MODELS.vad,
      '-o',
      output,
      '--json',
      '--report',
    );
    expect([code, stderr]).toEqual([0, '']);
    const report = JSON.parse(stdout) as ExportReport;
    expect(report.output).toEqual({ path: output, bytes: statSync(output).size });
    expect(report.output.bytes / report.source.bytes).toBeLessThan(0.4);
    expect(report.verification!.inputs).toBe('synthetic');
    expect(report.verification!.outputs.map(({ name }) => name)).toEqual(['output', 'stateN']);
    expect(report.verification!.outputs.every(({ sqnrDb }) => Number(sqnrDb) > 15)).toBe(true);
    expect(report.layers).toHaveLength(16);
    expect(readFileSync(`${output}.report.md`, 'utf8')).toContain('synthetic inputs');
    expect((await InferenceSession.create(output)).outputNames).toEqual(['output', 'stateN']);
  });

  it('follows a recipe, and its float layers are untouched', async () => {
    const folder = scratch();
    const recipe = join(folder, 'recipe.json');
    writeFileSync(
      recipe,
      JSON.stringify({
        version: 1,
        default: 'float',
        layers: { 'p2o.Conv.5': 'int4' },
        shapes: { x: [1, 3, 48, 192] },
      }),
    );
    const { stdout } = await quantscope(
      'quantize',
      MODELS.cls,
      '-o',
      join(folder, 'o.onnx'),
      '--recipe',
      recipe,
      '--json',
    );
    const { layers, verification } = JSON.parse(stdout) as ExportReport;
    expect(layers.filter(({ scheme }) => scheme !== 'float').map(({ name }) => name)).toEqual(['p2o.Conv.5']);
    expect(verification!.shapes).toEqual({ x: [1, 3, 48, 192] });
  });

  it('keeps what it observed where it is told to, for the next process', async () => {
    const [folder, cache] = [scratch(), scratch()];
    const quantize = (output: string) => {
      const integers = ['--activations', 'uint8', '--calibration', 'synthetic', '--cache', cache];
      return quantscope('quantize', MODELS.cls, '-o', join(folder, output), ...integers);
    };
    const contents: Buffer[] = [];
    for (const output of ['a.onnx', 'b.onnx']) {
      expect((await quantize(output)).code).toBe(0);
      contents.push(readFileSync(join(folder, output)));
      // The same file both times: preparing a model ends with the same bytes in every process.
      expect(readdirSync(cache)).toHaveLength(1);
    }
    expect(contents[0]!.equals(contents[1]!)).toBe(true);
  }, 60_000);

  it('is identical when nothing is quantized', async () => {
    const output = join(scratch(), 'o.onnx');
    const { stdout } = await quantscope('quantize', MODELS.cls, '-o', output, '--scheme', 'float', '--json');
    expect((JSON.parse(stdout) as ExportReport).verification!.outputs[0]).toMatchObject({
      identical: true,
      sqnrDb: null,
      sqnr: 'equal',
    });
  });

  it('never quantizes twice', async () => {
    const folder = scratch();
    await quantscope('quantize', MODELS.cls, '-o', join(folder, 'a.onnx'), '--scheme', 'log4', '--no-verify');
    const { stdout } = await quantscope(
      'quantize',
      join(folder, 'a.onnx'),
      '-o',
      join(folder, 'b.onnx'),
      '--scheme',
      'binary',
      '--json',
    );
    const { layers, verification } = JSON.parse(stdout) as ExportReport;
    expect(
      layers.every(({ scheme, note }) => scheme === 'float' && note!.startsWith('quantized already')),
    ).toBe(true);
    expect(verification!.outputs[0]).toMatchObject({ identical: true });
  });

  it('replaces a file only when told to', async () => {
    const output = join(scratch(), 'o.onnx');
    writeFileSync(output, 'precious');
    const refused = await quantscope('quantize', MODELS.cls, '-o', output, '--no-verify');
    expect([refused.code, readFileSync(output, 'utf8')]).toEqual([1, 'precious']);
    expect(refused.stderr).toContain('exists already; use --force');
    expect((await quantscope('quantize', MODELS.cls, '-o', output, '--no-verify', '--force')).code).toBe(0);
    expect(statSync(output).size).toBeGreaterThan(100_000);
  });

  it('never writes over the source, by whatever name', async () => {
    const folder = scratch();
    const source = join(folder, 'model.onnx');
    copyFileSync(MODELS.cls, source);
    linkSync(source, join(folder, 'hard.onnx'));
    symlinkSync(source, join(folder, 'soft.onnx'));
    const before = readFileSync(source);
    for (const name of [
      'model.onnx',
      'hard.onnx',
      'soft.onnx',
      '../' + folder.split('/').at(-1)! + '/model.onnx',
    ]) {
      const { code, stderr } = await quantscope('quantize', source, '-o', join(folder, name), '--force');
      expect([code, stderr]).toEqual([
        1,
        'quantscope: The source model is never overwritten; choose another name.\n',
      ]);
    }
    expect(readFileSync(source).equals(before)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['hard.onnx', 'model.onnx', 'soft.onnx']);
  });

  it('leaves nothing behind when onnxruntime hangs', async () => {
    const folder = scratch();
    const model = writeModel(folder, 'hang.onnx', HANG);
    const { code, stderr } = await quantscope(
      'quantize',
      model,
      '-o',
      join(folder, 'o.onnx'),
      '--timeout',
      '2',
    );
    expect([code, stderr]).toEqual([
      1,
      'quantscope: onnxruntime did not finish within 2 s, so it was stopped.\n',
    ]);
    expect(readdirSync(folder)).toEqual(['hang.onnx']);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'leaves nothing behind on %s, also in the middle of a run',
    async (signal) => {
      const folder = scratch();
      const model = writeModel(folder, 'hang.onnx', HANG);
      const { code, stderr } = await interrupted(
        signal,
        1200,
        'quantize',
        model,
        '-o',
        join(folder, 'o.onnx'),
      );
      expect([code, stderr]).toEqual([1, 'quantscope: Cancelled.\n']);
      expect(readdirSync(folder)).toEqual(['hang.onnx']);
    },
  );
});

describe('usage', () => {
  it.each([
    [[], 2],
    [['--help'], 0],
    [['inspect', '--help'], 0],
    [['explode', 'm.onnx'], 2],
    [['inspect'], 2],
    [['inspect', 'a.onnx', 'b.onnx'], 2],
    [['inspect', 'a.onnx', '--nonsense'], 2],
    [['sensitivity', 'a.onnx', '--others'], 2],
    [['sensitivity', 'a.onnx', '--schemes', 'int9'], 2],
    [['sensitivity', 'a.onnx', '--schemes', 'int8,float'], 2],
    [['schemes', 'a.onnx'], 2],
    [['quantize', 'a.onnx'], 2],
    [['quantize', 'a.onnx', '-o', 'b.onnx', '--scheme', 'int9'], 2],
    [['quantize', 'a.onnx', '-o', 'b.onnx', '--scheme', 'int8', '--recipe', 'r.json'], 2],
    [['quantize', 'a.onnx', '-o', 'b.onnx', '--shape', 'x=1xtwo'], 2],
    [['quantize', 'a.onnx', '-o', 'b.onnx', '--timeout', '-1'], 2],
    [['quantize', 'a.onnx', '-o', 'b.onnx', '--format', 'onnx'], 2],
    [['__proto__', 'a.onnx'], 2],
  ])('%j ends with %i', async (args, code) => {
    const outcome = await quantscope(...args);
    expect(outcome.code).toBe(code);
    if (args.length > 1 && code === 2) expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(existsSync('b.onnx')).toBe(false);
  });
});

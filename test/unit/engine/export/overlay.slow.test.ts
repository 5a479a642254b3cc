/** Repairs that are kept: for the next export, and beside the model. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CancelledError } from '../../../../src/base/rpc';
import { EMPTY_RECIPE, type Recipe } from '../../../../src/core/recipe/recipe';
import type { ExportProgress } from '../../../../src/core/report/report';
import { exportModel } from '../../../../src/engine/export/exportModel';
import { sha256 } from '../../../../src/engine/io/ContentFile';
import { WeightKernel } from '../../../../src/engine/weights/WeightKernel';
import { testKernel } from '../../../fixtures/testKernel';
import { SamplePictures } from '../data/samplePictures';

vi.setConfig({ testTimeout: 120_000 });

let kernel: WeightKernel;
let pictures: SamplePictures;
let folder: string;
let exports = 0;
beforeAll(async () => {
  kernel = await WeightKernel.create(await testKernel());
}, 60_000);
beforeEach(() => {
  pictures = new SamplePictures();
  folder = mkdtempSync(join(tmpdir(), 'quantscope-overlay-'));
});
afterEach(() => {
  pictures.remove();
  rmSync(folder, { recursive: true });
});

interface Options {
  readonly save?: boolean;
  readonly cache?: boolean;
  /** Called with each progress. */
  readonly progress?: (progress: ExportProgress, stop: AbortController) => void;
}

async function exported(recipe: Partial<Recipe>, { save = false, cache = false, progress }: Options = {}) {
  const output = join(folder, `export${exports++}.onnx`);
  const stop = new AbortController();
  const stages = new Set<string>();
  const report = await exportModel(
    kernel,
    {
      path: pictures.model,
      recipe: { ...EMPTY_RECIPE, ...RECIPE, calibration: pictures.calibration, ...recipe },
      ...{ output, overwrite: false, verify: true, saveOverlay: save },
      cache: cache ? pictures.cache : null,
    },
    {
      signal: stop.signal,
      progress: (each) => {
        stages.add(each.stage);
        progress?.(each, stop);
      },
    },
  );
  return { report, stages, model: readFileSync(output) };
}

const RECIPE = { default: 'int4', repair: 'gptq,bias' };
const QUICK = { repair: 'bias' };
const overlayPath = () => `${pictures.model}.quant.safetensors`;

describe('repairs of an export', () => {
  it('are taken from those of one with the same inputs', async () => {
    const first = await exported({}, { cache: true });
    expect(first.report.repairs.map(({ pass, kept }) => [pass, kept])).toEqual([
      ['gptq', true],
      ['bias', expect.any(Boolean)],
    ]);
    const again = await exported({}, { cache: true });
    expect(again.stages).not.toContain('repairing');
    expect(again.model).toEqual(first.model);
    const { repairs, layers, notes } = first.report;
    expect(again.report).toMatchObject({ repairs, layers, notes });
    const other = await exported({ default: 'int3' }, { cache: true });
    expect(other.stages).toContain('repairing');
  });

  it('go on layer by layer where they were cancelled', async () => {
    const steps: number[][] = [];
    const counted = (stopAt: number) => {
      const own: number[] = [];
      steps.push(own);
      return ({ stage, fraction }: ExportProgress, stop: AbortController) => {
        if (stage !== 'repairing') return;
        own.push(fraction);
        if (own.length === stopAt) stop.abort();
      };
    };
    const whole = await exported({ repair: 'gptq' }, { progress: counted(Infinity) });
    const all = steps[0]!.length;
    await expect(
      exported({ repair: 'gptq' }, { cache: true, progress: counted(all - 4) }),
    ).rejects.toBeInstanceOf(CancelledError);
    const rest = await exported({ repair: 'gptq' }, { cache: true, progress: counted(Infinity) });
    expect(rest.model).toEqual(whole.model);
    expect(steps[2]!.length).toBeLessThan(all);
  });

  it('of integers, too, are kept', async () => {
    const recipe = { default: 'int8', activations: 'uint8', repair: 'gptq,ranges,bias' };
    const first = await exported(recipe, { save: true });
    const overlay = first.report.overlay!.digest;
    const again = await exported({ ...recipe, overlay });
    expect(again.stages).not.toContain('repairing');
    expect(again.report.integers!.ranges).toEqual(first.report.integers!.ranges);
    expect(again.report.repairs.map(({ pass }) => pass)).toEqual(['gptq', 'ranges', 'bias']);
    expect(again.report.notes.filter((note) => note.includes('saved repairs'))).toEqual([]);
    expect(again.model).toEqual(first.model);
  });
});

describe('repairs that are saved beside the model', () => {
  it('are taken by whoever names them, and are the same bytes each time', async () => {
    const first = await exported({}, { save: true });
    const { path, digest } = first.report.overlay!;
    expect(path).toBe(overlayPath());
    const bytes = readFileSync(path);
    expect(sha256(bytes)).toBe(digest);
    const taken = await exported({ overlay: digest });
    expect(taken.stages).not.toContain('repairing');
    expect(taken.model).toEqual(first.model);
    expect(taken.report.notes).toEqual(first.report.notes);
    const saved = await exported({}, { save: true });
    expect(saved.report.overlay).toEqual(first.report.overlay);
    expect(readFileSync(path)).toEqual(bytes);
  });

  it.each<[string, RegExp, () => Partial<Recipe>]>([
    ['the model', /the model is another one now/, () => (pictures.changeModel(), {})],
    ['the data', /the calibration data are others now/, () => (pictures.paint(1, 77), {})],
    ['a scheme', /the recipe has other schemes now/, () => ({ layers: { conv1: 'int8' } })],
    ['the file', /not the ones that the recipe names/, () => (writeFileSync(overlayPath(), 'x'), {})],
    ['the folder', /there is no such file/, () => (rmSync(overlayPath()), {})],
  ])('are computed anew, visibly, where %s has changed', async (_, reason, change) => {
    const { digest } = (await exported(QUICK, { save: true })).report.overlay!;
    const { report, stages } = await exported({ ...QUICK, ...change(), overlay: digest });
    expect(stages).toContain('repairing');
    expect(report.notes.filter((note) => reason.test(note))).toHaveLength(1);
  });

  it('that are damaged, though they have the digest that the recipe names, are computed anew', async () => {
    await exported(QUICK, { save: true });
    const bytes = readFileSync(overlayPath());
    const text = bytes.toString('latin1').replaceAll('tried', 'triad');
    const damaged = Buffer.from(text, 'latin1');
    expect(damaged).not.toEqual(bytes);
    writeFileSync(overlayPath(), damaged);
    const { report, stages } = await exported({ ...QUICK, overlay: sha256(damaged) });
    expect(stages).toContain('repairing');
    expect(report.notes.some((note) => note.includes('no result that fits'))).toBe(true);
  });

  it('never take the place of another file, and leave none behind where an export fails', async () => {
    writeFileSync(overlayPath(), 'mine');
    await expect(exported({}, { save: true })).rejects.toThrow(/is not replaced/);
    expect(readFileSync(overlayPath(), 'utf8')).toBe('mine');
    rmSync(overlayPath());
    const stopped = exported(QUICK, {
      save: true,
      progress: ({ stage }, stop) => stage === 'verifying' && stop.abort(),
    });
    await expect(stopped).rejects.toBeInstanceOf(CancelledError);
    expect(existsSync(overlayPath())).toBe(false);
    expect(
      readdirSync(dirname(overlayPath())).filter((name) => name.includes(basename(overlayPath()))),
    ).toEqual([]);
  });

  it('are none where nothing was repaired', async () => {
    const { report } = await exported({ repair: 'off' }, { save: true });
    expect(report.overlay).toBeUndefined();
    expect(report.notes).toContain('No repairs were saved, as nothing was repaired.');
  });
});

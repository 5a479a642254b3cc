import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readModel } from '../../../../src/engine/models/OpenModels';
import { EMPTY_RECIPE } from '../../../../src/core/recipe/recipe';
import { UserError } from '../../../../src/base/UserError';
import { bytesOf, floats, model, node, value } from '../../../fixtures/onnx/builder';
import { Exporter } from './exporter';

const exporter = new Exporter();
beforeAll(() => exporter.start(), 60_000);
afterAll(() => exporter.remove());

let cases = 0;
let folder: string;
beforeEach(() => {
  folder = join(exporter.folder, `case${cases++}`);
  mkdirSync(folder);
});

/** A model of one layer, y = x w; with `count` weights. */
function source(name: string, count = 8192): string {
  const path = join(folder, name);
  const proto = model({
    nodes: [node('MatMul', ['x', 'w'], 'y', {}, 'layer')],
    inputs: [value('x', [1, 8])],
    outputs: [value('y', [1, count / 8])],
    initializers: [floats('w', [8, count / 8])],
  });
  writeFileSync(path, bytesOf(proto));
  return path;
}

interface Wish {
  readonly overwrite?: boolean;
  readonly onStage?: (stage: string) => void;
  /** Weights of the export in a file of their own. */
  readonly external?: boolean;
}

function run(from: string, output: string, { overwrite = false, onStage, external = false }: Wish = {}) {
  const request = { path: from, recipe: EMPTY_RECIPE, output, overwrite, verify: true, cache: null };
  return exporter.run(request, onStage, external ? 10 : undefined);
}

/** The files in the folder, but those of the sources. */
const left = () => readdirSync(folder).filter((name) => !name.startsWith('source'));
const out = () => join(folder, 'out.onnx');
/** The data that a model names. */
const dataOf = (path: string) => readModel(path).files.paths.map((file) => basename(file));

describe('where an export goes', () => {
  it.each([false, true])(
    'a file that appears there meanwhile stays as it is (external data: %s)',
    async (external) => {
      const appears = (stage: string) => {
        if (stage === 'verifying') writeFileSync(out(), 'precious');
      };
      const job = run(source('source.onnx'), out(), { onStage: appears, external });
      await expect(job).rejects.toThrow(UserError);
      await expect(job).rejects.toThrow(
        `${out()} cannot be written: it exists already; choose another name.`,
      );
      expect(readFileSync(out(), 'utf8')).toBe('precious');
      expect(left()).toEqual(['out.onnx']);
    },
  );

  it('of two exports to one name, one succeeds', async () => {
    const jobs = await Promise.allSettled([
      run(source('source1.onnx'), out()),
      run(source('source2.onnx', 16384), out()),
    ]);
    expect(jobs.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(left()).toEqual(['out.onnx']);
  });

  it('a model with external data takes the place of another by one switch', async () => {
    await run(source('source1.onnx'), out(), { external: true });
    expect(left()).toEqual(['out.onnx', 'out.onnx.data']);
    const before = [readFileSync(out()), readFileSync(`${out()}.data`)] as const;
    let watched = 0;
    await run(source('source2.onnx', 16384), out(), {
      external: true,
      overwrite: true,
      onStage: () => {
        watched++;
        expect(readFileSync(out()).equals(before[0])).toBe(true);
        expect(readFileSync(`${out()}.data`).equals(before[1])).toBe(true);
      },
    });
    expect(watched).toBeGreaterThan(0);
    // The old data are gone, and the new ones never had their name.
    expect(dataOf(out())).toHaveLength(1);
    expect(dataOf(out())[0]).toMatch(/^out\.onnx\.[0-9a-f]{8}\.data$/);
    expect(left()).toEqual(['out.onnx', dataOf(out())[0]].sort());
  });

  it('the old model and its data stay where the new model cannot take their place', async () => {
    await run(source('source1.onnx'), out(), { external: true });
    const data = readFileSync(`${out()}.data`);
    const blocked = run(source('source2.onnx'), out(), {
      external: true,
      overwrite: true,
      onStage: (stage) => {
        if (stage !== 'verifying' || existsSync(join(folder, 'moved.onnx'))) return;
        renameSync(out(), join(folder, 'moved.onnx'));
        mkdirSync(join(out(), 'inner'), { recursive: true });
      },
    });
    await expect(blocked).rejects.toThrow(UserError);
    expect(readFileSync(`${out()}.data`).equals(data)).toBe(true);
    expect(left()).toEqual(['moved.onnx', 'out.onnx', 'out.onnx.data']);
  });

  it.skipIf(process.platform === 'win32')('a link is replaced, not what it leads to', async () => {
    writeFileSync(join(folder, 'elsewhere'), 'precious');
    symlinkSync(join(folder, 'elsewhere'), out());
    await expect(run(source('source.onnx'), out())).rejects.toThrow('exists already');
    await run(source('source.onnx'), out(), { overwrite: true });
    expect(readFileSync(join(folder, 'elsewhere'), 'utf8')).toBe('precious');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling.onnx'));
    await expect(run(source('source.onnx'), join(folder, 'dangling.onnx'))).rejects.toThrow('exists already');
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
  });

  it.skipIf(process.platform === 'win32')(
    'a report is refused where there is a file, and never written through a link',
    async () => {
      const request = {
        ...{ path: source('source.onnx'), recipe: EMPTY_RECIPE, output: out(), verify: true, cache: null },
        report: true,
      };
      writeFileSync(join(folder, 'elsewhere'), 'precious');
      symlinkSync(join(folder, 'elsewhere'), `${out()}.report.md`);
      await expect(exporter.run({ ...request, overwrite: false })).rejects.toThrow(
        'report.md exists already',
      );
      await exporter.run({ ...request, overwrite: true });
      expect(readFileSync(join(folder, 'elsewhere'), 'utf8')).toBe('precious');
      expect(readFileSync(`${out()}.report.md`, 'utf8')).toContain('layer');
    },
  );

  it('data that the source uses are not removed with a model that used them as well', async () => {
    await run(source('source1.onnx'), out(), { external: true });
    const other = join(folder, 'source2.onnx');
    linkSync(out(), other);
    await expect(run(other, out(), { overwrite: true })).rejects.toThrow('never overwritten');
    writeFileSync(join(folder, 'source3.onnx'), readFileSync(out()));
    await expect(run(join(folder, 'source3.onnx'), out(), { overwrite: true })).rejects.toThrow(
      'never overwritten',
    );
    expect(left()).toEqual(['out.onnx', 'out.onnx.data']);
  });
});

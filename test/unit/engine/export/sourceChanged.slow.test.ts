/** A source that is replaced while it is exported. */
import { readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMPTY_RECIPE } from '../../../../src/core/recipe/recipe';
import { bytesOf, floats, model, node, value } from '../../../fixtures/onnx/builder';
import { Exporter } from './exporter';

const exporter = new Exporter();
beforeAll(() => exporter.start(), 60_000);
afterAll(() => exporter.remove());

const source = () => join(exporter.folder, 'source.onnx');

/** y = x w, all weights alike: the models have the same size. */
const modelOf = (weight: number) =>
  bytesOf(
    model({
      nodes: [node('MatMul', ['x', 'w'], 'y', {}, 'layer')],
      inputs: [value('x', [1, 8])],
      outputs: [value('y', [1, 8])],
      initializers: [floats('w', [8, 8], new Float32Array(64).fill(weight))],
    }),
  );

/** Another model of the same size and time, in the file or in its place. */
const replacements = {
  written: (path: string) => writeFileSync(path, modelOf(2)),
  moved: (path: string) => {
    writeFileSync(`${path}.new`, modelOf(2));
    renameSync(`${path}.new`, path);
  },
};

describe('an export', () => {
  it.each([
    ['written', 'writing'],
    ['written', 'verifying'],
    ['moved', 'verifying'],
  ] as const)('fails if its source is %s anew while %s, size and time being the same', async (how, when) => {
    writeFileSync(source(), modelOf(1));
    const { atime, mtime, size } = statSync(source());
    let replaced = false;
    const onStage = (stage: string) => {
      if (replaced || stage !== when) return;
      replaced = true;
      replacements[how](source());
      utimesSync(source(), atime, mtime);
    };
    const output = join(exporter.folder, 'out.onnx');
    const request = {
      path: source(),
      recipe: EMPTY_RECIPE,
      output,
      overwrite: false,
      verify: true,
      cache: null,
    };
    await expect(exporter.run(request, onStage)).rejects.toThrow(
      /source\.onnx" was changed while it was exported/,
    );
    expect([replaced, statSync(source()).size]).toEqual([true, size]);
    expect(readFileSync(source()).equals(Buffer.from(modelOf(2)))).toBe(true);
    expect(readdirSync(exporter.folder).filter((name) => name.startsWith('out'))).toEqual([]);
  });
});

/** An export never takes the place of what it is made of. */
import { linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkOutput, protectSources } from '../../../../src/engine/io/exportPath';

const folder = mkdtempSync(join(tmpdir(), 'quantscope-path-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, name);
const [model, data] = [file('a.onnx'), file('b.onnx.data')];
writeFileSync(model, 'model');
writeFileSync(data, 'weights');
linkSync(data, file('hard.data'));
symlinkSync(model, file('soft.onnx'));

describe('the source', () => {
  it.each([
    ['itself', 'a.onnx'],
    ['a link to it', 'soft.onnx'],
    ['its data', 'b.onnx.data'],
    ['another name of its data', 'hard.data'],
    ['a model whose data would take the place of its data', 'b.onnx'],
  ])('is not overwritten by an export to %s', (_, name) => {
    expect(() => protectSources([model, data], file(name))).toThrow(/source model is never overwritten/);
  });

  it('does not mind other files', () => {
    expect(() => protectSources([model, data], file('c.onnx'))).not.toThrow();
  });
});

describe('an existing file', () => {
  it('is replaced only where that is wanted, and the data beside it as well', () => {
    expect(() => checkOutput(model, false)).toThrow(`${model} exists already`);
    expect(() => checkOutput(file('b.onnx'), false)).toThrow(`${data} exists already`);
    expect(() => checkOutput(file('b.onnx'), true)).not.toThrow();
    expect(() => checkOutput(file('c.onnx'), false)).not.toThrow();
    expect(() => checkOutput(folder, true)).toThrow('is not a file');
    expect(() => checkOutput(join(folder, 'none', 'c.onnx'), true)).toThrow('no folder');
  });
});

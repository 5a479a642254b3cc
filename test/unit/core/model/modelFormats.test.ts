import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MODEL_FORMATS, modelExtension, quantizedPath } from '../../../../src/core/model/modelFormats';

const extensions = MODEL_FORMATS.flatMap((format) => format.extensions);

describe('extensions of models', () => {
  it.each([
    ['m.onnx', '.onnx', 'm.quantized.onnx'],
    ['a.b/M.ONNX', '.ONNX', 'a.b/M.quantized.onnx'],
    ['m.onnx.data', '', 'm.onnx.data.quantized.onnx'],
    ['onnx', '', 'onnx.quantized.onnx'],
  ])('%s: "%s"', (path, extension, quantized) => {
    expect(modelExtension(path)).toBe(extension);
    expect(quantizedPath(path)).toBe(quantized);
  });

  it('are those that the editor is told of', () => {
    const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      contributes: { customEditors: { selector: { filenamePattern: string }[] }[] };
    };
    const patterns = contributes.customEditors.flatMap(({ selector }) =>
      selector.map(({ filenamePattern }) => filenamePattern),
    );
    expect(patterns).toEqual(extensions.map((extension) => `*${extension}`));
  });

  it('are written down in one place', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const naming = files.filter((file) => {
      // ai.onnx is a domain of operators.
      const text = readFileSync(join('src', file), 'utf8').replaceAll('ai.onnx', '');
      return extensions.some((extension) => new RegExp(`\\${extension}\\b(?!\\.proto)`).test(text));
    });
    expect(naming).toEqual([join('core', 'model', 'modelFormats.ts')]);
  });
});

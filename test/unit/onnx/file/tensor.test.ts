import { describe, expect, it } from 'vitest';
import { checkExternalPath } from '../../../../src/onnx/file/externalData';
import { tensorShape } from '../../../../src/onnx/file/shapes';
import { checkTensor, tensorByteLength, tensorBytes } from '../../../../src/onnx/file/tensor';
import { UserError } from '../../../../src/base/UserError';
import { DataType, externalTensor, floatBytes, rawTensor, typedTensor } from '../../../fixtures/onnx/builder';
import { MemoryFiles, NO_FILES } from '../../../fixtures/onnx/memoryFiles';

const VALUES = [0, -0, 1, -1.5, 65504, 2 ** -24, Infinity, NaN];
const FLOAT_TYPES = [DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE];

function complaint(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  return 'none';
}

describe.each(FLOAT_TYPES)('elements of type %i', (type) => {
  const bytes = floatBytes(type, VALUES);

  it('are read from raw data without a copy', () => {
    const tensor = rawTensor('t', type, [2, 4], bytes);
    expect(tensorBytes(tensor, NO_FILES)).toBe(tensor.rawData);
  });

  it('are read from typed fields', () => {
    const tensor = typedTensor('t', type, [2, 4], VALUES);
    checkTensor(tensor, NO_FILES);
    expect(tensorBytes(tensor, NO_FILES)).toEqual(bytes);
  });

  it('are counted before they are read', () => {
    for (const tensor of [rawTensor('t', type, [3, 4], bytes), typedTensor('t', type, [3, 4], VALUES)]) {
      const sentence = complaint(() => tensorBytes(tensor, NO_FILES));
      expect(sentence).toMatch(
        /^The tensor "t" is b?float\d\d \[3, 4\], which takes \d+ bytes, but it holds \d+\.$/,
      );
      expect(complaint(() => checkTensor(tensor, NO_FILES))).toBe(sentence);
    }
  });
});

describe('shapes', () => {
  it.each<[bigint[], string]>([
    [[2n, -1n], 'The tensor "t" has the negative dimension -1.'],
    [[2n ** 32n, 2n ** 32n], 'The tensor "t" has more elements than any model: [4294967296, 4294967296].'],
    [[0n, 2n ** 62n], 'The tensor "t" has more elements than any model: [0, 4611686018427387904].'],
    [Array<bigint>(100).fill(1n), 'The tensor "t" has 100 dimensions, more than any runtime takes.'],
  ])('are refused', (dims, sentence) => {
    expect(complaint(() => tensorShape({ name: 't', dims }))).toBe(sentence);
  });

  it('of packed types take whole bytes', () => {
    expect(tensorByteLength(rawTensor('t', DataType.INT4, [3, 3], new Uint8Array(5)))).toBe(5);
    expect(tensorByteLength(rawTensor('t', DataType.UINT2, [3, 3], new Uint8Array(3)))).toBe(3);
  });
});

describe('external data', () => {
  const files = new MemoryFiles({ 'w.bin': floatBytes(DataType.FLOAT, [9, 1, 2, 3, 4, 9]) });
  const external = (fields: Record<string, string>) => externalTensor('t', [2, 2], fields);

  it('is read from its place', () => {
    const bytes = floatBytes(DataType.FLOAT, [1, 2, 3, 4]);
    for (const fields of [{ offset: '4', length: '16' }, { offset: '4' }])
      expect(tensorBytes(external({ location: 'w.bin', ...fields }), files)).toEqual(bytes);
    expect(tensorBytes(external({ location: 'w.bin' }), files)[0]).toBe(0);
  });

  it('is checked without reading it', () => {
    const fresh = new MemoryFiles({ 'w.bin': new Uint8Array(16) });
    checkTensor(external({ location: 'w.bin' }), fresh);
    expect(fresh.reads).toEqual([]);
  });

  it.each([
    [
      { location: 'w.bin', length: '12' },
      'The tensor "t" is float32 [2, 2], which takes 16 bytes, but it holds 12.',
    ],
    [{ location: 'w.bin', offset: '12' }, 'The tensor "t" ends at byte 28 of "w.bin", which has only 24.'],
    [
      { location: 'w.bin', offset: '-1' },
      'The tensor "t" has the external offset "-1", which is no number of bytes.',
    ],
    [
      { location: 'w.bin', length: '1e3' },
      'The tensor "t" has the external length "1e3", which is no number of bytes.',
    ],
    [
      { location: '../w.bin' },
      `The tensor "t" refers to the external data "../w.bin", which is not a path inside the model's folder.`,
    ],
    [{ location: 'gone.bin' }, `The external data file "gone.bin" is not in the model's folder.`],
  ])('is refused in a sentence: %j', (fields, sentence) => {
    expect(complaint(() => checkTensor(external(fields), files))).toBe(sentence);
  });

  it.each([
    '',
    '.',
    './',
    '..',
    '../a',
    'a/../../b',
    '/etc/passwd',
    '\\\\server\\share',
    'C:\\a',
    'c:a',
    '..\\a',
    'a\0b',
    'a:b',
  ])('does not leave the folder: %j', (location) =>
    expect(() => checkExternalPath(location, 't')).toThrow(UserError),
  );

  it.each(['w.bin', 'sub/w.bin', './w.bin', 'a..b', '...'])('may lie in it: %j', (location) =>
    expect(() => checkExternalPath(location, 't')).not.toThrow(),
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rewriteModel } from '../../../../src/onnx/write/rewriteModel';
import { serializeModel } from '../../../../src/onnx/write/serializeModel';
import { UserError } from '../../../../src/base/UserError';
import { bytesOf, floats, graph, model, node, value } from '../../../fixtures/onnx/builder';
import { encodedTensor } from '../../../fixtures/onnx/encoded';
import { inspect, parseInMemory, readReal } from '../../../fixtures/onnx/inspect';
import { NO_FILES } from '../../../fixtures/onnx/memoryFiles';

const text = (content: string) => new TextEncoder().encode(content);
const small = () =>
  bytesOf(
    model({
      nodes: [node('MatMul', ['x', 'w'], 'y', {}, 'm')],
      inputs: [value('x', ['n', 3])],
      outputs: [value('y', ['n', 2])],
      initializers: [floats('w', [3, 2])],
    }),
  );

/** The sentence that opening these bytes as `m.onnx` gives. */
function complaint(bytes: Uint8Array): string {
  try {
    parseInMemory(bytes, 'm.onnx');
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  return 'none';
}

describe('what is no model', () => {
  it.each([
    ['nothing', '', 'm.onnx is empty.'],
    ['JSON', '{"a": 1}', 'm.onnx is not an ONNX model but JSON text.'],
    ['text', 'Hello,\nthis is no model.', 'm.onnx is not an ONNX model but text.'],
    ['a web page', '<!DOCTYPE html><html></html>', 'm.onnx is not an ONNX model but a web page.'],
    ['a web page in capitals', '<HTML>', 'm.onnx is not an ONNX model but a web page.'],
    [
      'a Git LFS pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
      'm.onnx is not an ONNX model but a Git LFS pointer; fetch the real file with "git lfs pull".',
    ],
    ['a ZIP archive', 'PK\x03\x04....', 'm.onnx is not an ONNX model but a ZIP archive.'],
  ])('is told apart: %s', (_, content, sentence) => {
    expect(complaint(text(content))).toBe(sentence);
  });

  it('tells a picture apart', () => {
    expect(complaint(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10))).toBe(
      'm.onnx is not an ONNX model but a picture.',
    );
  });

  it('says so of bytes that are no protobuf', () => {
    expect(complaint(Uint8Array.of(0x0f, 0xff, 0xff))).toBe(
      'm.onnx is not an ONNX model, or damaged: its bytes are not valid protobuf.',
    );
  });

  it('says so of a message without a graph', () => {
    const sentence = 'm.onnx is not an ONNX model: it holds no graph.';
    expect(complaint(Uint8Array.of(0x08, 0x08))).toBe(sentence);
    expect(complaint(bytesOf(model({})))).toBe(sentence);
  });

  it('says so of a file that is cut off', () => {
    expect(complaint(small().subarray(0, 40))).toBe(
      'm.onnx is cut off or damaged: it ends in the middle of a field.',
    );
  });
});

describe('nested subgraphs', () => {
  /** `depth` If nodes in each other, written by hand from the inside out: the library cannot write what it cannot read. */
  function nested(depth: number): Uint8Array {
    const buffer = new Uint8Array(depth * 32 + 16);
    let start = buffer.length;
    const prepend = (...bytes: number[]) => buffer.set(bytes, (start -= bytes.length));
    const wrap = (number: number) => {
      const length: number[] = [];
      for (let rest = buffer.length - start; rest > 0 || length.length === 0; rest = Math.floor(rest / 128))
        length.push((rest % 128) | (rest > 127 ? 128 : 0));
      prepend((number << 3) | 2, ...length);
    };
    // From outside: graph (7), and in it again and again node (1), attribute (5), graph (6).
    for (let level = 0; level < depth; level++) for (const number of [6, 5, 1]) wrap(number);
    wrap(7);
    prepend(0x08, 0x08);
    return buffer.subarray(start);
  }

  it('are read 30 levels deep', () => {
    const inner = (depth: number): ReturnType<typeof graph> =>
      depth === 0
        ? graph({ nodes: [node('MatMul', ['x', 'w'], 'y')], initializers: [floats('w', [2, 2])] })
        : graph({ nodes: [node('If', ['c'], 'y', { then_branch: inner(depth - 1) }, 'i')] });
    const proto = model({ nodes: inner(30).node });
    expect(inspect(proto).inspection.layers[0]!.scope.split('/')).toHaveLength(60);
  });

  it.each([40, 1000, 10_000])('are refused in a sentence, %i levels deep', (depth) => {
    expect(complaint(nested(depth))).toBe(
      'm.onnx cannot be read: its subgraphs are nested too deeply, more than 32 levels.',
    );
  });
});

describe('a model', () => {
  it('keeps fields that are not known', () => {
    const bytes = concat(small(), Uint8Array.of(0xfa, 0x3f, 2, 7, 7));
    expect(bytesOf(parseInMemory(bytes, 'm'))).toEqual(bytes);
  });
});

describe('damaged files', () => {
  const real = readReal('cls').subarray(0, 60_000);
  const survives = (bytes: Uint8Array) => {
    try {
      const inspected = inspect(bytes);
      const open = [...inspected.layers].filter(([, { summary }]) => summary.quantized === null);
      const rewritten = rewriteModel(
        inspected,
        new Map(open.map(([name, { layout }]) => [name, encodedTensor('log4', layout)])),
      );
      serializeModel(rewritten, NO_FILES, 'm.data');
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      expect(error.message).toMatch(/^[^\n]+\.$/);
    }
  };

  it('are never more than a sentence, wherever they are cut', () => {
    fc.assert(
      fc.property(fc.nat(real.length), (end) => survives(real.slice(0, end))),
      { numRuns: 100 },
    );
  });

  it('are never more than a sentence, whatever bits are flipped', () => {
    for (const source of [small(), readReal('cls'), real]) {
      const flips = fc.array(fc.tuple(fc.nat(source.length - 1), fc.nat(255)), {
        minLength: 1,
        maxLength: 8,
      });
      fc.assert(
        fc.property(flips, (list) => {
          const bytes = source.slice();
          for (const [at, byte] of list) bytes[at] = byte;
          survives(bytes);
        }),
        { numRuns: source.length > 1000 ? 50 : 1000 },
      );
    }
  });

  it('are never more than a sentence if they are noise', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), survives), { numRuns: 1000 });
  });
});

function concat(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

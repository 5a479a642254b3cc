import { describe, expect, it } from 'vitest';
import { markdownCode, markdownText, printable, printableJson, quoted } from '../../../src/base/quoted';

const ESCAPE = '\u001b[31mred\u001b[0m';

describe('names out of a file', () => {
  it('cannot control a terminal, break a line or turn the direction of writing', () => {
    expect(quoted(ESCAPE)).toBe('"\ufffd[31mred\ufffd[0m"');
    expect(quoted('a\nb\u2028c\u009bd\u202ee')).toBe('"a\ufffdb\ufffdc\ufffdd\ufffde"');
    expect(quoted('encoder/层.weight é 🙂')).toBe('"encoder/层.weight é 🙂"');
  });

  it('keep both ends where they are long, and no half of a character', () => {
    const long = `${'a'.repeat(1000)}.weight`;
    expect(printable(long)).toMatch(/^a+…a+\.weight$/);
    expect(printable(long).length).toBeLessThanOrEqual(200);
    expect(printable('🙂'.repeat(500)).isWellFormed()).toBe(true);
    expect(printable('short', 44)).toBe('short');
  });

  it('take no longer the longer they are', () => {
    expect(printable('\u001b'.repeat(10_000_000)).length).toBeLessThanOrEqual(200);
  });

  it('end neither code nor cell nor line in Markdown', () => {
    expect(markdownCode('a`|\n<b>')).toBe('`a  \ufffd<b>`');
    expect(markdownText('a | b\n<script> *x* [y](z)')).toBe('a \\| b \\<script\\> \\*x\\* \\[y\\](z)');
  });

  it('are the same JSON after escaping', () => {
    const value = { name: 'a\u009b31m\u202eb\u2028' };
    const text = printableJson(value);
    expect(text).not.toMatch(/[\u007f-\u009f\u202a-\u202e\u2028]/);
    expect(JSON.parse(text)).toEqual(value);
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesOf, floats, model, node, value } from '../../fixtures/onnx/builder';
import { quantscope, scratch } from './runCli';

/** Clears a terminal, sets its title, breaks lines, turns the direction of writing. */
const HOSTILE = '\u001b[2J\u001b]0;owned\u0007\r\nfake: ok\u202e\u009b31m';
const RAW = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029]/; // eslint-disable-line no-control-regex
const LONG = 'n'.repeat(1_000_000);

const folder = scratch();
function hostileModel(file: string, name: string): string {
  const path = join(folder, file);
  const [x, y, w] = [`x${name}`, `y${name}`, `w${name}`];
  const proto = model({
    nodes: [node('MatMul', [x, w], y)],
    inputs: [value(x, [2, 4])],
    outputs: [value(y, [2, 3])],
    initializers: [floats(w, [4, 3])],
  });
  proto.producerName = name;
  writeFileSync(path, bytesOf(proto));
  return path;
}
const path = hostileModel('hostile.onnx', HOSTILE);
const long = hostileModel('long.onnx', LONG);

describe('names that would write on the terminal', () => {
  it.each([
    ['inspect', []],
    ['inspect', ['--json']],
    ['sensitivity', ['--schemes', 'int8']],
    ['sensitivity', ['--schemes', 'int8', '--level', 'model', '--calibration', 'synthetic', '--json']],
    ['quantize', ['-o', join(folder, 'out1.onnx')]],
    ['quantize', ['--json', '--report', '-o', join(folder, 'out2.onnx')]],
    ['quantize', ['--activations', 'uint8', '--calibration', 'synthetic', '-o', join(folder, 'out3.onnx')]],
    ['sensitivity', ['--level', 'layer', '--calibration', join(folder, 'nothing')]],
  ])('%s %j shows none of them', async (command, options) => {
    const { code, stdout, stderr } = await quantscope(command, path, ...options);
    expect(code, stderr).toBe(options.join().includes('nothing') ? 1 : 0);
    // The progress bar clears its own line.
    const errors = stderr.replaceAll('\r\u001b[K', '');
    expect(stdout + errors).not.toBe('');
    expect(stdout).not.toMatch(RAW);
    expect(errors).not.toMatch(RAW);
    expect(errors.trim().split('\n').length).toBeLessThanOrEqual(1);
  });

  it('write no line of their own into the report', () => {
    const report = readFileSync(join(folder, 'out2.onnx.report.md'), 'utf8');
    expect(report).not.toMatch(RAW);
    expect(report).not.toMatch(/^fake: ok/m);
  });

  it('are bounded', async () => {
    const { stdout } = await quantscope('inspect', long);
    expect(stdout.length).toBeLessThan(5000);
    const failed = await quantscope(
      'sensitivity',
      long,
      '--level',
      'layer',
      '--calibration',
      join(folder, 'no'),
    );
    expect(failed.stderr.length).toBeLessThan(5000);
  });
});

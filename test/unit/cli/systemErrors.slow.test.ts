import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratch } from './runCli';

const DIGITS = 'test/mnist/mnist.onnx';
/** Limits in bash are in blocks of 1,024 bytes. */
const bash = (script: string, env: NodeJS.ProcessEnv = {}) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = {
      env: { ...process.env, PROGRAM: 'dist/cli.js', NODE: process.execPath, DIGITS, ...env },
    };
    execFile('bash', ['-c', script], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    );
  });

/** One sentence that blames the system, not the model, and is no fault of ours. */
function expectSentence({ code, stderr }: { code: number; stderr: string }, sentence: RegExp): void {
  expect(stderr).toMatch(sentence);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/internal error|onnxruntime cannot/);
  expect(code).toBe(1);
}

describe.skipIf(process.platform === 'win32')('what the system does not do is said in one sentence', () => {
  it.skipIf(process.platform !== 'linux').each([
    ['inspect', '"$DIGITS"'],
    ['schemes', ''],
    ['quantize', '"$DIGITS" -o "$OUT/o.onnx" --no-verify'],
    ['--help', ''],
  ])('the disk is full where the output of %s goes', async (command, args) => {
    const outcome = await bash(`"$NODE" "$PROGRAM" ${command} ${args} >/dev/full`, { OUT: scratch() });
    expectSentence(outcome, /^quantscope: The output cannot be written: the disk is full; make room/);
  });

  it('a reader that has seen enough is no failure', async () => {
    const script = '"$NODE" "$PROGRAM" inspect "$DIGITS" --json | head -c 1; echo " ${PIPESTATUS[0]}"';
    expect(await bash(script)).toEqual({ code: 0, stdout: '{ 0\n', stderr: '' });
  });

  it.each([
    ['weights', 100, ''],
    ['what is prepared for integers', 200, '--activations uint8 --calibration synthetic'],
  ])('there is no room for %s', async (_, blocks, options) => {
    const OUT = scratch();
    const outcome = await bash(
      `ulimit -f ${blocks}; "$NODE" "$PROGRAM" quantize "$DIGITS" -o "$OUT/o.onnx" ${options}`,
      { OUT },
    );
    expectSentence(outcome, /cannot be written: the file would be larger than is allowed there/);
    expect(readdirSync(OUT)).toEqual([]);
  });

  it.each([
    ['there is no room in', 'ulimit -f 100;', (folder: string) => folder, /the file would be larger than/],
    ['there is no', '', (folder: string) => join(folder, 'none'), /cannot be written: there is no such file/],
    ['is not a folder', '', (folder: string) => writeFile(folder), /not a folder; check the path/],
  ])('%s TMPDIR', async (_, limit, temporary, sentence) => {
    const options = '--level model --others --schemes int8 --calibration synthetic --samples 2';
    const outcome = await bash(`${limit} "$NODE" "$PROGRAM" sensitivity "$DIGITS" ${options}`, {
      TMPDIR: temporary(scratch()),
    });
    expectSentence(outcome, sentence);
  });

  it('a name is too long', async () => {
    const OUT = join(scratch(), `${'x'.repeat(300)}.onnx`);
    const names = await bash('"$NODE" "$PROGRAM" quantize "$DIGITS" -o "$OUT"', { OUT });
    expectSentence(names, /the name is too long; choose a shorter one\.$/m);
    expectSentence(await bash('"$NODE" "$PROGRAM" inspect "$OUT"', { OUT }), /name (is )?too long/);
  });

  it.each(['calibration', 'model'])('a pipe as %s is refused at once', async (kind) => {
    const folder = scratch();
    const pipe = join(folder, kind === 'model' ? 'm.onnx' : 'a.npy');
    execFileSync('mkfifo', [pipe]);
    const [model, options] =
      kind === 'model' ? [pipe, ''] : [DIGITS, `--activations uint8 --calibration ${pipe}`];
    const outcome = await bash(`"$NODE" "$PROGRAM" quantize "${model}" -o "$OUT/o.onnx" ${options}`, {
      OUT: folder,
    });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/not a file|no such file|no calibration|is no/);
  });

  it('a cache that nothing can be kept in is no failure', async () => {
    const OUT = scratch();
    mkdirSync(join(OUT, 'cache'));
    writeFileSync(join(OUT, 'file'), 'precious');
    const options = '--activations uint8 --calibration synthetic';
    const outcome = await bash(
      `"$NODE" "$PROGRAM" quantize "$DIGITS" -o "$OUT/o.onnx" ${options} --cache "$OUT/file/cache"`,
      { OUT },
    );
    expect(outcome.code).toBe(0);
    expect(readFileSync(join(OUT, 'file'), 'utf8')).toBe('precious');
    rmSync(OUT, { recursive: true });
  });
});

function writeFile(folder: string): string {
  const path = join(folder, 'file');
  writeFileSync(path, '');
  return path;
}

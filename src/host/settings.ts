import { workspace } from 'vscode';
import { canonicalScheme, type SchemeId } from '../core/scheme/scheme';

/** The user's settings, read when needed so that changes take effect at once. */
export const settings = {
  /** Default scheme of a model that has no recipe yet. */
  get defaultScheme(): SchemeId {
    return canonicalScheme(read('recipe.defaultScheme')) ?? 'int8';
  },
  /** Whether exports are run in onnxruntime and compared; never in an untrusted workspace. */
  get verifyExports(): boolean {
    return workspace.isTrusted && read<boolean>('export.verify') !== false;
  },
  /** Samples that output errors are measured on, at most. */
  get sensitivitySamples(): number {
    const samples = read<number>('sensitivity.samples');
    return typeof samples === 'number' && Number.isInteger(samples) && samples >= 1 ? samples : 16;
  },
  /** How long onnxruntime may be silent before it is stopped, in milliseconds. */
  get exportTimeoutMs(): number {
    const seconds = read<number>('export.timeoutSeconds');
    return (typeof seconds === 'number' && seconds >= 1 ? seconds : 120) * 1000;
  },
};

function read<T>(name: string): T | undefined {
  return workspace.getConfiguration('quantscope').get<T>(name);
}

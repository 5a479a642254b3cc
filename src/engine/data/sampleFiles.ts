/** Finds the files that hold the samples of a calibration. */
import { quoted } from '../../base/quoted';
import { statSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, resolve, sep } from 'node:path';
import type { CalibrationData } from '../../core/recipe/calibration';
import type { ValueSummary } from '../../core/model/model';
import { UserError } from '../../base/UserError';
import { filesBelow } from '../io/filesBelow';
import { PICTURES } from './InputSamples';
import { parseGlob } from './glob';
import { ARCHIVE } from './openArray';

const EXTENSIONS = [...PICTURES, '.npy', ARCHIVE, '.pb'];

/** Files of an input. */
export interface FoundFiles {
  /** The folder that they are below. */
  readonly root: string;
  /** Their paths, in natural order. */
  readonly files: readonly string[];
  /** Folders below that may not be read, and are left out. */
  readonly unreadable: readonly string[];
}

export const byName = new Intl.Collator('en', { numeric: true }).compare;

/**
 * Files by input. A folder of archives serves several inputs. A file of labels may lie among them, and is none of them.
 * @param folder what paths are relative to
 * @throws UserError if there are none, or an input has none
 */
export function findFiles(
  { data, labels }: CalibrationData,
  folder: string,
  inputs: readonly ValueSummary[],
): Map<string, FoundFiles> {
  const find = (pattern: string) =>
    filesOf(pattern, folder, labels === null ? null : resolve(folder, labels));
  if (typeof data === 'string' && inputs.length > 1) {
    const { files, ...rest } = find(data);
    const archives = files.filter((file) => extname(file).toLowerCase() === ARCHIVE);
    // Each has the arrays of all inputs by their names.
    if (archives.length > 0) return new Map(inputs.map(({ name }) => [name, { ...rest, files: archives }]));
  }
  const patterns = new Map(typeof data === 'string' ? [[inputs[0]!.name, data]] : Object.entries(data));
  const unknown = [...patterns.keys()].find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined)
    throw new UserError(`Calibration data is given for ${quoted(unknown)}, but the model has no such input.`);
  const missing = inputs.find(({ name }) => !patterns.has(name));
  if (missing)
    throw new UserError(
      `The model has ${inputs.length} inputs, but there is no calibration data for ${quoted(missing.name)}; name a folder for each.`,
    );
  const found = new Map<string, FoundFiles>();
  for (const [name, pattern] of patterns) found.set(name, find(pattern));
  return found;
}

/**
 * A file, files below a folder, or those of them that a glob names.
 * @param not a file that is left out
 */
function filesOf(pattern: string, folder: string, not: string | null): FoundFiles {
  const unreadable: string[] = [];
  const { root, names } = namesOf(pattern, folder, unreadable);
  const files = names
    .filter((name) => EXTENSIONS.includes(extname(name).toLowerCase()))
    .sort(byName)
    .map((name) => join(root, name))
    .filter((file) => file !== not);
  if (files.length === 0)
    throw new UserError(
      `There is no calibration data at ${pattern}${isAbsolute(pattern) ? '' : `, seen from ${folder}`}: no ${EXTENSIONS.join(', ')} file.`,
    );
  return { root, files, unreadable };
}

/** @param unreadable gets folders that may not be read */
function namesOf(
  pattern: string,
  folder: string,
  unreadable: string[],
): { root: string; names: readonly string[] } {
  const path = resolve(folder, pattern);
  const there = statSync(path, { throwIfNoEntry: false });
  const below = (root: string) => filesBelow(root, { onUnreadable: (each) => unreadable.push(each) });
  if (there?.isDirectory()) return { root: path, names: below(path) };
  if (there?.isFile()) return { root: dirname(path), names: [basename(path)] };
  // The pattern alone: the model's folder may have brackets in its name.
  const { base, matches } = parseGlob(pattern.split(sep).join('/'));
  const root = resolve(folder, base);
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) return { root, names: [] };
  return { root, names: below(root).filter((file) => matches(file.split(sep).join('/'))) };
}

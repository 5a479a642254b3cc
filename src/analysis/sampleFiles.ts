/** Which files hold the samples of a calibration, and their labels. */
import { readFileSync, statSync } from 'node:fs';
import { basename, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import picomatch from 'picomatch';
import { LABEL_FOLDERS, type CalibrationData } from '../shared/calibration';
import type { ValueSummary } from '../shared/model';
import { UserError } from '../shared/UserError';
import { filesBelow } from './filesBelow';

export const PICTURES: readonly string[] = ['.png', '.jpg', '.jpeg'];
export const ARCHIVE = '.npz';
const EXTENSIONS = [...PICTURES, '.npy', ARCHIVE, '.pb'];
/** A file of labels beyond this is none. */
const LARGEST_LABELS = 2 ** 26;

const byName = new Intl.Collator('en', { numeric: true }).compare;

/**
 * Files by input, each list in natural order: those at the same place make a sample. A folder of archives serves several inputs.
 * @param folder what paths are relative to
 * @throws UserError if there are none, or an input has none
 */
export function findFiles(
  { data }: CalibrationData,
  folder: string,
  inputs: readonly ValueSummary[],
): Map<string, string[]> {
  if (typeof data === 'string' && inputs.length > 1) {
    const archives = filesOf(data, folder).filter((file) => extname(file).toLowerCase() === ARCHIVE);
    // Each has the arrays of all inputs by their names.
    if (archives.length > 0) return new Map(inputs.map(({ name }) => [name, archives]));
  }
  const patterns = new Map(typeof data === 'string' ? [[inputs[0]!.name, data]] : Object.entries(data));
  const unknown = [...patterns.keys()].find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined)
    throw new UserError(`Calibration data is given for "${unknown}", but the model has no such input.`);
  const missing = inputs.find(({ name }) => !patterns.has(name));
  if (missing)
    throw new UserError(
      `The model has ${inputs.length} inputs, but there is no calibration data for "${missing.name}"; name a folder for each.`,
    );
  const found = new Map<string, string[]>();
  for (const [name, pattern] of patterns) found.set(name, filesOf(pattern, folder));
  return found;
}

/** Files below a folder, or those of them that a glob names, in natural order. */
function filesOf(pattern: string, folder: string): string[] {
  // The pattern alone: the model's folder may have brackets in its name.
  const { base, glob } = isFolderAt(resolve(folder, pattern))
    ? { base: pattern, glob: '**' }
    : picomatch.scan(pattern);
  const root = resolve(folder, base);
  const matches = picomatch(glob || '**', { nocase: true });
  const files = (isFolderAt(root) ? filesBelow(root) : []).filter(
    (file) => EXTENSIONS.includes(extname(file).toLowerCase()) && matches(file.split(sep).join('/')),
  );
  if (files.length === 0)
    throw new UserError(
      `There is no calibration data at ${pattern}${isAbsolute(pattern) ? '' : `, seen from ${folder}`}: no ${EXTENSIONS.join(', ')} file.`,
    );
  return files.sort(byName).map((file) => join(root, file));
}

const isFolderAt = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * The class of each sample; null for those that none is given of.
 * @param files of one input
 * @throws UserError if the labels cannot be read
 */
export function labelsOf(
  files: readonly string[],
  { labels, data }: CalibrationData,
  folder: string,
): readonly (number | null)[] | null {
  if (labels === null) return null;
  if (labels === LABEL_FOLDERS) {
    if (typeof data !== 'string')
      throw new UserError('Labels by folders need one folder of data for all inputs.');
    const root = resolve(folder, picomatch.scan(data).isGlob ? picomatch.scan(data).base : data);
    const classOf = (file: string) => relative(root, file).split(sep)[0]!;
    const classes = [...new Set(files.map(classOf))].sort(byName);
    return files.map((file) => classes.indexOf(classOf(file)));
  }
  const known = readLabels(resolve(folder, labels), labels);
  return files.map((file) => known.get(basename(file)) ?? null);
}

/** Lines `file name,class number`, the name without its folder; a first line that says so is passed over. */
function readLabels(file: string, name: string): Map<string, number> {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new UserError(`There is no file of labels at ${name}.`);
  if (size > LARGEST_LABELS) throw new UserError(`${name} is too large for a file of labels.`);
  const labels = new Map<string, number>();
  readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .forEach((line, i) => {
      const match = /^\s*"?(.+?)"?\s*[,;\t]\s*(\d{1,9})\s*$/.exec(line);
      if (match) labels.set(basename(match[1]!), Number(match[2]));
      else if (line.trim() !== '' && i > 0)
        throw new UserError(
          `Line ${i + 1} of ${name} is no label; write a file name, a comma and the number of its class.`,
        );
    });
  return labels;
}

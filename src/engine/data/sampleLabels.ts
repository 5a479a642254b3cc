/** The class of each sample. */
import { quoted } from '../../base/quoted';
import { statSync } from 'node:fs';
import { basename, extname, posix, relative, resolve, sep } from 'node:path';
import { elementCount } from './readers/StoredArray';
import { LABEL_FOLDERS, type CalibrationData } from '../../core/recipe/calibration';
import { UserError } from '../../base/UserError';
import type { InputSamples } from './InputSamples';
import { openArray, readWhole } from './openArray';
import { byName } from './sampleFiles';

type Labels = readonly (number | null)[];

/** Bytes that a file of labels may have. */
const MAX_LABELS = 2 ** 26;
const WHOLE_NUMBER = /^\d{1,9}$/;

/**
 * The class of each sample; null for those that none is given of.
 * @param samples of the first input
 * @param root folder that their files are below
 * @param folder what the path of a file of labels is relative to
 * @throws UserError if the labels cannot be read, or do not say what they belong to
 */
export function labelsOf(
  samples: InputSamples,
  root: string,
  { labels, data }: CalibrationData,
  folder: string,
): Labels | null {
  if (labels === null) return null;
  if (labels === LABEL_FOLDERS) {
    if (typeof data !== 'string')
      throw new UserError('Labels by folders need one folder of data for all inputs.');
    return byFile(samples, root, folderLabels);
  }
  const file = resolve(folder, labels);
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new UserError(`There is no file of labels at ${labels}.`);
  if (found.size > MAX_LABELS) throw new UserError(`${labels} is too large for a file of labels.`);
  if (extname(file).toLowerCase() === '.npy') return arrayLabels(file, labels, samples);
  const lines = readLabels(readWhole(file, MAX_LABELS).toString(), labels);
  return byFile(samples, root, (files) => listedLabels(files, lines, labels));
}

/**
 * Labels of samples that have those of their files.
 * @param labelsOfFiles gives the classes of files by their paths below the root, with / between folders
 */
function byFile(
  samples: InputSamples,
  root: string,
  labelsOfFiles: (paths: readonly string[]) => Labels,
): Labels {
  const { files, count } = samples;
  const labels = labelsOfFiles(files.map((file) => relative(root, file).split(sep).join('/')));
  const ofFile = new Map(files.map((file, i) => [file, labels[i]!]));
  return Array.from({ length: count }, (_, sample) => ofFile.get(samples.fileOf(sample))!);
}

/** Folders that are all named by numbers are the classes of these; others are classes in the order of their names. */
function folderLabels(paths: readonly string[]): Labels {
  const folders = paths.map((path) => (path.includes('/') ? path.split('/')[0]! : null));
  const names = [...new Set(folders.filter((name) => name !== null))].sort(byName);
  const areNumbers = names.every((name) => WHOLE_NUMBER.test(name));
  const classes = new Map(names.map((name, i) => [name, areNumbers ? Number(name) : i]));
  return folders.map((name) => (name === null ? null : classes.get(name)!));
}

/** One number for each sample, in their order. */
function arrayLabels(file: string, name: string, samples: InputSamples): Labels {
  const array = openArray(file, name);
  const count = elementCount(array.shape);
  if (count !== samples.count)
    throw new UserError(
      `${name} has ${count} labels, but there are ${samples.count} samples for ${quoted(samples.input.name)}.`,
    );
  const labels = [...array.elements(0, count)];
  const wrong = labels.find((label) => !isClass(label));
  if (wrong !== undefined)
    throw new UserError(`${name} has the label ${wrong}; labels are whole numbers from 0.`);
  return labels as number[];
}

function isClass(label: number | string): boolean {
  return typeof label === 'number' && Number.isSafeInteger(label) && label >= 0;
}

/** A line of a file of labels: a path, or the name of a file. */
interface Line {
  readonly path: string;
  readonly label: number;
}

/** Lines `file,class number`; a first line that says so is passed over. */
function readLabels(text: string, name: string): Line[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    const separator = Math.max(...[',', ';', '\t'].map((each) => line.lastIndexOf(each)));
    const path = unquoted(line.slice(0, Math.max(0, separator)).trim());
    const label = line.slice(separator + 1).trim();
    if (path !== '' && WHOLE_NUMBER.test(label))
      return [{ path: posix.normalize(path.replaceAll('\\', '/')), label: Number(label) }];
    if (line.trim() === '' || i === 0) return [];
    throw new UserError(
      `Line ${i + 1} of ${name} is no label; write a file name, a comma and the number of its class.`,
    );
  });
}

function unquoted(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

/** A line belongs to the file at its path, or if there is none, to files of its name: a list may have been written from another folder. */
function listedLabels(paths: readonly string[], lines: readonly Line[], name: string): Labels {
  const existing = new Set(paths);
  const classes = new Map<string, Set<number>>();
  for (const { path, label } of lines) {
    const key = existing.has(path) ? path : `**/${basename(path)}`;
    classes.set(key, (classes.get(key) ?? new Set()).add(label));
  }
  return paths.map((path) => {
    const labels = [...(classes.get(path) ?? classes.get(`**/${basename(path)}`) ?? [])];
    if (labels.length > 1)
      throw new UserError(
        `${name} gives ${quoted(path)} the classes ${labels.join(' and ')}; write paths as they are below the folder of data.`,
      );
    return labels[0] ?? null;
  });
}

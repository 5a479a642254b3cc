/** Where an export may go: never over what it is made of. */
import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../base/UserError';
import { moveOver, moveToNew } from '../../files/newFile';
import { explaining } from '../../files/systemError';

/** The file beside a model that holds weights which are too many for it. */
export function externalName(model: string): string {
  return `${model}.data`;
}

/** The file beside a model that says how it was made. */
export function reportName(model: string): string {
  return `${model}.report.md`;
}

/**
 * A name for the data file which no file has yet, so that a model that is to be replaced keeps its data until then.
 * @param output path of the model to be written
 */
export function newExternalName(output: string): string {
  const model = basename(output);
  if (!exists(externalName(output))) return externalName(model);
  return externalName(`${model}.${randomBytes(4).toString('hex')}`);
}

/** Whether a file may be the data of a model, by the names that `newExternalName` gives. */
export function isExternalName(file: string, output: string): boolean {
  const model = basename(output);
  const rest = basename(file).startsWith(model) ? basename(file).slice(model.length) : '';
  return /^(\.[0-9a-f]{8})?\.data$/.test(rest);
}

/**
 * @param output absolute path of the model to be written
 * @param report whether a report is written beside it
 * @throws UserError if one of its files lies nowhere, is no file, or exists and must not be replaced
 */
export function checkOutput(output: string, overwrite: boolean, report = false): void {
  if (!existsSync(dirname(output)))
    throw new UserError(`There is no folder ${dirname(output)} to export to.`);
  for (const path of [output, externalName(output), ...(report ? [reportName(output)] : [])]) {
    if (!exists(path)) continue;
    if (existsSync(path) && !statSync(path).isFile()) throw new UserError(`${path} is not a file.`);
    if (!overwrite) throw new UserError(`${path} exists already; use --force to replace it.`);
  }
}

/**
 * @param sources the model and its external data
 * @param output absolute path of the model to be written
 * @throws UserError if the export, or what is written beside it, would take the place of any of them
 */
export function protectSources(sources: readonly string[], output: string): void {
  for (const target of [output, externalName(output), reportName(output)])
    if (isOneOf(sources, target))
      throw new UserError('The source model is never overwritten; choose another name.');
}

/** Whether a path leads to one of some files. Hard links and symbolic links lead to the same file as well. */
export function isOneOf(files: readonly string[], path: string): boolean {
  return existsSync(path) && files.some((file) => existsSync(file) && isSame(file, path));
}

/** The files of an export. */
export interface ExportFiles {
  readonly model: string;
  /** Of a name that no other file has. */
  readonly data: string | null;
}

/**
 * Moves an export to its place. The data come first, and nothing refers to them yet; the model is the last and only switch, so that at no
 * time a model stands beside data that are not its own.
 * @param obsolete data that only a replaced model uses
 * @throws UserError if a file has appeared there meanwhile, or nothing can be written; then all is as before
 */
export function placeExport(
  { model, data }: ExportFiles,
  output: string,
  overwrite: boolean,
  obsolete: readonly string[],
): void {
  const placed = data && join(dirname(output), basename(data));
  if (data && placed) moveToNew(data, placed);
  try {
    if (overwrite) moveOver(model, output);
    else moveToNew(model, output);
  } catch (error) {
    if (placed) rmSync(placed, { force: true });
    throw error;
  }
  for (const file of obsolete) rmSync(file, { force: true });
}

/** Also of a link that leads nowhere. @throws UserError for a path that no file can have */
function exists(path: string): boolean {
  return explaining(path, () => lstatSync(path, { throwIfNoEntry: false })) !== undefined;
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [statSync(a), statSync(b)];
  return (one.ino === other.ino && one.dev === other.dev) || realpathSync(a) === realpathSync(b);
}

/** Where an export may go: never over what it is made of. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../../base/UserError';

/** The file beside a model that holds weights which are too many for it. */
export function externalName(model: string): string {
  return `${model}.data`;
}

/**
 * @param output absolute path of the model to be written
 * @throws UserError if it lies nowhere, is no file, or exists and must not be replaced
 */
export function checkOutput(output: string, overwrite: boolean): void {
  if (!existsSync(dirname(output)))
    throw new UserError(`There is no folder ${dirname(output)} to export to.`);
  for (const path of [output, externalName(output)]) {
    if (!existsSync(path)) continue;
    if (!statSync(path).isFile()) throw new UserError(`${path} is not a file.`);
    if (!overwrite) throw new UserError(`${path} exists already; use --force to replace it.`);
  }
}

/**
 * @param sources the model and its external data
 * @param output absolute path of the model to be written
 * @throws UserError if the export, or the data beside it, would take the place of any of them
 */
export function protectSources(sources: readonly string[], output: string): void {
  for (const target of [output, externalName(output)])
    if (existsSync(target) && sources.some((source) => isSame(source, target)))
      throw new UserError('The source model is never overwritten; choose another name.');
}

/** Hard links and symbolic links lead to the same file as well. */
function isSame(a: string, b: string): boolean {
  const [one, other] = [statSync(a), statSync(b)];
  return (one.ino === other.ino && one.dev === other.dev) || realpathSync(a) === realpathSync(b);
}

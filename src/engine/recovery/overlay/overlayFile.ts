/** The file beside a model that holds what was repaired. */
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { quoted } from '../../../base/quoted';
import { UserError } from '../../../base/UserError';
import { OVERLAY_SUFFIX } from '../../../core/recipe/recipe';
import { moveOver, moveToNew, writeNewFile } from '../../../files/newFile';
import { readRegularFile } from '../../../files/RegularFile';
import { sha256 } from '../../io/ContentFile';
import { readOverlay, type Overlay, type OverlayOrigin } from './Overlay';

const MAX_BYTES = 2 ** 30;

export function overlayName(model: string): string {
  return `${model}${OVERLAY_SUFFIX}`;
}

/** Words for what an overlay does not follow from any more. */
const ORIGINS: Readonly<Record<keyof OverlayOrigin, string>> = {
  model: 'the model is another one now',
  data: 'the calibration data are others now',
  choices: 'the recipe has other schemes now',
};

/**
 * Reads the repairs that a recipe names.
 * @param digest that the recipe names them by
 * @returns or why they are not used, in a sentence for the user
 */
export function savedOverlay(model: string, digest: string, origin: OverlayOrigin): Overlay | string {
  const path = overlayName(model);
  const anew = (reason: string) =>
    `The saved repairs in ${quoted(basename(path))} are computed anew: ${reason}.`;
  if (!existsSync(path)) return anew('there is no such file');
  try {
    const bytes = readRegularFile(path, MAX_BYTES);
    if (sha256(bytes) !== digest) return anew('they are not the ones that the recipe names');
    const overlay = readOverlay(bytes);
    if (typeof overlay === 'string') return anew(overlay);
    const parts = Object.keys(ORIGINS) as (keyof OverlayOrigin)[];
    const stale = parts.find((part) => overlay.origin[part] !== origin[part]);
    return stale ? anew(ORIGINS[stale]) : overlay;
  } catch (error) {
    if (error instanceof UserError) return anew(error.message.replace(/\.$/, ''));
    throw error;
  }
}

/**
 * Makes sure that repairs can be saved, before they are computed.
 * @throws UserError if there is a file that is none of saved repairs
 */
export function checkOverlayPlace(model: string): void {
  const path = overlayName(model);
  if (!existsSync(path)) return;
  const overlay = readOverlay(readRegularFile(path, MAX_BYTES));
  if (typeof overlay === 'string')
    throw new UserError(
      `${path} is not replaced by the repairs that are to be saved there, as it is no such file: ${overlay}.`,
    );
}

/**
 * Saves repairs beside a model, in the place of earlier ones; others see all of the file or what was there before.
 * @returns where they are, and their digest
 * @throws UserError as `checkOverlayPlace`, or if the file cannot be written
 */
export async function saveOverlay(
  model: string,
  bytes: Uint8Array,
): Promise<{ readonly path: string; readonly digest: string }> {
  const path = overlayName(model);
  if (bytes.length > MAX_BYTES)
    throw new UserError('The repairs of this model are more than 1 GiB, too many to be saved.');
  checkOverlayPlace(model);
  const temporary = join(
    dirname(path),
    `.${basename(path).slice(-100)}.${randomBytes(4).toString('hex')}.tmp`,
  );
  try {
    await writeNewFile(temporary, [bytes]);
    if (existsSync(path)) moveOver(temporary, path);
    else moveToNew(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
  return { path, digest: sha256(bytes) };
}

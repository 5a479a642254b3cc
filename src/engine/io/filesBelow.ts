import { readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { quoted } from '../../base/quoted';
import { UserError } from '../../base/UserError';

/** More than this is another folder than was meant, such as that of all users. */
const MAX_ENTRIES = 1_000_000;

export interface WalkOptions {
  /** Files and folders that are looked at. */
  readonly most?: number;
  /** Called for each folder below that may not be read and is left out. */
  readonly onUnreadable?: (folder: string) => void;
}

/**
 * Paths of all files below a folder, relative to it, in no order. Links to files count as these; links to folders are not followed, as they may lead
 * in circles (which Node's own recursive listing does follow).
 * @throws UserError if there are more than `most`, or the folder itself cannot be read
 */
export function filesBelow(
  root: string,
  { most = MAX_ENTRIES, onUnreadable = () => {} }: WalkOptions = {},
): string[] {
  const files: string[] = [];
  const folders = [''];
  let seen = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = entriesOf(join(root, folder));
    if (entries === null) {
      if (folder === '') throw new UserError(`The folder ${quoted(root)} cannot be read.`);
      onUnreadable(join(root, folder));
      continue;
    }
    seen += entries.length;
    if (seen > most)
      throw new UserError(
        `${root} has more than ${most.toLocaleString('en')} files and folders; name a smaller folder as calibration data.`,
      );
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile() || (entry.isSymbolicLink() && leadsToFile(join(root, path)))) files.push(path);
    }
  }
  return files;
}

/** Null if the folder cannot be read. */
function entriesOf(folder: string): Dirent[] | null {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return null;
  }
}

function leadsToFile(link: string): boolean {
  try {
    return statSync(link).isFile();
  } catch {
    // To nothing, or to itself.
    return false;
  }
}

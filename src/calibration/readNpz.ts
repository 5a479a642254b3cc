import { unzipSync } from 'fflate';
import { formatBytes } from '../shared/format';
import { UserError } from '../shared/UserError';
import { readNpy, type DataTensor } from './readNpy';

/** An array that unpacks to more is no sample. */
const LARGEST_ARRAY = 2 ** 30;
/** What a deflated byte can become at most (zlib, "Maximum Compression Factor"); more is a false declaration. */
const MOST_PER_BYTE = 1032;

/**
 * Reads one array of a NumPy archive: a zip of .npy files.
 * @param key name of the array; a sole array is taken whatever its name
 * @throws UserError if it is no such archive, has no such array, or the array is too large
 */
export function readNpz(bytes: Uint8Array, key: string, name: string): DataTensor {
  const fail = (what: string) => new UserError(`${name} is no archive of arrays that can be read: ${what}.`);
  const sizes = new Map<string, number>();
  try {
    unzipSync(bytes, {
      // Looks at the directory alone.
      filter: ({ name: file, size, originalSize }) => {
        if (originalSize > size * MOST_PER_BYTE)
          throw fail(`"${file}" says that it unpacks to ${formatBytes(originalSize)}`);
        if (file.endsWith('.npy')) sizes.set(file, originalSize);
        return false;
      },
    });
    const files = [...sizes.keys()];
    const wanted = files.includes(`${key}.npy`) ? `${key}.npy` : files.length === 1 ? files[0]! : null;
    if (wanted === null)
      throw fail(
        `it has no array "${key}" but ${files.length === 0 ? 'none' : files.map((file) => `"${file.slice(0, -4)}"`).join(', ')}`,
      );
    if (sizes.get(wanted)! > LARGEST_ARRAY) throw fail(`"${wanted}" has ${formatBytes(sizes.get(wanted)!)}`);
    const unpacked = unzipSync(bytes, { filter: (file) => file.name === wanted });
    return readNpy(unpacked[wanted]!, `${wanted} in ${name}`);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw fail(error instanceof Error ? error.message.replace(/\.$/, '') : 'it is damaged');
  }
}

import { open } from 'node:fs/promises';

/** Writes a new file and waits until the disk has it. Fails if the file exists. */
export async function writeFileDurably(path: string, chunks: Iterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

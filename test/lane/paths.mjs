/** Where things are. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
/** Downloads and scratch folders; git-ignored, as @vscode/test-electron keeps its own there. */
export const CACHE = join(ROOT, '.vscode-test');
export const SCREENSHOTS = join(ROOT, '.screenshots');

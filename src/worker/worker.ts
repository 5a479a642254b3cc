/** The engine's process: serves the jobs to whoever forked it, and ends with it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../analysis/engine';
import { loadKernel } from '../kernel/loadKernel';
import { serve } from '../shared/rpc';

process.on('disconnect', () => process.exit(0));
// Ctrl+C goes to the whole process group; the parent decides what it means.
process.on('SIGINT', () => {});

const wasm = readFileSync(join(__dirname, 'kernel.wasm'));
serve(
  {
    post: (message) => void process.send?.(message),
    listen: (listener) => void process.on('message', listener),
  },
  createEngine((memory) => loadKernel(wasm, memory)),
);

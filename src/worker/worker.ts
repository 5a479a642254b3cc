/** The engine's process: serves the jobs to whoever forked it, and ends with it. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../engine/jobs/engine';
import { bindKernel } from '../kernel/loadKernel';
import { serve } from '../base/rpc';
import { startThread } from './startThread';

process.on('disconnect', () => process.exit(0));
startThread('watchdog');
// Ctrl+C goes to the whole process group; the parent decides what it means.
process.on('SIGINT', () => {});

/** More threads gain little on layers of some 100,000 weights, and cost memory. */
const MAX_THREADS = 4;

const kernel = new WebAssembly.Module(readFileSync(join(__dirname, 'kernel.wasm')));
serve(
  {
    post: (message) => void process.send?.(message),
    listen: (listener) => void process.on('message', listener),
  },
  createEngine({
    loadKernel: (memory) => bindKernel(kernel, memory),
    startThread: () => startThread('thread', { kernel }),
    startVariantThread: () => startThread('variantThread', { kernel }),
    startOpening: () => startThread('opening'),
    threads: Math.min(availableParallelism(), MAX_THREADS),
  }),
);

#!/usr/bin/env node
/** The engine from a terminal: `quantscope inspect | sensitivity | schemes | quantize`. Exit code 0 done, 1 failed, 2 usage. */
import { join } from 'node:path';
import { EngineProcess } from './client/EngineProcess';
import { inspect } from './cli/inspect';
import { quantize } from './cli/quantize';
import { schemes } from './cli/schemes';
import { sensitivity } from './cli/sensitivity';
import { HELP, UsageError } from './cli/usage';
import type { Command } from './cli/Command';
import { printable, quoted } from './base/quoted';
import { CancelledError } from './base/rpc';
import { UserError } from './base/UserError';
import { explained } from './files/systemError';

/** Characters of an error sentence that are shown. */
const MAX_SENTENCE = 2000;

const COMMANDS: Readonly<Record<string, Command>> = { inspect, sensitivity, schemes, quantize };

async function main([name, ...args]: string[]): Promise<number> {
  const cancellation = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => cancellation.abort());
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that closes the pipe early, such as head, is no failure.
    if (error.code === 'EPIPE') process.exit(0);
    complain(explained(error, 'The output'));
    process.exit(1);
  });
  // There is nowhere to say it.
  process.stderr.on('error', () => {});
  const engineOptions = { worker: join(__dirname, 'worker.js') };
  const engine = new EngineProcess(engineOptions);
  try {
    if (name === undefined || name === '--help' || name === '-h' || args.includes('--help')) {
      process.stdout.write(HELP);
      return name === undefined ? 2 : 0;
    }
    if (!Object.hasOwn(COMMANDS, name)) throw new UsageError(`There is no command ${quoted(name)}.`);
    await COMMANDS[name]!(args, { engine, engineOptions, signal: cancellation.signal });
    return 0;
  } catch (error) {
    complain(explained(error));
    return error instanceof UsageError ? 2 : 1;
  } finally {
    await engine.dispose();
  }
}

/** One line, whatever went wrong. */
function complain(error: unknown): void {
  process.stderr.write(`quantscope: ${printable(messageOf(error), MAX_SENTENCE)}\n`);
}

function messageOf(error: unknown): string {
  if (error instanceof UsageError) return `${error.message} See quantscope --help.`;
  if (error instanceof UserError || error instanceof CancelledError) return error.message;
  const fault = error instanceof Error ? error.message : String(error);
  return `internal error: ${fault.replace(/\s+/g, ' ')}`;
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});

/** Child processes that do not outlive us, and npm on every system. */
import { spawn } from 'node:child_process';

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    endAll();
    process.exit(130);
  });
}
process.on('exit', endAll);

function endAll() {
  for (const child of running) {
    try {
      // The whole group, as servers start processes of their own.
      if (process.platform === 'win32') child.kill();
      else process.kill(-child.pid, 'SIGTERM');
    } catch {
      // It ended by itself.
    }
  }
}

/**
 * Starts a program that is ended with us.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { detached: process.platform !== 'win32', ...options });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { quiet?: boolean }} [options] quiet: output only if it fails
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, { quiet = false, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = start(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (!quiet) process.stdout.write(text);
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * Runs npm; its output shows only if it fails.
 * @param {string[]} args
 * @param {string} cwd
 */
export async function npm(args, cwd) {
  // npm tells its scripts where it is; as a program of its own it needs a shell on Windows.
  const path = process.env['npm_execpath'];
  const [command, first, shell] = path
    ? [process.execPath, [path], false]
    : ['npm', [], process.platform === 'win32'];
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const { code, output } = await run(command, [...first, ...args, ...quiet], { cwd, shell, quiet: true });
  if (code !== 0) throw new Error(`npm ${args.join(' ')} failed.\n${output}`);
}

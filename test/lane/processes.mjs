/** Child processes that do not outlive us, and npm on every system. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setInterval } from 'node:timers';

/** How long a program may take to end by itself. */
const GRACE_MS = 3000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    endAll();
    process.exit(130);
  });
}
process.on('exit', endAll);

// npm passes a SIGTERM on to its shell only, so whoever is run by npm ends with its parent.
if (process.env['npm_lifecycle_event'] && process.platform !== 'win32') {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && process.exit(130), 500).unref();
}

function endAll() {
  for (const child of running) signal(child);
}

/**
 * Tells a program and all it has started to end.
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} [name]
 */
function signal(child, name = 'SIGTERM') {
  try {
    if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f']);
    else process.kill(-child.pid, name);
  } catch {
    // It ended by itself.
  }
}

/**
 * Ends a program and all it has started, and waits for that.
 * @param {import('node:child_process').ChildProcess} child
 */
export async function end(child) {
  if (!running.has(child)) return;
  const gone = once(child, 'exit');
  signal(child);
  const timer = setTimeout(() => signal(child, 'SIGKILL'), GRACE_MS);
  await gone;
  clearTimeout(timer);
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

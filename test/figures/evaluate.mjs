import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from '../../src/engine/runtime/onnxruntime.mjs';
import { TASKS } from './tasks.mjs';

/** Reads what `npy.mjs` writes. */
function readNpy(file) {
  const bytes = readFileSync(file);
  const length = bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, 10 + length);
  const dims = /\(([^)]*)\)/.exec(header)[1].split(',').filter(Boolean).map(Number);
  const data = bytes.buffer.slice(bytes.byteOffset + 10 + length, bytes.byteOffset + bytes.length);
  return header.includes('<i8')
    ? new Tensor('int64', new BigInt64Array(data), dims)
    : new Tensor('float32', new Float32Array(data), dims);
}

/** The test samples of a model, as feeds. */
export function testSamples(folder, limit = Infinity) {
  const inputs = readdirSync(join(folder, 'test'));
  const files = readdirSync(join(folder, 'test', inputs[0])).sort((a, b) => parseInt(a) - parseInt(b));
  const labels = JSON.parse(readFileSync(join(folder, 'labels.json'), 'utf8'));
  return files.slice(0, limit).map((file, i) => ({
    feeds: () => Object.fromEntries(inputs.map((name) => [name, readNpy(join(folder, 'test', name, file))])),
    label: labels[i],
  }));
}

/** Quantizers stay as they are, and what is between them computes in float: what the codes stand for, whatever the CPU's integer kernels do. */
const EXACT = { extra: { session: { disable_quant_qdq: '1' } } };

/**
 * Size, output SQNR against the float model, with this CPU's integer kernels and without, and task figure of a model, all in stock onnxruntime.
 * @param name of the model in `TASKS`
 */
export async function evaluate(name, floatPath, path, samples) {
  const float = await open(floatPath);
  const model = await open(path);
  const exact = await open(path, EXACT);
  const output = float.outputNames[0];
  let [signal, noise, exactNoise, score] = [0, 0, 0, 0];
  for (const { feeds, label } of samples) {
    const inputs = feeds();
    const a = (await float.run(inputs))[output];
    const b = (await model.run(inputs))[output];
    signal += squares(a.data);
    noise += squares(a.data, b.data);
    exactNoise += squares(a.data, (await exact.run(inputs))[output].data);
    score += TASKS[name].score(b, label, a);
  }
  for (const session of [float, model, exact]) await session.release();
  return {
    bytes: statSync(path).size,
    sqnrDb: 10 * Math.log10(signal / noise),
    exactDb: 10 * Math.log10(signal / exactNoise),
    score: score / samples.length,
  };
}

function open(path, options = {}) {
  return InferenceSession.create(path, { logSeverityLevel: 4, ...options });
}

/** Sum of the squares of numbers, or of their differences from others. */
function squares(a, b = null) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - (b ? b[i] : 0)) ** 2;
  return sum;
}

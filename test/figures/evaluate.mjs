import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
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

/**
 * Size, output SQNR against the float model, and task figure of a model, all in stock onnxruntime.
 * @param name of the model in `TASKS`
 */
export async function evaluate(name, floatPath, path, samples) {
  const float = await InferenceSession.create(floatPath, { logSeverityLevel: 4 });
  const model = await InferenceSession.create(path, { logSeverityLevel: 4 });
  const output = float.outputNames[0];
  let [signal, noise, score] = [0, 0, 0];
  for (const { feeds, label } of samples) {
    const inputs = feeds();
    const [a, b] = [(await float.run(inputs))[output], (await model.run(inputs))[output]];
    for (let i = 0; i < a.data.length; i++) {
      signal += a.data[i] ** 2;
      noise += (a.data[i] - b.data[i]) ** 2;
    }
    score += TASKS[name].score(b, label, a);
  }
  await float.release();
  await model.release();
  return {
    bytes: statSync(path).size,
    sqnrDb: noise === 0 ? Infinity : 10 * Math.log10(signal / noise),
    score: score / samples.length,
  };
}

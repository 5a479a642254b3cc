/**
 * Trains the labelled task's network and writes `test/mnist/mnist.onnx`, which is committed: `node test/mnist/train.mjs [EPOCHS]`. Always the
 * same network: all chance is seeded. The test digits are looked at once, at the end.
 */
import { writeFileSync } from 'node:fs';
import { InferenceSession, Tensor } from '../../src/engine/runtime/onnxruntime.mjs';
import { seeded } from '../figures/seeded.mjs';
import { learn, network } from './network.mjs';
import { readDigits } from './readDigits.mjs';
import { toOnnx } from './toOnnx.mjs';

const EPOCHS = Number(process.argv[2] ?? 6);
const BATCH = 64;
const RATE = 2e-3;
/** Digits are moved by so many pixels at most, so that the network does not learn places by heart. */
const SHIFT = 2;

const random = seeded(1);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const { count, pixels, labels } = readDigits('train');
const net = network(normal);
const parameters = Object.values(net).flatMap((layer) => layer.parameters);
const steps = EPOCHS * Math.floor(count / BATCH);

let step = 0;
for (let epoch = 0; epoch < EPOCHS; epoch++) {
  const order = shuffled();
  let total = 0;
  let batches = 0;
  for (let start = 0; start + BATCH <= count; start += BATCH, batches++) {
    const chosen = order.slice(start, start + BATCH);
    total += learn(
      net,
      shifted(chosen),
      [...chosen].map((i) => labels[i]),
    );
    step++;
    const rate = RATE * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
    for (const parameter of parameters) parameter.update(rate, step);
  }
  console.log(`epoch ${epoch + 1} of ${EPOCHS}: loss ${(total / batches).toFixed(4)}`);
}
const model = toOnnx(net);
writeFileSync('test/mnist/mnist.onnx', model);
console.log(`test/mnist/mnist.onnx: ${(100 * (await accuracy(model))).toFixed(2)} % of 10,000 test digits`);

function shuffled() {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Pixels from 0 to 1, [batch][28][28]. */
function shifted(chosen) {
  const x = new Float32Array(chosen.length * 784);
  chosen.forEach((digit, b) => {
    const [down, right] = [offset(), offset()];
    for (let row = Math.max(0, down); row < Math.min(28, 28 + down); row++)
      for (let column = Math.max(0, right); column < Math.min(28, 28 + right); column++)
        x[b * 784 + row * 28 + column] = pixels[digit * 784 + (row - down) * 28 + column - right] / 255;
  });
  return x;
}

function offset() {
  return Math.floor(random() * (2 * SHIFT + 1)) - SHIFT;
}

async function accuracy(bytes) {
  const session = await InferenceSession.create(bytes);
  const test = readDigits('t10k');
  const image = new Tensor(
    'float32',
    Float32Array.from(test.pixels, (pixel) => pixel / 255),
    [test.count, 1, 28, 28],
  );
  const { probabilities } = await session.run({ image });
  let right = 0;
  for (let i = 0; i < test.count; i++) {
    const scores = probabilities.data.subarray(i * 10, i * 10 + 10);
    if (scores.indexOf(Math.max(...scores)) === test.labels[i]) right++;
  }
  return right / test.count;
}

import { Convolution, Dense } from './layers.mjs';

/** Two convolutions and two dense layers; 106,000 weights. */
export function network(normal) {
  return {
    conv1: new Convolution({ size: 28, channels: 1, outputs: 16, kernel: 5, stride: 2, pad: 2 }, normal),
    conv2: new Convolution({ size: 14, channels: 16, outputs: 32, kernel: 3, stride: 2, pad: 1 }, normal),
    fc1: new Dense(7 * 7 * 32, 64, true, normal),
    fc2: new Dense(64, 10, false, normal),
  };
}

/**
 * One step forward and back: cross entropy of the softmax of the scores.
 * @param x [batch][28][28]
 * @returns the mean loss; gradients are in the layers
 */
export function learn(net, x, labels) {
  const batch = labels.length;
  const layers = Object.values(net);
  let y = x;
  for (const layer of layers) y = layer.forward(y, batch);
  const gradient = new Float32Array(batch * 10);
  let loss = 0;
  for (let b = 0; b < batch; b++) {
    const scores = y.subarray(b * 10, b * 10 + 10);
    const most = Math.max(...scores);
    const sum = scores.reduce((total, score) => total + Math.exp(score - most), 0);
    for (let c = 0; c < 10; c++) {
      const probability = Math.exp(scores[c] - most) / sum;
      gradient[b * 10 + c] = (probability - (c === labels[b] ? 1 : 0)) / batch;
      if (c === labels[b]) loss -= Math.log(probability) / batch;
    }
  }
  let dy = gradient;
  for (const [i, layer] of layers.toReversed().entries()) dy = layer.backward(dy, i < layers.length - 1);
  return loss;
}

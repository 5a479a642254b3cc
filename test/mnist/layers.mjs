/** Layers of a small network with their gradients; activations are [batch][height][width][channels]. */
import { inputGradient, product, weightGradient } from './matrix.mjs';

/** A weight or bias with its gradient and Adam's moments (Kingma and Ba 2015). */
export class Parameter {
  constructor(length, deviation, normal) {
    this.values = Float32Array.from({ length }, () => (deviation === 0 ? 0 : deviation * normal()));
    this.gradient = new Float32Array(length);
    this.first = new Float32Array(length);
    this.second = new Float32Array(length);
  }

  /** @param step from 1 on */
  update(rate, step) {
    const [b1, b2] = [0.9, 0.999];
    const scale = (rate * Math.sqrt(1 - b2 ** step)) / (1 - b1 ** step);
    for (let i = 0; i < this.values.length; i++) {
      const g = this.gradient[i];
      this.first[i] = b1 * this.first[i] + (1 - b1) * g;
      this.second[i] = b2 * this.second[i] + (1 - b2) * g * g;
      this.values[i] -= (scale * this.first[i]) / (Math.sqrt(this.second[i]) + 1e-8);
    }
  }
}

/** y = x w + b, with a ReLU behind it if wanted. Initialized as He et al. (2015) do. */
export class Dense {
  constructor(inputs, outputs, relu, normal) {
    Object.assign(this, { inputs, outputs, relu });
    this.weight = new Parameter(inputs * outputs, Math.sqrt(2 / inputs), normal);
    this.bias = new Parameter(outputs, 0, normal);
  }

  /** @param x [rows][inputs] */
  forward(x, rows) {
    const { inputs, outputs, weight, bias, relu } = this;
    const y = new Float32Array(rows * outputs);
    product(x, weight.values, y, rows, inputs, outputs);
    for (let i = 0; i < y.length; i++) {
      y[i] += bias.values[i % outputs];
      if (relu && y[i] < 0) y[i] = 0;
    }
    Object.assign(this, { x, y, rows });
    return y;
  }

  /** @param dy changed in place @returns the gradient of the inputs, unless nobody needs it */
  backward(dy, wantsInput = true) {
    const { inputs, outputs, weight, bias, x, y, rows } = this;
    if (this.relu) for (let i = 0; i < dy.length; i++) if (y[i] === 0) dy[i] = 0;
    weightGradient(x, dy, weight.gradient, rows, inputs, outputs);
    bias.gradient.fill(0);
    for (let i = 0; i < dy.length; i++) bias.gradient[i % outputs] += dy[i];
    if (!wantsInput) return null;
    const dx = new Float32Array(rows * inputs);
    inputGradient(dy, weight.values, dx, rows, inputs, outputs);
    return dx;
  }

  get parameters() {
    return [this.weight, this.bias];
  }
}

/** A convolution as a product with the patches of its input: weights [kernel][kernel][channels][outputs]. */
export class Convolution {
  constructor({ size, channels, outputs, kernel, stride, pad }, normal) {
    Object.assign(this, { size, channels, kernel, stride, pad, outputs });
    this.out = Math.floor((size + 2 * pad - kernel) / stride) + 1;
    this.dense = new Dense(kernel * kernel * channels, outputs, true, normal);
  }

  forward(x, batch) {
    this.batch = batch;
    const patches = new Float32Array(batch * this.out ** 2 * this.dense.inputs);
    this.eachTap((from, to) => {
      for (let c = 0; c < this.channels; c++) patches[to + c] = x[from + c];
    });
    return this.dense.forward(patches, batch * this.out ** 2);
  }

  backward(dy, wantsInput) {
    const patches = this.dense.backward(dy, wantsInput);
    if (!patches) return null;
    const dx = new Float32Array(this.batch * this.size ** 2 * this.channels);
    this.eachTap((from, to) => {
      for (let c = 0; c < this.channels; c++) dx[from + c] += patches[to + c];
    });
    return dx;
  }

  /** Calls back with where a pixel is in the input and in the patches; what is padded has no place in the input. */
  eachTap(visit) {
    const { batch, size, channels, kernel, stride, pad, out } = this;
    let to = 0;
    for (let b = 0; b < batch; b++)
      for (let oy = 0; oy < out; oy++)
        for (let ox = 0; ox < out; ox++)
          for (let ky = 0; ky < kernel; ky++)
            for (let kx = 0; kx < kernel; kx++, to += channels) {
              const [y, x] = [oy * stride + ky - pad, ox * stride + kx - pad];
              if (y >= 0 && y < size && x >= 0 && x < size) visit(((b * size + y) * size + x) * channels, to);
            }
  }

  get parameters() {
    return this.dense.parameters;
  }
}

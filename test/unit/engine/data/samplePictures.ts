/** A folder with a copy of a small model and pictures for it, which a test can change. */
import { encode } from 'fast-png';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calibrationSamples } from '../../../../src/engine/data/calibrationSamples';
import { readModel } from '../../../../src/engine/models/OpenModels';
import { embedded } from '../../../../src/onnx/file/externalData';
import { mapTensors } from '../../../../src/onnx/graph/tensors';
import { withOutputs } from '../../../../src/onnx/subgraph/withOutputs';
import { tensorBytes } from '../../../../src/onnx/file/tensor';
import { DEFAULT_IMAGE, type CalibrationData } from '../../../../src/core/recipe/calibration';

const MNIST = 'test/mnist/mnist.onnx';
export const PICTURES = 10;

export class SamplePictures {
  readonly folder = mkdtempSync(join(tmpdir(), 'quantscope-pictures-'));
  readonly model = join(this.folder, 'model.onnx');
  readonly cache = join(this.folder, 'cache');
  readonly calibration: CalibrationData = {
    data: 'pictures',
    samples: PICTURES,
    image: { ...DEFAULT_IMAGE, channels: 'grey' },
    labels: null,
  };

  constructor() {
    mkdirSync(join(this.folder, 'pictures'));
    copyFileSync(MNIST, this.model);
    for (let i = 0; i < PICTURES; i++) this.paint(i, i);
  }

  /** Writes picture `place`; other seeds look different, in as many bytes. */
  paint(place: number, seed: number): void {
    const data = Uint8Array.from({ length: 28 * 28 }, (_, i) => 120 + 100 * Math.sin(i * i * (seed + 1)));
    const file = join(this.folder, 'pictures', `${place}.png`);
    writeFileSync(file, encode({ width: 28, height: 28, data, channels: 1 }, { zlib: { level: 0 } }));
  }

  /** Changes one bit of a weight. */
  changeModel(): void {
    const model = readModel(this.model);
    const { tensor } = model.layers.get('conv1')!.constant;
    const bytes = tensorBytes(tensor, model.files).slice();
    bytes[2]! ^= 1;
    const changed = mapTensors(model.graph, (each) => (each === tensor ? embedded(each, bytes) : each));
    writeFileSync(this.model, withOutputs(changed, model.files, []));
  }

  samples(image = this.calibration.image) {
    const { inputs } = readModel(this.model).inspection.model;
    return calibrationSamples({ ...this.calibration, image }, this.model, inputs, {}).all;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

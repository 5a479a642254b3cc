/** Exports in this process, into a folder that goes away. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportModel } from '../../../../src/engine/export/exportModel';
import { readModel } from '../../../../src/engine/models/OpenModels';
import { WeightKernel } from '../../../../src/engine/weights/WeightKernel';
import type { ExportProgress } from '../../../../src/core/report/report';
import type { ExportRequest } from '../../../../src/protocol/engineApi';
import { EMPTY_RECIPE, type Recipe } from '../../../../src/core/recipe/recipe';
import { NO_REPAIR } from '../../../../src/core/recipe/repair';
import { testKernel } from '../../../fixtures/testKernel';

export class Exporter {
  readonly folder = mkdtempSync(join(tmpdir(), 'quantscope-integers-'));
  private weightKernel!: WeightKernel;
  private exports = 0;

  /** To be called once, before the first export. */
  async start(): Promise<void> {
    this.weightKernel = await WeightKernel.create(await testKernel());
  }

  /** Exports with what differs from the empty recipe, and without repairs but those that are named. */
  async export(
    path: string,
    recipe: Partial<Recipe>,
    verify = true,
    cache: string | null = null,
    name = `export${this.exports++}.onnx`,
  ) {
    const output = join(this.folder, name);
    const request = { path, recipe: { ...EMPTY_RECIPE, repair: NO_REPAIR, ...recipe }, output };
    const report = await this.run({ ...request, overwrite: false, verify, cache });
    const { graph, inspection } = readModel(output);
    const count = (op: string) => graph.nodes.filter(({ opType }) => opType === op).length;
    return { report, count, inspection, graph: graph.model.graph, output };
  }

  /** Exports as asked; `onProgress` is called on the way. */
  run(request: ExportRequest, onProgress: (stage: string) => void = () => {}, embedLimit?: number) {
    const progress = ({ stage }: ExportProgress) => onProgress(stage);
    return exportModel(
      this.weightKernel,
      request,
      { signal: new AbortController().signal, progress },
      embedLimit,
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

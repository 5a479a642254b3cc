import { strict as assert } from 'node:assert';
import { copyFileSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { commands, extensions, Uri, window, workspace, TabInputCustom } from 'vscode';
import type { OpenModel } from '../../src/host/panels/EditorProvider';
import type { QuantscopeApi } from '../../src/extension';

export const CLS = 'ch_ppocr_mobile_v2.0_cls_infer.onnx';
export const VAD = 'silero_vad_v5.onnx';

/** A copy of a sample model in a folder of its own, so that tests do not meet each other's recipes. */
export function copyOf(model: string): Uri {
  const root = workspace.workspaceFolders![0]!.uri.fsPath;
  const target = join(mkdtempSync(join(root, 'case-')), model);
  copyFileSync(join(root, model), target);
  return Uri.file(target);
}

/** Opens a model as the Explorer's menu does. */
export async function open(uri: Uri): Promise<OpenModel> {
  await commands.executeCommand('quantscope.quantizeModel', uri);
  const extension = extensions.getExtension<QuantscopeApi>('quantscope.quantscope')!;
  const { models } = await extension.activate().then(() => extension.exports);
  const model = models.find(({ document }) => document.uri.fsPath === uri.fsPath);
  assert(model, 'the model has an editor');
  await until(() => model.session.inspection !== null || model.session.failure !== null, 'the model is read');
  return model;
}

/** Opens a model and waits until every layer is analysed. */
export async function openAnalysed(uri: Uri): Promise<OpenModel> {
  const model = await open(uri);
  await until(
    () =>
      !model.session.measuring.progress.weights.running && model.session.measurements.at('weights').size > 0,
    'the model is analysed',
  );
  return model;
}

/** Whether VS Code shows the mark of unsaved changes on the active editor. */
export function isDirty(): boolean {
  return window.tabGroups.activeTabGroup.activeTab?.isDirty ?? false;
}

export function activeCustomEditor(): string | null {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof TabInputCustom ? input.viewType : null;
}

/** Waits for something to become true. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const start = Date.now();
  while (!(await condition())) {
    if (Date.now() - start > 20_000) throw new Error(`Waited in vain: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

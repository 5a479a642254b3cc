import { commands, l10n, window, type Disposable, type Uri } from 'vscode';
import { exportWithDialog, openModel } from './dialogs/exporting';
import type { EditorProvider, OpenModel } from './panels/EditorProvider';

/** The commands of package.json. Those on a model act on the editor that has the focus. */
export function registerCommands(provider: EditorProvider): Disposable[] {
  const onModel = (name: string, action: (model: OpenModel) => unknown) =>
    commands.registerCommand(name, () => {
      const model = provider.active;
      if (model) return action(model);
      return window.showInformationMessage(l10n.t('Open a model in Quantscope first.'));
    });
  return [
    commands.registerCommand('quantscope.quantizeModel', async (uri?: Uri) => {
      const model = uri ?? (await pickModel());
      if (model) await openModel(model);
    }),
    onModel('quantscope.exportModel', ({ document, session }) => exportWithDialog(document, session)),
    onModel('quantscope.cancelExport', ({ session }) => session.exports.cancel()),
    onModel('quantscope.restartAnalysis', ({ session }) => session.analyse()),
    onModel('quantscope.cancelAnalysis', ({ session }) => session.cancelErrors('weights')),
    onModel('quantscope.openRecipe', async ({ document }) => {
      // A recipe that was never saved has no file to open yet.
      if (document.isNew) await commands.executeCommand('workbench.action.files.save');
      await commands.executeCommand('vscode.open', document.recipeUri);
    }),
  ];
}

async function pickModel(): Promise<Uri | undefined> {
  const picked = await window.showOpenDialog({
    filters: { [l10n.t('ONNX model')]: ['onnx'] },
    title: l10n.t('Quantize Model'),
  });
  return picked?.[0];
}

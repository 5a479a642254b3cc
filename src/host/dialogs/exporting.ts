import { existsSync } from 'node:fs';
import { commands, l10n, Uri, window } from 'vscode';
import { quantizedPath } from '../../core/model/modelFormats';
import { CancelledError } from '../../base/rpc';
import { UserError } from '../../base/UserError';
import type { ExportReport } from '../../core/report/report';
import { reportMarkdown } from '../../core/report/reportMarkdown';
import { writeTextFile } from '../../files/newFile';
import { EDITOR_TYPE } from '../panels/editorType';
import type { ModelSession } from '../session/ModelSession';
import type { QuantDocument } from '../document/QuantDocument';

/** Asks for a file name, proposing one beside the model, and exports. The outcome shows in the editor. */
export async function exportWithDialog(document: QuantDocument, session: ModelSession): Promise<void> {
  const destination = await window.showSaveDialog({
    defaultUri: proposedOutput(document.uri),
    filters: { [l10n.t('ONNX model')]: ['onnx'] },
    title: l10n.t('Export Quantized Model'),
    saveLabel: l10n.t('Export'),
  });
  if (!destination) return;
  try {
    await session.export(document.recipe, destination);
  } catch (error) {
    // The editor shows what went wrong; a fault of ours goes on to the log as well.
    if (!(error instanceof UserError || error instanceof CancelledError)) throw error;
  }
}

export function proposedOutput(model: Uri): Uri {
  return model.with({ path: quantizedPath(model.path) });
}

/** Writes the report beside the exported model and shows it; asks before it replaces a file. */
export async function saveReport(report: ExportReport): Promise<void> {
  const uri = Uri.file(`${report.output.path}.report.md`);
  const exists = existsSync(uri.fsPath);
  if (exists && !(await mayReplace(uri))) return;
  await writeTextFile(uri.fsPath, reportMarkdown(report), exists);
  await commands.executeCommand('markdown.showPreview', uri);
}

async function mayReplace(uri: Uri): Promise<boolean> {
  const replace = l10n.t('Replace');
  const question = l10n.t('{0} exists already.', uri.fsPath);
  return (await window.showWarningMessage(question, { modal: true }, replace)) === replace;
}

export async function openModel(uri: Uri): Promise<void> {
  await commands.executeCommand('vscode.openWith', uri, EDITOR_TYPE);
}

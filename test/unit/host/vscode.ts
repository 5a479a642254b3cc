/** Stands for VS Code's API in tests of the host: `vi.mock('vscode', () => import('.../vscode'))`. */

export const l10n = {
  t: (text: string, ...values: unknown[]) => text.replace(/\{(\d)\}/g, (_, i) => String(values[Number(i)])),
};

export const commands = { executeCommand: () => undefined };

/** Sentences that were shown. */
export const shown: string[] = [];
export const window = { showInformationMessage: (text: string) => void shown.push(text) };

export const workspace = { isTrusted: true };

export const Uri = { file: (path: string) => ({ path, fsPath: path }) };

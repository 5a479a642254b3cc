import { window, type QuickPickItem } from 'vscode';

/** An entry of a list that stands for something. */
export interface Choice<T> extends QuickPickItem {
  readonly value: T;
}

export function choice<T>(value: T, label: string, description: string): Choice<T> {
  return { value, label, description };
}

/** Lets the user pick one; undefined if they leave. */
export function pick<T>(title: string, placeHolder: string, choices: readonly Choice<T>[]) {
  return window.showQuickPick(choices, { title, placeHolder });
}

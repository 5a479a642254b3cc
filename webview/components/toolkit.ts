/** The only import of the UI toolkit, which is archived upstream: replacing it touches this file alone. */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeProgressRing,
} from '@vscode/webview-ui-toolkit';

/**
 * Defines `vscode-button`, `-checkbox` and `-progress-ring`. Drop-downs are the browser's own: the toolkit's neither
 * leave their pane nor show a description of an option.
 */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox(), vsCodeProgressRing());
}

/**
 * The state of a `vscode-checkbox` that reports `change`. It says so too when it is set by `.checked`, so that whoever listens
 * takes the state over rather than turning his own round; and a click is heard before the box itself has changed.
 */
export function isChecked({ target }: Event): boolean {
  return (target as HTMLInputElement).checked;
}

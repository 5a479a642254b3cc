import { css } from 'lit';

/** The page around the editor: VS Code would leave a margin beside it. */
export const page = css`
  body {
    padding: 0;
  }
`;

/** Styles of all views. Every colour is the theme's. */
export const base = css`
  :host {
    --line: var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    color: var(--vscode-foreground);
    font-family: var(--vscode-font-family);
    font-size: var(--vscode-font-size, 13px);
  }
  * {
    box-sizing: border-box;
  }
  h2,
  h3 {
    font-size: 13px;
    font-weight: 600;
    margin: 0;
  }
  h3 {
    font-size: 12px;
  }
  .dim {
    color: var(--vscode-descriptionForeground);
  }
  .small {
    font-size: 11px;
  }
  .number {
    font-variant-numeric: tabular-nums;
  }
  .visually-hidden {
    clip-path: inset(50%);
    height: 1px;
    overflow: hidden;
    position: absolute;
    white-space: nowrap;
    width: 1px;
  }
  :focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  code {
    font-family: var(--vscode-editor-font-family, monospace);
    font-size: 12px;
  }
  button.link {
    background: none;
    border: none;
    border-radius: 2px;
    color: var(--vscode-textLink-foreground);
    cursor: pointer;
    font: inherit;
    min-height: 22px;
    padding: 0 2px;
  }
  button.link:hover {
    color: var(--vscode-textLink-activeForeground);
    text-decoration: underline;
  }
  select,
  input:is([type='search'], [type='number']) {
    background: var(--vscode-input-background);
    border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent));
    border-radius: 2px;
    color: var(--vscode-input-foreground);
    font: inherit;
    height: 24px;
    padding: 0 6px;
  }
  select {
    background: var(--vscode-dropdown-background);
    border-color: var(--vscode-dropdown-border, var(--vscode-contrastBorder, transparent));
    color: var(--vscode-dropdown-foreground);
    padding: 0 2px;
  }
  input::placeholder {
    color: var(--vscode-input-placeholderForeground);
  }
`;

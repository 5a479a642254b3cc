import { css } from 'lit';

/** What all views share. Every colour is the theme's. */
export const base = css`
  :host {
    color: var(--vscode-foreground);
    font-family: var(--vscode-font-family);
    font-size: var(--vscode-font-size, 13px);
  }
  * {
    box-sizing: border-box;
  }
  h2 {
    font-size: 13px;
    font-weight: 600;
    margin: 0;
  }
  .dim {
    color: var(--vscode-descriptionForeground);
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
  button.link {
    background: none;
    border: none;
    color: var(--vscode-textLink-foreground);
    cursor: pointer;
    font: inherit;
    min-height: 22px;
    padding: 0 2px;
  }
  button.link:hover {
    text-decoration: underline;
  }
  select {
    background: var(--vscode-dropdown-background);
    border: 1px solid var(--vscode-dropdown-border, transparent);
    border-radius: 2px;
    color: var(--vscode-dropdown-foreground);
    font: inherit;
    height: 24px;
    padding: 0 2px;
  }
`;

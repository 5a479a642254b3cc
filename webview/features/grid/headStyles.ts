import { css } from 'lit';

/** The two rows of headings: groups of columns with their legend, and titles to sort by. */
export const headStyles = css`
  .head {
    position: sticky;
    top: 0;
    z-index: 2;
  }
  .head .row {
    color: var(--vscode-descriptionForeground);
    font-size: 11px;
  }
  .head .titles {
    border-bottom: 1px solid var(--line);
    height: 36px;
  }
  .head .groups {
    height: 36px;
  }
  .group {
    align-self: end;
    padding: 0 1px;
    white-space: nowrap;
  }
  /* Stays in view while its columns are scrolled. */
  .heading {
    left: 180px;
    max-width: 320px;
    position: sticky;
    width: max-content;
  }
  .legend {
    align-items: center;
    display: flex;
    gap: 6px;
  }
  .scale {
    border: 1px solid var(--vscode-contrastBorder, transparent);
    background-origin: border-box;
    flex: 1;
    height: 6px;
  }
  .head .center {
    padding: 0;
  }
  .sort {
    background: none;
    border: none;
    color: inherit;
    cursor: pointer;
    font: inherit;
    line-height: 14px;
    min-height: 24px;
    overflow: hidden;
    padding: 0 1px;
    text-overflow: ellipsis;
  }
  .sort:focus-visible {
    outline: 2px solid var(--vscode-focusBorder);
    outline-offset: -2px;
  }
  .subtitle {
    color: var(--vscode-descriptionForeground);
    display: block;
    font-size: 10px;
    line-height: 12px;
  }
  .scheme-title {
    position: relative;
  }
  .scheme-title .sort {
    height: 100%;
    text-align: center;
    width: 100%;
  }
  .remove {
    background: var(--vscode-editor-background);
    border: none;
    border-radius: 2px;
    color: var(--vscode-foreground);
    cursor: pointer;
    font: inherit;
    height: 16px;
    line-height: 14px;
    opacity: 0;
    padding: 0;
    position: absolute;
    right: 0;
    top: 0;
    width: 16px;
  }
  .scheme-title:hover .remove,
  .scheme-title:focus-within .remove {
    opacity: 1;
  }
  .remove:hover {
    background: var(--vscode-toolbar-hoverBackground, var(--vscode-list-hoverBackground));
    outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
  }
  .sort:hover,
  .sort.sorted {
    color: var(--vscode-foreground);
  }
`;

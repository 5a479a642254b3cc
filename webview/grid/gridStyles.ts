import { css } from 'lit';

export const gridStyles = css`
  :host {
    display: block;
    position: relative;
  }
  .scroller {
    border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    inset: 0;
    overflow: auto;
    position: absolute;
  }
  .row {
    display: grid;
    grid-template-columns: var(--tracks);
    height: 28px;
    left: 0;
    min-width: 572px;
    padding: 0 8px 0 6px;
    position: absolute;
    top: 0;
    width: 100%;
  }
  .row.head {
    background: var(--vscode-editor-background);
    border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    color: var(--vscode-descriptionForeground);
    font-size: 11px;
    position: sticky;
    z-index: 1;
  }
  .body {
    position: relative;
  }
  .row:hover:not(.head) {
    background: var(--vscode-list-hoverBackground);
  }
  .row.current {
    background: var(--vscode-list-inactiveSelectionBackground);
    box-shadow: inset 2px 0 0 var(--vscode-focusBorder);
  }
  .row.selected {
    background: var(--vscode-list-activeSelectionBackground);
    color: var(--vscode-list-activeSelectionForeground);
  }
  .row.selected .dim,
  .row.selected .badge {
    color: inherit;
  }
  .cell {
    align-items: center;
    display: flex;
    font-variant-numeric: tabular-nums;
    gap: 6px;
    min-width: 0;
    overflow: hidden;
    padding: 0 4px;
    white-space: nowrap;
  }
  .cell.end {
    justify-content: flex-end;
  }
  .cell.center {
    justify-content: center;
  }
  .cell.name {
    cursor: default;
  }
  .text {
    display: flex;
    min-width: 0;
    overflow: hidden;
    unicode-bidi: isolate;
  }
  .text span {
    white-space: pre;
  }
  .text .beginning {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .shape,
  .op {
    color: var(--vscode-descriptionForeground);
  }
  .row.selected .shape,
  .row.selected .op {
    color: inherit;
  }
  .badge {
    border: 1px solid currentColor;
    border-radius: 8px;
    color: var(--vscode-descriptionForeground);
    flex: none;
    font-size: 10px;
    line-height: 14px;
    max-width: 160px;
    overflow: hidden;
    padding: 0 6px;
    text-overflow: ellipsis;
  }
  .badge.fixed {
    color: var(--vscode-editorWarning-foreground);
  }
  .check {
    border: 1px solid var(--vscode-checkbox-border, currentColor);
    border-radius: 2px;
    height: 14px;
    opacity: 0.6;
    width: 14px;
  }
  .check.on {
    background: currentColor;
    box-shadow: inset 0 0 0 2px var(--vscode-list-activeSelectionBackground, transparent);
    opacity: 1;
  }
  .scheme select {
    background: transparent;
    border-color: transparent;
    color: inherit;
    width: 100%;
  }
  .scheme select option {
    background: var(--vscode-dropdown-background);
    color: var(--vscode-dropdown-foreground);
  }
  .row:hover .scheme select,
  .scheme select:focus {
    border-color: var(--vscode-dropdown-border, currentColor);
  }
  .scheme select.inherited {
    opacity: 0.75;
  }
  .scheme select.own {
    font-weight: 600;
  }
  .heat {
    cursor: pointer;
    font-size: 11px;
    margin: 1px;
    padding: 0;
  }
  .heat.pending {
    color: var(--vscode-descriptionForeground);
    cursor: default;
  }
  .heat.chosen {
    font-weight: 700;
    outline: 2px solid var(--vscode-foreground);
    outline-offset: -1px;
  }
  .cell:focus-visible,
  .heat:focus-visible {
    box-shadow:
      0 0 0 2px var(--vscode-editor-background),
      0 0 0 4px var(--vscode-focusBorder);
    outline: none;
    overflow: visible;
    z-index: 1;
  }
  .sort {
    background: none;
    border: none;
    color: inherit;
    cursor: pointer;
    font: inherit;
    height: 26px;
    max-width: 100%;
    overflow: hidden;
    padding: 0;
    text-overflow: ellipsis;
  }
  .sort:hover {
    color: var(--vscode-foreground);
  }
  .empty {
    padding: 24px;
    text-align: center;
  }
`;

import { css } from 'lit';

/** Cells of the rows: names, badges, schemes and the heat of errors. */
export const cellStyles = css`
  .cell {
    align-items: center;
    display: flex;
    font-variant-numeric: tabular-nums;
    gap: 6px;
    min-width: 0;
    overflow: hidden;
    padding: 0 5px;
    white-space: nowrap;
  }
  .cell.end {
    justify-content: flex-end;
  }
  .cell.center {
    justify-content: center;
  }
  .cell.select,
  .cell.name {
    background: linear-gradient(var(--tint), var(--tint)), var(--ground);
    position: sticky;
    z-index: 1;
  }
  .cell.select {
    cursor: pointer;
    left: 0;
  }
  .cell.name {
    left: 30px;
  }
  .body .current .cell.select {
    box-shadow: inset 2px 0 0 var(--vscode-focusBorder);
  }
  .text {
    min-width: 24px;
    overflow: hidden;
    text-overflow: ellipsis;
    unicode-bidi: isolate;
  }
  .text.ends {
    display: flex;
  }
  .text.ends span {
    white-space: pre;
  }
  .text.ends span:first-child {
    flex-shrink: 1000;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .cell.shape,
  .cell.op,
  .cell.fixed {
    color: var(--vscode-descriptionForeground);
  }
  .row:is(.current, .selected) :is(.cell.shape, .cell.op, .cell.fixed, .badge, scheme-select.inherited) {
    color: inherit;
  }
  .badge {
    border: 1px solid currentColor;
    border-radius: 8px;
    color: var(--vscode-descriptionForeground);
    flex: 0 1 auto;
    font-size: 10px;
    line-height: 14px;
    min-width: 28px;
    overflow: hidden;
    padding: 0 6px;
    text-overflow: ellipsis;
  }
  .check {
    background: var(--vscode-checkbox-background, transparent);
    border: 1px solid var(--vscode-checkbox-border, currentColor);
    border-radius: 3px;
    color: var(--vscode-checkbox-foreground, currentColor);
    flex: none;
    height: 16px;
    width: 16px;
  }
  .check path {
    fill: none;
    stroke: currentColor;
    stroke-width: 1.6;
  }
  .bars {
    fill: var(--vscode-charts-blue, #3794ff);
  }
  .row.selected .bars {
    fill: currentColor;
  }
  scheme-select {
    color: inherit;
    margin-left: -4px;
    width: 100%;
  }
  scheme-select.inherited {
    color: var(--vscode-descriptionForeground);
    font-style: italic;
  }
  scheme-select.own {
    font-weight: 600;
  }
  .heat {
    background: var(--colour, var(--vscode-input-background));
    color: var(--ink, var(--vscode-descriptionForeground));
    cursor: pointer;
    font-size: 11px;
    margin: 1px;
    padding: 0;
  }
  .heat.pending {
    cursor: default;
  }
  .heat.none {
    background: none;
    cursor: default;
  }
  .heat.left {
    cursor: default;
    gap: 8px;
  }
  .heat.left span {
    font-weight: 700;
  }
  .heat.chosen {
    box-shadow:
      inset 0 0 0 2px var(--vscode-foreground),
      inset 0 0 0 3px var(--vscode-editor-background);
    font-weight: 700;
  }
  .cell:focus-visible,
  .cell.heat:focus-visible {
    outline: 2px solid var(--vscode-focusBorder);
    outline-offset: -2px;
  }
  .cell.heat:focus-visible {
    box-shadow: inset 0 0 0 4px var(--vscode-editor-background);
  }
`;

import { css } from 'lit';

export const gridStyles = css`
  :host {
    display: block;
  }
  .scroller {
    border-top: 1px solid var(--line);
    inset: 0;
    overflow: auto;
    position: absolute;
    scroll-padding: 72px 0 0 176px;
  }
  .head {
    position: sticky;
    top: 0;
    z-index: 2;
  }
  .row {
    --ground: var(--vscode-editor-background);
    --tint: transparent;
    background: linear-gradient(var(--tint), var(--tint)), var(--ground);
    display: grid;
    grid-template-columns: var(--tracks);
    height: 28px;
    padding-right: 8px;
    width: var(--width);
  }
  .body {
    position: relative;
    width: var(--width);
  }
  .body .row {
    contain: layout style paint;
    left: 0;
    position: absolute;
    top: 0;
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
  .body .row:hover {
    --tint: var(--vscode-list-hoverBackground);
  }
  .body .row.current {
    --tint: var(--vscode-list-inactiveSelectionBackground);
  }
  .body .row.selected {
    --tint: var(--vscode-list-activeSelectionBackground);
    color: var(--vscode-list-activeSelectionForeground);
  }
  /* Themes of high contrast tint nothing: a frame over all cells says which rows are meant. */
  .body .row:is(.current, .selected)::after {
    border: 1px dashed var(--vscode-contrastActiveBorder, transparent);
    content: '';
    inset: 0;
    pointer-events: none;
    position: absolute;
    z-index: 2;
  }
  .body .row.selected::after {
    border-style: solid;
    border-width: 2px;
  }
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
  .head .center {
    padding: 0;
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
  .cell.heat:focus-visible,
  .sort:focus-visible {
    outline: 2px solid var(--vscode-focusBorder);
    outline-offset: -2px;
  }
  .cell.heat:focus-visible {
    box-shadow: inset 0 0 0 4px var(--vscode-editor-background);
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
  .empty {
    left: 0;
    padding: 24px;
    position: sticky;
    text-align: center;
  }
`;

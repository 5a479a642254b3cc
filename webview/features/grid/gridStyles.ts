import { css } from 'lit';

/** The frame of the grid and its rows. */
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
  .empty {
    left: 0;
    padding: 24px;
    position: sticky;
    text-align: center;
  }
`;

import { css } from 'lit';

export const bakeOffStyles = css`
  :host {
    display: block;
    margin-top: 4px;
  }
  .bar {
    align-items: center;
    display: flex;
    flex-wrap: wrap;
    gap: 2px 16px;
    min-height: 28px;
  }
  .bar .end {
    margin-left: auto;
  }
  vscode-checkbox {
    margin: 0;
  }
  .line {
    align-items: center;
    display: flex;
    gap: 8px;
    margin-bottom: 6px;
    min-height: 30px;
  }
  .track {
    background: var(--vscode-input-background);
    border: 1px solid var(--vscode-contrastBorder, transparent);
    flex: none;
    height: 4px;
    width: 80px;
  }
  .track div {
    background: var(--vscode-progressBar-background);
    height: 100%;
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 14px;
    margin-top: 4px;
    padding-left: 38px;
  }
  .legend svg {
    margin-right: 4px;
    vertical-align: -3px;
  }
  .curve {
    fill: none;
    stroke: var(--vscode-foreground);
    stroke-width: 1.5;
  }
  .curve.dashed {
    stroke-dasharray: 5 4;
  }
  p {
    margin: 6px 0 0 38px;
  }
  table {
    border-collapse: collapse;
    width: 100%;
  }
  th,
  td {
    border-bottom: 1px solid var(--line);
    padding: 1px 8px 1px 0;
    text-align: right;
    white-space: nowrap;
  }
  th {
    font-weight: normal;
  }
  th:first-child {
    text-align: left;
  }
  tr.chosen {
    background: var(--vscode-list-inactiveSelectionBackground);
    outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  tr.chosen button {
    font-weight: 700;
  }
`;

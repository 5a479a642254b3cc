import { css } from 'lit';

/** Marks differ by shape and by colour, so that each alone tells them apart. */
export const bakeOffChartStyles = css`
  :host {
    display: block;
  }
  svg {
    display: block;
    overflow: visible;
  }
  text {
    fill: var(--vscode-descriptionForeground);
    font-size: 11px;
    font-variant-numeric: tabular-nums;
  }
  .grid {
    stroke: color-mix(in srgb, var(--vscode-charts-lines, #8888) 30%, transparent);
    stroke-width: 1;
  }
  .curve {
    fill: none;
    stroke-width: 1.5;
  }
  .curve.shannon {
    stroke: var(--vscode-foreground);
    stroke-dasharray: 6 4;
  }
  .curve.lloyd {
    stroke: var(--vscode-descriptionForeground);
  }
  .mark {
    stroke: var(--vscode-editor-background);
    stroke-width: 1;
  }
  .mark.integer {
    fill: var(--vscode-charts-blue, #3794ff);
  }
  .mark.float {
    fill: var(--vscode-charts-green, #89d185);
  }
  .mark.power {
    fill: var(--vscode-charts-yellow, #cca700);
  }
  .mark.codebook {
    fill: var(--vscode-charts-purple, #b180d7);
  }
  .mark.binary {
    fill: var(--vscode-charts-red, #f14c4c);
  }
  svg:has(.spotted) {
    cursor: pointer;
  }
  .point {
    outline: none;
  }
  .reach {
    fill: transparent;
  }
  .ring {
    fill: none;
    stroke: var(--vscode-foreground);
    stroke-width: 1.5;
  }
  .point.spotted .mark {
    stroke: var(--vscode-foreground);
    stroke-width: 1.5;
  }
  .point:focus-visible .reach {
    stroke: var(--vscode-focusBorder);
    stroke-width: 2;
  }
  .labels {
    pointer-events: none;
  }
  .labels text {
    fill: var(--vscode-foreground);
    paint-order: stroke;
    stroke: var(--vscode-editor-background);
    stroke-linejoin: round;
    stroke-width: 3px;
  }
  .labels .chosen {
    font-weight: 600;
  }
  .spot {
    min-height: 34px;
    padding-top: 2px;
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 14px;
    margin-top: 4px;
  }
  .legend span {
    align-items: center;
    display: inline-flex;
    gap: 4px;
  }
  .line {
    border-top: 1.5px solid var(--vscode-descriptionForeground);
    display: inline-block;
    width: 18px;
  }
  .line.shannon {
    border-top: 1.5px dashed var(--vscode-foreground);
  }
`;

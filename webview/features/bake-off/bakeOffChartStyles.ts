import { css } from 'lit';

export const bakeOffChartStyles = css`
  :host {
    display: block;
  }
  .frame {
    height: 320px;
    position: relative;
  }
  svg {
    display: block;
    overflow: visible;
    user-select: none;
  }
  svg.pointed {
    cursor: pointer;
  }
  .axes text {
    fill: var(--vscode-descriptionForeground);
    font-size: 11px;
  }
  .axes line {
    stroke: var(--vscode-charts-lines, #8888);
    stroke-opacity: 0.35;
  }
  .curve {
    fill: none;
    stroke: var(--vscode-foreground);
    stroke-width: 1.5;
  }
  .curve.lloyd {
    stroke-dasharray: 5 4;
    stroke-opacity: 0.8;
  }
  .shape {
    stroke-linejoin: round;
  }
  .point:not(.best) .shape {
    fill: var(--vscode-editor-background);
  }
  circle {
    fill: none;
    stroke: var(--vscode-foreground);
    stroke-width: 2;
  }
  circle.active {
    stroke: var(--vscode-focusBorder);
  }
  .name {
    fill: var(--vscode-foreground);
    font-size: 11px;
    paint-order: stroke;
    stroke: var(--vscode-editor-background);
    stroke-width: 3;
  }
  .name.chosen {
    font-weight: 700;
  }
  .tip {
    background: var(--vscode-editorHoverWidget-background);
    border: 1px solid var(--vscode-editorHoverWidget-border, var(--vscode-contrastBorder));
    box-shadow: 0 2px 8px var(--vscode-widget-shadow, #0006);
    box-sizing: border-box;
    color: var(--vscode-editorHoverWidget-foreground);
    font-size: 12px;
    padding: 8px 10px;
    pointer-events: none;
    position: absolute;
    z-index: 3;
  }
  .tip p {
    margin: 2px 0 6px;
  }
`;

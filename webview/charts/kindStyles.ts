import { css } from 'lit';

/** Colour of each kind of scheme; the theme's, so that they are fit for high contrast. */
export const kindStyles = css`
  .integer {
    --kind: var(--vscode-charts-blue, #3794ff);
  }
  .float {
    --kind: var(--vscode-symbolIcon-classForeground, #d67e00);
  }
  .power {
    --kind: var(--vscode-charts-green, #89d185);
  }
  .codebook {
    --kind: var(--vscode-charts-purple, #b180d7);
  }
  .vector {
    --kind: var(--vscode-charts-red, #f14c4c);
  }
  .tanh {
    --kind: var(--vscode-descriptionForeground, #888);
  }
  .sign {
    --kind: var(--vscode-charts-yellow, #cca700);
  }
  .shape {
    fill: var(--kind);
    stroke: var(--kind);
    stroke-width: 1.5;
  }
`;

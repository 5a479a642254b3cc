import { css } from 'lit';

/** A picture with an axis down its left and one below: the matrix of weights, or the plane of pairs. */
export const planeStyles = css`
  .picture {
    display: grid;
    gap: 2px 6px;
  }
  canvas {
    border: 1px solid var(--vscode-contrastBorder, transparent);
    cursor: crosshair;
    display: block;
    width: 100%;
  }
  .down,
  .across,
  .legend {
    display: flex;
    font-size: 11px;
  }
  .down,
  .across {
    justify-content: space-between;
  }
  .down {
    align-items: end;
    flex-direction: column;
  }
  .down .title {
    transform: rotate(180deg);
    writing-mode: vertical-rl;
  }
  .across {
    grid-column: 2;
  }
  .spot {
    color: var(--vscode-foreground);
  }
`;

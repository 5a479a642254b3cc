import { css } from 'lit';

export const quantscopeEditorStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    height: 100vh;
    /* What is hidden to the eye, but not to screen readers, must not make the page scroll. */
    overflow: clip;
    position: relative;
  }
  .failure,
  .loading {
    align-items: center;
    display: flex;
    flex: 1;
    flex-direction: column;
    gap: 8px;
    justify-content: center;
    padding: 24px;
    text-align: center;
  }
  .failure p {
    margin: 0;
    max-width: 60ch;
    overflow-wrap: anywhere;
  }
  .work {
    /* The splitter can be caught beside itself, too. */
    overflow: hidden;
    display: flex;
    flex: 1;
    min-height: 0;
  }
  .work.below {
    flex-direction: column;
  }
  .main {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 140px;
    min-width: 0;
  }
  /* Some rows of the table, with all that is above them. */
  .below .main {
    min-height: 250px;
  }
  .grid {
    flex: 1;
    min-height: 0;
    position: relative;
  }
  layer-grid {
    inset: 0;
    position: absolute;
  }
  layer-detail {
    flex: none;
    min-width: 0;
    overflow: auto;
    position: relative;
  }
  .splitter {
    background: var(--vscode-panel-border, var(--vscode-contrastBorder, #8884));
    flex: none;
    position: relative;
  }
  .splitter::after {
    content: '';
    inset: -4px;
    position: absolute;
  }
  .splitter:hover,
  .splitter:focus-visible {
    background: var(--vscode-sash-hoverBorder, var(--vscode-focusBorder));
  }
  .beside .splitter {
    cursor: col-resize;
    width: 1px;
  }
  .below .splitter {
    cursor: row-resize;
    height: 1px;
  }
`;

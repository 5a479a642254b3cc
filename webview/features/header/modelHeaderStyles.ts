import { css } from 'lit';

export const modelHeaderStyles = css`
  :host {
    border-bottom: 1px solid var(--line);
    container-type: inline-size;
    display: block;
  }
  .header {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 32px;
    padding: 10px 14px;
  }
  .model {
    flex: 1 1 440px;
    min-width: 0;
  }
  h1 {
    font-size: 15px;
    font-weight: 600;
    margin: 0 0 2px;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .ports {
    display: grid;
    gap: 0 10px;
    grid-template-columns: 46px minmax(0, 1fr);
  }
  .facts,
  .list {
    display: flex;
    flex-wrap: wrap;
    gap: 0 14px;
    line-height: 20px;
  }
  .facts {
    overflow-wrap: anywhere;
  }
  .values {
    max-height: 30vh;
    overflow: auto;
  }
  .more:not(.needed) {
    display: none;
  }
  /* Where there is little room, inputs and outputs are a click away. */
  @container (max-width: 640px) {
    .values:not(.whole) .ports {
      display: none;
    }
    .more:not(.needed) {
      display: block;
    }
  }
  .port-title {
    font-size: 11px;
    line-height: 20px;
  }
  .value {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    unicode-bidi: isolate;
  }
  .value button.link {
    margin-block: -1px;
  }
  code {
    color: var(--vscode-foreground);
  }
  .worst {
    display: flex;
    font-weight: inherit;
    gap: 6px;
    padding: 0;
  }
  .worst span {
    font-weight: normal;
    max-width: 120px;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .note {
    flex-basis: 100%;
    text-align: right;
  }
  .totals {
    align-items: start;
    display: flex;
    flex-wrap: wrap;
    gap: 8px 20px;
  }
  .label {
    color: var(--vscode-descriptionForeground);
    display: block;
    font-size: 11px;
  }
  .figure .amount {
    font-size: 14px;
    font-weight: 600;
    white-space: nowrap;
  }
  vscode-button {
    margin-top: 13px;
  }
  .bar {
    background: var(--vscode-input-background);
    height: 4px;
    margin-top: 3px;
    width: 168px;
  }
  .bar div {
    background: var(--vscode-charts-blue, #3794ff);
    height: 100%;
    max-width: 100%;
    transition: width 120ms;
  }
  @media (prefers-reduced-motion: reduce) {
    .bar div {
      transition: none;
    }
  }
  scheme-select {
    margin-top: 1px;
    max-width: 150px;
    min-width: 130px;
  }
`;

import { css, html } from 'lit';
import { formatBytes, formatDb, formatValue } from '../../src/shared/format';
import type { WeightError } from '../../src/shared/measures';

/** For `errorFigures`. */
export const errorFiguresStyles = css`
  dl.figures {
    display: grid;
    font-variant-numeric: tabular-nums;
    gap: 1px 12px;
    grid-template-columns: auto auto;
    margin: 0;
  }
  dl.figures dd {
    margin: 0;
    text-align: right;
  }
`;

/** All figures of a layer under a scheme, for a tip. */
export function errorFigures(error: WeightError, bytesBefore: number) {
  return html`<dl class="figures">
    <dt>Weight SQNR</dt>
    <dd>${formatDb(error.sqnrDb)}</dd>
    <dt>MSE</dt>
    <dd>${formatValue(error.mse)}</dd>
    <dt>Cosine</dt>
    <dd>${error.cosine.toFixed(6)}</dd>
    <dt>Largest error</dt>
    <dd>${formatValue(error.maxAbs)}</dd>
    <dt>Bits per weight</dt>
    <dd>${error.bitsPerWeight.toFixed(2)}</dd>
    <dt>Entropy-coded</dt>
    <dd>${error.entropyBits.toFixed(2)}</dd>
    <dt>Size</dt>
    <dd>${formatBytes(bytesBefore)} → ${formatBytes(error.bytes)}</dd>
  </dl>`;
}

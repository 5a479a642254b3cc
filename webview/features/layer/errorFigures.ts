import { css, html, nothing } from 'lit';
import { formatBytes, formatDb, formatShare, formatValue } from '../../../src/core/report/format';
import type { ModelOutputError, WeightError } from '../../../src/core/measure/errors';
import type { MeasuringState } from '../../../src/core/measure/MeasureRequest';
import type { Row } from '../grid/rows';

/** For `errorFigures`. */
export const errorFiguresStyles = css`
  dl.figures {
    display: grid;
    font-variant-numeric: tabular-nums;
    gap: 1px 12px;
    grid-template-columns: auto auto;
    margin: 0;
  }
  dl.figures.outputs {
    border-bottom: 1px solid var(--line);
    margin-bottom: 4px;
    padding-bottom: 4px;
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

/** Errors measured at outputs for a layer under a scheme; nothing if there are none. */
export function outputFigures({ measured }: Row, scheme: string, inputs: MeasuringState['inputs']) {
  const own = measured?.layer?.errors[scheme];
  const model = measured?.model?.errors[scheme];
  if (!own && !model) return nothing;
  return html`<dl class="figures outputs">
    ${own ? figure('Layer output SQNR', `${own.exact || typeof own.sqnrDb === 'string' ? '' : 'about '}${formatDb(own.sqnrDb)}`) : nothing}
    ${model ? modelFigures(model) : nothing}
    ${figure('Measured on', inputs === 'synthetic' ? 'synthetic inputs' : 'your data')}
  </dl>`;
}

function modelFigures({
  sqnrDb,
  interval,
  klDivergence,
  top1Agreement,
  accuracy,
  samples,
  notCompared,
}: ModelOutputError) {
  const range = interval && `${interval[0].toFixed(1)} to ${interval[1].toFixed(1)} dB`;
  return html`${figure('Model output SQNR', formatDb(sqnrDb, samples))}
  ${range ? figure('95 % confidence', range) : nothing}
  ${klDivergence === null ? nothing : figure('KL divergence', `${formatValue(klDivergence)} bit`)}
  ${top1Agreement === null ? nothing : figure('Same top class', formatShare(top1Agreement))}
  ${accuracy === null ? nothing : figure('Accuracy', formatShare(accuracy))}
  ${figure('Samples', String(samples))}
  ${notCompared === undefined ? nothing : figure('Outputs not compared', `${notCompared}, of another size or empty`)}`;
}

function figure(name: string, value: string) {
  return html`<dt>${name}</dt>
    <dd>${value}</dd>`;
}

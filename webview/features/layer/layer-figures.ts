import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { formatBytes, formatDb, formatShare } from '../../../src/core/report/format';
import type { LayerView } from '../../../src/core/measure/layerView';
import { base } from '../../app/styles';

/** One layer under a scheme in four figures to weigh against each other. */
@customElement('layer-figures')
export class LayerFigures extends LitElement {
  static override styles = [
    base,
    css`
      dl {
        display: grid;
        gap: 6px 12px;
        grid-template-columns: 1fr 1fr 1fr 1.5fr;
        margin: 0;
      }
      /* The pane is the container. */
      @container (max-width: 390px) {
        dl {
          grid-template-columns: 1fr 1fr;
        }
      }
      dt {
        color: var(--vscode-descriptionForeground);
        font-size: 11px;
        white-space: nowrap;
      }
      dd {
        font-size: 14px;
        font-weight: 600;
        margin: 0;
        min-height: 19px;
        white-space: nowrap;
      }
      dd .dim {
        font-size: 12px;
        font-weight: normal;
      }
    `,
  ];

  @property({ attribute: false }) picture: LayerView | null = null;

  override render() {
    const { picture } = this;
    const error = picture?.error ?? null;
    const floats = picture && !error;
    const weights = picture ? picture.errorMap.matrixRows * picture.errorMap.matrixColumns : 1;
    return html`<dl class="number">
      <div>
        <dt title="Signal to quantization noise ratio of the weights, no data involved">Weight SQNR</dt>
        <dd data-figure="sqnr">${error ? formatDb(error.sqnrDb) : floats ? 'exact' : ''}</dd>
      </div>
      <div>
        <dt title="Codes, scales, zero points and codebooks together, divided by the number of weights">
          Bits per weight
        </dt>
        <dd data-figure="bits">
          ${error ? error.bitsPerWeight.toFixed(2) : floats ? (8 * picture.bytesAfter) / weights : ''}
        </dd>
      </div>
      <div>
        <dt
          title="Bits per weight if the codes were stored by a perfect entropy coder: frequent codes short, rare ones long. ONNX has none; the gap says how unevenly the codes are used."
        >
          Entropy-coded
        </dt>
        <dd data-figure="entropy">${error ? error.entropyBits.toFixed(2) : floats ? '–' : ''}</dd>
      </div>
      <div>
        <dt>Size</dt>
        <dd data-figure="bytes">
          ${picture ? formatBytes(picture.bytesAfter) : ''}
          <span class="dim"
            >${picture ? `(${formatShare(picture.bytesAfter / picture.bytesBefore)})` : ''}</span
          >
        </dd>
      </div>
    </dl>`;
  }
}

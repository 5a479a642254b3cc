import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { LayerView } from '../../src/shared/measures';
import { formatBytes, formatDb, formatShare, formatValue } from '../../src/shared/format';
import { base } from '../styles';

/** The figures of one layer under one scheme. */
@customElement('layer-facts')
export class LayerFacts extends LitElement {
  static override styles = [
    base,
    css`
      table {
        border-collapse: collapse;
        width: 100%;
      }
      th {
        color: var(--vscode-descriptionForeground);
        font-weight: normal;
        padding: 2px 12px 2px 0;
        text-align: left;
        white-space: nowrap;
        width: 1%;
      }
      td {
        font-variant-numeric: tabular-nums;
        padding: 2px 0;
      }
    `,
  ];

  @property({ attribute: false }) picture!: LayerView;

  override render() {
    const { error, bytesBefore, bytesAfter, scales, zeroPoints, clipped } = this.picture;
    const rows: [string, string][] = [
      [
        'Size',
        `${formatBytes(bytesBefore)} → ${formatBytes(bytesAfter)} (${formatShare(bytesAfter / bytesBefore)})`,
      ],
    ];
    if (error) {
      rows.push(
        ['Bits per weight', `${error.bitsPerWeight.toFixed(2)}, with scales, zero points and codebooks`],
        ['Entropy coded', `${error.entropyBits.toFixed(2)} bits, by a perfect coder; exports are not`],
        ['Weight SQNR', formatDb(error.sqnrDb)],
        ['MSE', formatValue(error.mse)],
        ['Cosine', error.cosine.toFixed(6)],
        ['Largest error', formatValue(error.maxAbs)],
        ['Clipped weights', String(clipped)],
      );
      if (scales.length > 0) rows.push(['Scale', this.range(scales)]);
      if (zeroPoints) rows.push(['Zero point', this.range(zeroPoints)]);
    }
    return html`<table>
      <caption class="visually-hidden">
        Figures of the layer
      </caption>
      ${rows.map(
        ([name, value]) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td>${value}</td>
          </tr>`,
      )}
    </table>`;
  }

  /** The one number, that of the chosen channel, or from the least to the greatest. */
  private range(values: Float32Array | Int32Array): string {
    const { channel } = this.picture;
    if (values.length === 1) return formatValue(values[0]!);
    const { matrixRows } = this.picture.errorMap;
    if (channel !== null && values.length === matrixRows)
      return `${formatValue(values[channel]!)} (channel ${channel})`;
    const list = Array.from(values);
    const least = list.reduce((a, b) => Math.min(a, b), Infinity);
    const most = list.reduce((a, b) => Math.max(a, b), -Infinity);
    return `${formatValue(least)} … ${formatValue(most)}, one per ${values.length === matrixRows ? 'channel' : 'block'}`;
  }
}

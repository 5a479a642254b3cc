import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { LayerView } from '../../../src/core/measure/layerView';
import { formatBytes, formatDb, formatShare, formatValue } from '../../../src/core/report/format';
import { specOf } from '../../../src/core/scheme/scheme';
import { codeBits } from '../../../src/core/scheme/schemeOptions';
import { base } from '../../app/styles';

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
        vertical-align: baseline;
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
    const rows: (readonly [string, string])[] = [
      [
        'Size',
        `${formatBytes(bytesBefore)} → ${formatBytes(bytesAfter)} (${formatShare(bytesAfter / bytesBefore)})`,
      ],
    ];
    if (error) {
      rows.push(
        ['Bits per weight', `${error.bitsPerWeight.toFixed(2)}: ${this.partsOf(error.bitsPerWeight)}`],
        [
          'Entropy-coded',
          `${error.entropyBits.toFixed(2)} bits, if frequent codes were stored short and rare ones long`,
        ],
        ...(scales.length > 0 ? [['Scale', this.range(scales)] as const] : []),
        ...(zeroPoints ? [['Zero point', this.range(zeroPoints)] as const] : []),
        ['Weight SQNR', formatDb(error.sqnrDb)],
        ['MSE', formatValue(error.mse)],
        ['Cosine', error.cosine.toFixed(6)],
        ['Largest error', formatValue(error.maxAbs)],
        ['Clipped weights', String(clipped)],
      );
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

  /** Bytes of the codes, and of all else. */
  private partsOf(bits: number): string {
    const codes = codeBits(specOf(this.picture.scheme));
    const rest = bits - codes;
    const { scales, zeroPoints } = this.picture;
    const what = scales.length === 0 ? 'codebooks' : zeroPoints ? 'scales and zero points' : 'scales';
    return rest < 0.005
      ? 'codes alone'
      : `${Number(codes.toFixed(2))} of codes, ${rest.toFixed(2)} of ${what}`;
  }

  /** The one number, that of the chosen channel, or from the least to the greatest. */
  private range(numbers: Float32Array | Int32Array): string {
    const values = Array.from(numbers);
    const { channel, scheme } = this.picture;
    if (values.length === 1) return formatValue(values[0]!);
    const spec = specOf(scheme);
    const perChannel = 'granularity' in spec && spec.granularity === 'channel';
    // Many scales come thinned, and then their places say nothing.
    if (channel !== null && perChannel && values.length === this.picture.channelSqnrDb.length)
      return `${formatValue(values[channel]!)} (channel ${channel})`;
    const least = values.reduce((a, b) => Math.min(a, b), Infinity);
    const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return `${formatValue(least)} … ${formatValue(most)}, one per ${perChannel ? 'channel' : 'block'}`;
  }
}

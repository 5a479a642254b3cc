import { css, html, LitElement } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { LayerView } from '../../../src/core/measure/layerView';
import { formatValue } from '../../../src/core/report/format';
import { gradient, MAGMA } from '../../charts/colourScale';
import { drawErrorMap, tileAt, worstTiles } from '../../charts/drawErrorMap';
import { cssProperties } from '../../components/cssProperties';
import { DrawnCanvas } from '../../components/DrawnCanvas';
import { base } from '../../app/styles';
import { planeStyles } from './planeStyles';

const LEGEND = { 'background-image': gradient(MAGMA) };
/** Tiles in the table that stands for the picture. */
const TABLE_ROWS = 10;

/** Where in the weight matrix the errors are. */
@customElement('error-map')
export class ErrorMap extends LitElement {
  static override styles = [
    base,
    planeStyles,
    css`
      .picture {
        grid-template-columns: 40px 1fr;
      }
      canvas {
        height: 150px;
      }
      .legend {
        align-items: center;
        gap: 8px;
        grid-column: 2;
        justify-content: space-between;
        min-height: 18px;
      }
      .scale {
        border: 1px solid var(--vscode-contrastBorder, var(--line));
        background-origin: border-box;
        flex: none;
        height: 8px;
        width: 90px;
      }
      .spot {
        flex: 1;
        overflow: hidden;
        text-align: right;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ];

  @property({ attribute: false }) map!: LayerView['errorMap'];
  @query('canvas') private canvas!: HTMLCanvasElement;
  @query('.spot') private spot!: HTMLElement;

  constructor() {
    super();
    new DrawnCanvas(this, (canvas) => drawErrorMap(canvas, this.map, this.largest));
  }

  override render() {
    const { matrixRows, matrixColumns } = this.map;
    const largest = formatValue(this.largest);
    return html`<div class="picture dim number">
        <div class="down" aria-hidden="true">
          <span>0</span><span class="title">output channel</span><span>${matrixRows - 1}</span>
        </div>
        <canvas
          role="img"
          aria-label="Largest absolute weight error per tile, ${matrixRows} output channels down, ${matrixColumns} weights of a channel across; the largest is ${largest}"
          @pointermove=${this.onMove}
          @pointerleave=${() => (this.spot.textContent = '')}
        ></canvas>
        <div class="across" aria-hidden="true">
          <span>0</span><span>weight of the channel</span><span>${matrixColumns - 1}</span>
        </div>
        <div class="legend">
          <span>0</span>
          <div class="scale" aria-hidden="true" ${cssProperties(LEGEND)}></div>
          <span>${largest}</span>
          <span class="spot"></span>
        </div>
      </div>
      ${this.renderTable()}`;
  }

  protected override updated(): void {
    this.spot.textContent = '';
  }

  private renderTable() {
    return html`<table class="visually-hidden">
      <caption>
        Tiles with the largest weight errors
      </caption>
      <tr>
        <th>output channels</th>
        <th>weights</th>
        <th>largest error</th>
      </tr>
      ${worstTiles(this.map, TABLE_ROWS).map(
        ({ rows, columns, error }) =>
          html`<tr>
            <td>${range(rows)}</td>
            <td>${range(columns)}</td>
            <td>${formatValue(error)}</td>
          </tr>`,
      )}
    </table>`;
  }

  private get largest(): number {
    return this.map.values.reduce((most, value) => Math.max(most, value), 0);
  }

  private onMove({ offsetX, offsetY }: PointerEvent): void {
    const { clientWidth, clientHeight } = this.canvas;
    const { rows, columns, error } = tileAt(this.map, offsetX / clientWidth, offsetY / clientHeight);
    this.spot.textContent = `channel ${range(rows)}, weight ${range(columns)}: ${formatValue(error)}`;
  }
}

function range([from, to]: readonly [number, number]): string {
  return from === to ? `${from}` : `${from}–${to}`;
}

import { css, html, LitElement } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { LayerView } from '../../src/shared/measures';
import { formatValue } from '../../src/shared/format';
import { colourAt, css as rgb } from '../charts/colourScale';
import { drawErrorMap, tileAt } from '../charts/drawErrorMap';
import { base } from '../styles';
import { styled } from '../styled';

const LEGEND = Array.from({ length: 11 }, (_, i) => rgb(colourAt(i / 10))).join(', ');

/** Where in the weight matrix the errors are. */
@customElement('error-map')
export class ErrorMap extends LitElement {
  static override styles = [
    base,
    css`
      canvas {
        cursor: crosshair;
        display: block;
        height: 150px;
        width: 100%;
      }
      .legend {
        align-items: center;
        display: flex;
        flex-wrap: wrap;
        font-size: 11px;
        gap: 2px 8px;
        margin-top: 3px;
      }
      .scale {
        border: 1px solid var(--vscode-contrastBorder, transparent);
        height: 8px;
        width: 72px;
      }
      .spot {
        margin-left: auto;
      }
    `,
  ];

  @property({ attribute: false }) map!: LayerView['errorMap'];
  @query('canvas') private canvas!: HTMLCanvasElement;
  @query('.spot') private spot!: HTMLElement;

  override connectedCallback(): void {
    super.connectedCallback();
    new ResizeObserver(() => this.draw()).observe(this);
  }

  override render() {
    const { matrixRows, matrixColumns } = this.map;
    const largest = formatValue(this.largest);
    return html`<canvas
        role="img"
        aria-label="Errors of ${matrixRows} output channels (down) with ${matrixColumns} weights each (across); the largest is ${largest}"
        @pointermove=${this.onMove}
        @pointerleave=${() => (this.spot.textContent = '')}
      ></canvas>
      <div class="legend dim number">
        <span>0</span>
        <div
          class="scale"
          aria-hidden="true"
          ${styled({ background: `linear-gradient(to right, ${LEGEND})` })}
        ></div>
        <span>${largest}</span>
        <span>↓ ${matrixRows} output channels, → ${matrixColumns} weights each</span>
        <span class="spot"></span>
      </div>`;
  }

  protected override updated(): void {
    this.draw();
  }

  private get largest(): number {
    return this.map.values.reduce((most, value) => Math.max(most, value), 0);
  }

  private draw(): void {
    if (this.canvas) drawErrorMap(this.canvas, this.map, this.largest);
  }

  private onMove({ offsetX, offsetY }: PointerEvent): void {
    const { clientWidth, clientHeight } = this.canvas;
    const { rows, columns, error } = tileAt(this.map, offsetX / clientWidth, offsetY / clientHeight);
    const range = ([from, to]: [number, number]) => (from === to ? `${from}` : `${from}–${to}`);
    this.spot.textContent = `channel ${range(rows)}, weight ${range(columns)}: ${formatValue(error)}`;
  }
}

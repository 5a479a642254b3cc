import { css, html, LitElement, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { formatCount, formatShare, formatValue } from '../../../src/core/report/format';
import type { LayerView } from '../../../src/core/measure/layerView';
import { CodebookCells } from '../../charts/CodebookCells';
import { drawScatter, reachOf } from '../../charts/drawScatter';
import { DrawnCanvas } from '../../components/DrawnCanvas';
import { base } from '../../app/styles';
import { planeStyles } from './planeStyles';

/** Entries in the table that stands for the picture. */
const TABLE_ROWS = 16;

/** Neighbouring weights as pairs in the plane, and the cells in which a codebook of pairs stands for them. */
@customElement('vector-scatter')
export class VectorScatter extends LitElement {
  static override styles = [
    base,
    planeStyles,
    css`
      .picture {
        grid-template-columns: 46px minmax(0, 320px);
      }
      canvas {
        aspect-ratio: 1;
        background: var(--vscode-input-background);
      }
      .legend {
        flex-wrap: wrap;
        gap: 2px 14px;
        margin-top: 4px;
        padding-left: 52px;
      }
      .key {
        display: inline-block;
        height: 8px;
        margin-right: 5px;
        width: 8px;
      }
      .key.pair {
        background: var(--vscode-charts-blue, #3794ff);
        height: 4px;
        vertical-align: 2px;
        width: 4px;
      }
      .key.entry {
        background: var(--vscode-editorWarning-foreground, #cca700);
        border-radius: 50%;
      }
      .spot {
        flex-basis: 100%;
        min-height: 15px;
      }
    `,
  ];

  @property({ attribute: false }) vectors!: NonNullable<LayerView['vectors']>;
  /** The entry under the pointer. */
  @state() private told: number | null = null;
  /** All pairs, rather than the middle that holds nearly all. */
  @state() private whole = false;
  @query('canvas') private canvas!: HTMLCanvasElement;
  private cells!: CodebookCells;
  private counts: Uint32Array = new Uint32Array(0);
  private reach = 1;

  constructor() {
    super();
    new DrawnCanvas(this, (canvas) =>
      drawScatter(canvas, this.vectors.pairs, this.cells, this.reach, this.told),
    );
  }

  protected override willUpdate(changed: PropertyValues): void {
    const { pairs, codebook } = this.vectors;
    if (changed.has('vectors')) {
      this.cells = new CodebookCells(codebook);
      this.counts = this.cells.count(pairs);
      this.told = null;
    }
    if (changed.has('vectors') || changed.has('whole' as never)) this.reach = reachOf(pairs, this.whole);
  }

  override render() {
    const { told, whole, cells } = this;
    const end = formatValue(Number(this.reach.toPrecision(3)));
    const { pairs } = this.vectors;
    return html`<div class="picture dim number">
        <div class="down" aria-hidden="true">
          <span>${end}</span><span class="title">second weight</span><span>-${end}</span>
        </div>
        <canvas
          role="img"
          aria-label="${pairs.length / 2} pairs of neighbouring weights in the plane, and the cells of ${cells.entries} codebook entries"
          @pointermove=${this.onMove}
          @pointerleave=${() => (this.told = null)}
        ></canvas>
        <div class="across" aria-hidden="true">
          <span>-${end}</span><span>first weight</span><span>${end}</span>
        </div>
      </div>
      <div class="legend dim number">
        <span><span class="key pair"></span>${formatCount(pairs.length / 2)} pairs of weights</span>
        <span><span class="key entry"></span>${cells.entries} entries with their cells</span>
        <button class="link small" aria-pressed=${whole} @click=${() => (this.whole = !whole)}>
          ${whole ? 'Show the middle' : 'Show all'}
        </button>
        <span class="spot">${told === null ? '' : this.describe(told)}</span>
      </div>
      <table class="visually-hidden">
        <caption>
          Entries that most pairs are nearest to
        </caption>
        <tr>
          <th>entry</th>
          <th>first weight</th>
          <th>second weight</th>
          <th>pairs</th>
        </tr>
        ${this.mostUsed().map((entry) => {
          const [x, y] = cells.entry(entry);
          return html`<tr>
            <td>${entry}</td>
            <td>${formatValue(x)}</td>
            <td>${formatValue(y)}</td>
            <td>${this.counts[entry]}</td>
          </tr>`;
        })}
      </table>`;
  }

  private describe(entry: number): string {
    const [x, y] = this.cells.entry(entry).map((value) => formatValue(Number(value.toPrecision(3))));
    const share = this.counts[entry]! / Math.max(1, this.vectors.pairs.length / 2);
    return `entry ${entry}: (${x}, ${y}), for ${formatShare(share)} of the pairs`;
  }

  private mostUsed(): number[] {
    return Array.from(this.counts, (_, entry) => entry)
      .sort((a, b) => this.counts[b]! - this.counts[a]!)
      .slice(0, TABLE_ROWS);
  }

  private onMove({ offsetX, offsetY }: PointerEvent): void {
    const { clientWidth: size } = this.canvas;
    const value = (pixel: number) => ((2 * pixel) / size - 1) * this.reach;
    this.told = this.cells.nearest(value(offsetX), -value(offsetY));
  }
}

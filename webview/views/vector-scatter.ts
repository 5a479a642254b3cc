import { css, html, LitElement } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { formatCount, formatValue } from '../../src/shared/format';
import type { LayerView } from '../../src/shared/measures';
import { drawCells } from '../charts/drawCells';
import { fitCanvas, themeColour } from '../charts/fitCanvas';
import { Redraw } from '../charts/Redraw';
import { base } from '../styles';

/** Outliers of one weight in so many lie outside the picture, which else would be mostly empty. */
const OUTSIDE = 1e-3;

/** Weights in pairs, and the cells of a vector codebook among them. */
@customElement('vector-scatter')
export class VectorScatter extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: block;
      }
      .frame {
        display: grid;
        gap: 2px 6px;
        grid-template-columns: auto minmax(0, 1fr);
        justify-items: center;
      }
      canvas {
        aspect-ratio: 1;
        border: 1px solid var(--line);
        display: block;
        max-height: 300px;
        width: min(100%, 300px);
      }
      .vertical {
        align-self: center;
        transform: rotate(180deg);
        writing-mode: vertical-rl;
      }
      .ends {
        display: flex;
        justify-content: space-between;
        width: min(100%, 300px);
      }
      p {
        margin: 6px 0 0;
      }
    `,
  ];

  @property({ attribute: false }) vectors!: NonNullable<LayerView['vectors']>;
  @query('canvas') private canvas!: HTMLCanvasElement;

  constructor() {
    super();
    new Redraw(this, () => this.draw());
  }

  override render() {
    const { pairs, codebook } = this.vectors;
    const [lo, hi] = this.bounds();
    return html`<div class="frame">
        <span class="dim small vertical">second weight</span>
        <canvas
          role="img"
          aria-label="Scatter of ${pairs.length / 2} weight pairs between ${formatValue(lo)} and ${formatValue(hi)} with the cells of ${codebook.length / 2} codebook entries"
        ></canvas>
        <span></span>
        <div class="ends dim small number">
          <span>${formatValue(lo)}</span><span>first weight of a pair</span><span>${formatValue(hi)}</span>
        </div>
      </div>
      <p class="dim small">
        ${formatCount(pairs.length / 2)} pairs of the layer, evenly chosen; every pair in a cell becomes the
        entry at its middle.
      </p>`;
  }

  private draw(): void {
    const context = fitCanvas(this.canvas);
    if (!context) return;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const [lo, hi] = this.bounds();
    const part = (weight: number) => (weight - lo) / (hi - lo);
    const plane = {
      width,
      height,
      x: (weight: number) => part(weight) * width,
      y: (weight: number) => (1 - part(weight)) * height,
    };
    drawCells(context, plane, this.vectors.pairs, this.vectors.codebook, {
      pairs: themeColour(this, '--vscode-charts-blue', '#3794ff'),
      cells: themeColour(this, '--vscode-descriptionForeground', '#888'),
      entries: themeColour(this, '--vscode-editorWarning-foreground', '#cca700'),
    });
  }

  /** The same for both axes, with zero in the middle, so that shapes are true. */
  private bounds(): readonly [number, number] {
    const sizes = this.vectors.pairs.map(Math.abs).sort();
    const most = sizes[Math.floor(sizes.length * (1 - OUTSIDE))] ?? 0;
    const reach =
      this.vectors.codebook.reduce((far, weight) => Math.max(far, Math.abs(weight)), most) * 1.05 || 1;
    return [-reach, reach];
  }
}

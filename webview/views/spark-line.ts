import { css, html, LitElement } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { drawSparkline } from '../charts/drawSparkline';

/** A layer's weights at a glance. */
@customElement('spark-line')
export class SparkLine extends LitElement {
  static override styles = css`
    canvas {
      display: block;
      height: 18px;
      width: 66px;
    }
  `;

  @property({ attribute: false }) counts: readonly number[] = [];
  @query('canvas') private canvas!: HTMLCanvasElement;

  override render() {
    return html`<canvas role="img" aria-label="Distribution of the weights"></canvas>`;
  }

  protected override updated(): void {
    drawSparkline(this.canvas, this.counts);
  }
}

import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { describeScheme } from '../../../src/core/scheme/describeScheme';
import type { MeasuringState } from '../../../src/core/measure/MeasureRequest';
import { ACTIVATIONS, LEAVE_ONE_OUT } from '../../../src/core/measure/Measurement';
import { leaveOneOutSentence, whyNotLeft } from './leaveOneOut';
import type { Row } from './rows';
import { base } from '../../app/styles';
import { errorFigures, errorFiguresStyles, outputFigures } from '../layer/errorFigures';

const MOMENT_MS = 400;

/** A cell of the heatmap in full. */
@customElement('heat-tip')
export class HeatTip extends LitElement {
  static override styles = [
    base,
    errorFiguresStyles,
    css`
      :host {
        background: var(--vscode-editorHoverWidget-background);
        border: 1px solid var(--vscode-editorHoverWidget-border, var(--vscode-contrastBorder));
        box-shadow: 0 2px 8px var(--vscode-widget-shadow, #0006);
        color: var(--vscode-editorHoverWidget-foreground);
        max-width: 300px;
        padding: 8px 10px;
        pointer-events: none;
        position: fixed;
        visibility: hidden;
        z-index: 10;
      }
      :host([shown]) {
        visibility: visible;
      }
      p {
        margin: 2px 0 6px;
      }
    `,
  ];

  /** The inputs that errors at outputs are measured on. */
  @property({ attribute: false }) inputs: MeasuringState['inputs'] = null;
  @state() private content: { row: Row; scheme: string } | null = null;

  private waiting: ReturnType<typeof setTimeout> | undefined;

  /** Shows the errors of a layer under a scheme beside its cell, after a moment on it or while another's are shown. */
  show(cell: HTMLElement, row: Row, scheme: string): void {
    clearTimeout(this.waiting);
    if (this.hasAttribute('shown')) this.place(cell, row, scheme);
    else this.waiting = setTimeout(() => this.place(cell, row, scheme), MOMENT_MS);
  }

  private place(cell: HTMLElement, row: Row, scheme: string): void {
    this.content = { row, scheme };
    const { left, top, bottom } = cell.getBoundingClientRect();
    void this.updateComplete.then(() => {
      const { offsetWidth, offsetHeight } = this;
      const below = bottom + 6 + offsetHeight < window.innerHeight;
      this.style.left = `${Math.max(4, Math.min(left, window.innerWidth - offsetWidth - 8))}px`;
      this.style.top = `${below ? bottom + 6 : Math.max(4, top - offsetHeight - 6)}px`;
      this.toggleAttribute('shown', true);
    });
  }

  hide(): void {
    clearTimeout(this.waiting);
    this.removeAttribute('shown');
  }

  override render() {
    if (!this.content) return nothing;
    const { row, scheme } = this.content;
    const error = row.analysis?.errors[scheme];
    const problem = scheme === LEAVE_ONE_OUT ? whyNotLeft(row) : row.heatProblem;
    const missing = problem ?? (row.heat?.[scheme] ? null : 'Not measured yet.');
    const { title, text } = wordsOf(row, scheme);
    return html`<div role="tooltip">
      <b>${title}</b>
      <p class="dim">${text}</p>
      ${outputFigures(row, scheme, this.inputs)} ${error ? errorFigures(error, row.layer.bytes) : nothing}
      ${missing === null ? nothing : html`<p>${missing}</p>`}
    </div>`;
  }
}

/** The meaning of a column. */
function wordsOf(row: Row, scheme: string): { readonly title: string; readonly text: string } {
  if (scheme === ACTIVATIONS)
    return { title: 'input in 8 bits', text: 'The weights float, what the layer reads quantized.' };
  if (scheme === LEAVE_ONE_OUT)
    return {
      title: 'left in float',
      text: leaveOneOutSentence(row) ?? 'All others quantized as the recipe says, this layer in float.',
    };
  return { title: scheme, text: describeScheme(scheme) };
}

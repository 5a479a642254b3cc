import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { ref } from 'lit/directives/ref.js';
import type { Calibration } from '../../../src/core/recipe/calibration';
import type { DataSummary as Summary, InputData, Thumbnail } from '../../../src/core/model/dataSummary';
import type { EditorState } from '../../../src/protocol/editorApi';
import { formatShape } from '../../../src/core/report/format';
import type { EditorStore } from '../../app/EditorStore';
import { base } from '../../app/styles';

/** Shapes that are listed; a line of text has as many as there are widths. */
const MAX_SHAPES = 4;

/** The data in a word or two, for the button that opens this. */
export function dataLabel(calibration: Calibration | null, data: EditorState['data']): string {
  if (calibration === null) return 'none';
  if (calibration === 'synthetic') return 'synthetic';
  if (data?.failure) return '⚠ not found';
  if (!data?.summary) return '…';
  const { samples, inputs } = data.summary;
  return `${inputs.some(({ misfits }) => misfits) ? '⚠ ' : ''}${plural(samples, 'sample')}`;
}

/** The summary of the data that activations are observed and errors are measured on. */
@customElement('data-summary')
export class DataSummary extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: block;
        max-width: 420px;
      }
      p {
        margin: 0 0 6px;
      }
      dl {
        display: grid;
        gap: 2px 12px;
        grid-template-columns: auto 1fr;
        margin: 0 0 8px;
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
      .actions {
        display: flex;
        gap: 16px;
      }
      .thumbnails {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        margin-bottom: 8px;
      }
      canvas {
        border: 1px solid var(--line);
        display: block;
      }
      .warn::before {
        color: var(--vscode-editorWarning-foreground);
        content: '⚠ ';
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) calibration: Calibration | null = null;
  @property({ attribute: false }) data: EditorState['data'] = null;

  override render() {
    const { calibration } = this;
    const isFiles = calibration !== null && calibration !== 'synthetic';
    return html`${this.renderData()}
      <div class="actions">
        <button class="link" @click=${() => this.store.send('askData', null)}>
          ${calibration === null ? 'Choose data…' : 'Choose other data…'}
        </button>
        ${
          isFiles
            ? html`<button
                class="link"
                title="Files may have changed: what was measured on them is measured anew"
                @click=${() => this.store.send('rereadData', null)}
              >
                Read again
              </button>`
            : nothing
        }
      </div>`;
  }

  private renderData() {
    const { calibration, data } = this;
    if (calibration === null)
      return html`<p>
        No data is chosen. Weights can be quantized without; ranges of activations and errors at outputs need
        some.
      </p>`;
    if (calibration === 'synthetic')
      return html`<p class="warn">
        Random numbers, which stand for nothing: what is measured on them says little of real inputs.
      </p>`;
    if (data?.failure) return html`<p class="warn">${data.failure}</p>`;
    if (!data?.summary) return html`<p class="dim">Looking for the data…</p>`;
    return this.renderSummary(calibration, data.summary);
  }

  private renderSummary({ data }: Exclude<Calibration, string>, summary: Summary) {
    const { samples, observed, heldOut, labels, batch, inputs, thumbnails, notes } = summary;
    const place = typeof data === 'string' ? data : Object.values(data).join(', ');
    return html`<dl class="number">
        <dt>From</dt>
        <dd dir="auto">${place}</dd>
        <dt>Samples</dt>
        <dd>${samples}: ${observed} for ranges, ${heldOut} held out to compare exports on</dd>
        ${
          labels
            ? html`<dt>Labels</dt>
                <dd>${labels.labelled} samples of ${plural(labels.classes, 'class', 'classes')}</dd>`
            : nothing
        }
        ${inputs.map(
          (input) =>
            html`<dt><code dir="auto">${input.name}</code></dt>
              <dd>${shapesText(input)}</dd>`,
        )}
      </dl>
      ${batch === null ? nothing : html`<p data-figure="batch" dir="auto">${batch}</p>`}
      ${notes.map((note) => html`<p class="warn">${note}</p>`)}
      ${inputs.map(({ misfits, read }) =>
        misfits
          ? html`<p class="warn">
              ${misfits.samples} of ${read} samples that were read do not fit. ${misfits.problem}
            </p>`
          : nothing,
      )}
      <div class="thumbnails">${thumbnails.map(renderThumbnail)}</div>`;
  }
}

function shapesText({ shapes, read }: InputData): string {
  const listed = shapes
    .slice(0, MAX_SHAPES)
    .map(({ shape, samples }) => `${formatShape(shape)}${shapes.length > 1 ? ` × ${samples}` : ''}`);
  const more = shapes.length > MAX_SHAPES ? `, and ${shapes.length - MAX_SHAPES} other shapes` : '';
  return shapes.length === 0 ? `nothing that fits among ${read}` : `${listed.join(', ')}${more}`;
}

function renderThumbnail({ file, width, height, rgba }: Thumbnail) {
  const draw = (element: Element | undefined) => {
    if (element instanceof HTMLCanvasElement)
      element
        .getContext('2d')!
        .putImageData(new ImageData(rgba as Uint8ClampedArray<ArrayBuffer>, width, height), 0, 0);
  };
  return html`<canvas
    width=${width}
    height=${height}
    role="img"
    aria-label=${file}
    title=${file}
    ${ref(draw)}
  ></canvas>`;
}

function plural(count: number, word: string, words = `${word}s`): string {
  return `${count} ${count === 1 ? word : words}`;
}

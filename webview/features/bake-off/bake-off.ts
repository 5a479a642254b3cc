import { html, LitElement, nothing, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { formatBytes, formatDb } from '../../../src/core/report/format';
import type { WeightError } from '../../../src/core/measure/errors';
import type { LayerView, RateTheory } from '../../../src/core/measure/layerView';
import { type SchemeId } from '../../../src/core/scheme/scheme';
import { ALL_SCHEMES } from '../../../src/core/scheme/schemeLists';
import { bakeOffPoints, frameOf, type BakeOffPoint } from '../../charts/bakeOffPoints';
import { KINDS } from '../../charts/families';
import { kindStyles } from '../../charts/kindStyles';
import { cssProperties } from '../../components/cssProperties';
import type { EditorStore } from '../../app/EditorStore';
import type { Row } from '../grid/rows';
import { say } from '../../app/intents';
import { LayerBakeOff } from './LayerBakeOff';
import { base } from '../../app/styles';
import { isChecked } from '../../components/toolkit';
import type { ViewState } from '../../app/ViewState';
import './bake-off-chart';
import { bakeOffStyles } from './bakeOffStyles';

/** All schemes on one layer side by side, as a chart or a table, with what theory allows. */
@customElement('bake-off')
export class BakeOff extends LitElement {
  static override styles = [base, kindStyles, bakeOffStyles];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) view!: ViewState;
  @property({ attribute: false }) row!: Row;
  /** The scheme that is chosen or tried, and its figures as soon as they are there. */
  @property({ attribute: false }) scheme!: SchemeId;
  @property({ attribute: false }) picture: LayerView | null = null;
  private readonly contest = new LayerBakeOff(this);

  protected override willUpdate(): void {
    this.contest.show(this.row.layer.name, this.row.analysis);
  }

  override render() {
    const { entropyCoded, bakeOffTable } = this.view;
    const points = bakeOffPoints(this.errors(), this.view);
    const frame = frameOf(points, this.view);
    const inside = points.filter(({ bits, sqnrDb }) => bits <= frame.bits[1] && sqnrDb >= frame.sqnrDb[0]);
    const beyond = points.filter((point) => !inside.includes(point));
    const theory = this.contest.current?.theory ?? null;
    return html`${this.renderControls()} ${this.renderProgress(theory)}
    ${
      bakeOffTable
        ? this.renderTable(points)
        : html`<bake-off-chart
              .points=${inside}
              .theory=${theory}
              .frame=${frame}
              .chosen=${this.scheme}
              .bytesBefore=${this.row.layer.bytes}
              rate=${entropyCoded ? 'bits per weight, entropy-coded' : 'bits per weight'}
            ></bake-off-chart>
            ${this.renderLegend()} ${this.renderBeyond(beyond)}`
    }`;
  }

  /** The schemes of the list and of the heatmap, and the one that is chosen or tried. */
  private errors(): ReadonlyMap<SchemeId, WeightError> {
    const { picture, scheme } = this;
    const measured: Readonly<Partial<Record<SchemeId, WeightError>>> = {
      ...Object.fromEntries(this.contest.current?.errors ?? []),
      ...this.row.analysis?.errors,
    };
    const tried = picture?.scheme === scheme && picture.name === this.row.layer.name ? picture.error : null;
    const wanted = new Set([...ALL_SCHEMES, ...this.view.schemes, scheme]);
    return new Map(
      [...wanted].flatMap((id) => {
        const error = id === scheme && tried ? tried : measured[id];
        return error ? [[id, error] as const] : [];
      }),
    );
  }

  private renderControls() {
    const { entropyCoded, allBits, bakeOffTable } = this.view;
    const { store } = this;
    return html`<div class="bar">
      <vscode-checkbox
        .checked=${entropyCoded}
        title="Sizes as a perfect entropy coder would reach them; ONNX has none"
        @change=${(event: Event) => store.look({ entropyCoded: isChecked(event) })}
        >Entropy-coded</vscode-checkbox
      >
      <vscode-checkbox
        .checked=${allBits}
        @change=${(event: Event) => store.look({ allBits: isChecked(event) })}
        >16 bits, too</vscode-checkbox
      >
      <button
        class="link end"
        aria-pressed=${bakeOffTable}
        @click=${() => store.look({ bakeOffTable: !bakeOffTable })}
      >
        ${bakeOffTable ? 'Show as chart' : 'Show as table'}
      </button>
    </div>`;
  }

  /** How far the measuring is, and when it is done, what the curves are of: in one line, so that nothing moves. */
  private renderProgress(theory: RateTheory | null) {
    const { done, total } = this.contest.progress;
    const failure = this.contest.current?.failure;
    if (failure)
      return html`<div class="line" role="alert">
        ${failure} <button class="link" @click=${() => this.contest.retry()}>Try Again</button>
      </div>`;
    if (done < total)
      return html`<div class="line dim small number">
        <div
          class="track"
          role="progressbar"
          aria-label="Bake-off"
          aria-valuemin="0"
          aria-valuemax=${total}
          aria-valuenow=${done}
        >
          <div ${cssProperties({ width: `${(100 * done) / total}%` })}></div>
        </div>
        ${done} of ${total} schemes measured
      </div>`;
    return html`<div class="line dim small number">
      ${
        theory && theory.shannon.length > 0
          ? `Curves: a generalized Gaussian of shape ${theory.shape.toFixed(2)}, as fitted to these weights (1 Laplacian, 2 Gaussian)`
          : nothing
      }
    </div>`;
  }

  private renderLegend() {
    return html`<div class="legend dim small">
      ${KINDS.map(
        ({ id, label, shape }) =>
          html`<span
            ><svg class=${id} width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
              ${svg`<path class="shape" d=${shape}></path>`}</svg
            >${label}</span
          >`,
      )}
      <span
        ><svg width="24" height="14" aria-hidden="true">${svg`<path class="curve" d="M0 7h24"></path>`}</svg
        >Shannon bound</span
      >
      <span
        ><svg width="24" height="14" aria-hidden="true">
          ${svg`<path class="curve dashed" d="M0 7h24"></path>`}</svg
        >Lloyd-Max (best scalar codebook)</span
      >
      <span>filled: none is both smaller and better</span>
    </div>`;
  }

  private renderBeyond(points: readonly BakeOffPoint[]) {
    if (points.length === 0) return nothing;
    return html`<p class="dim small">
      Beyond the chart:
      ${points.map(
        ({ scheme, bits, sqnrDb }, i) =>
          html`${i > 0 ? ', ' : ''}${scheme}
            <span class="number">(${formatDb(sqnrDb)} at ${bits.toFixed(1)} bits)</span>`,
      )}
    </p>`;
  }

  private renderTable(points: readonly BakeOffPoint[]) {
    return html`<table class="number">
      <caption class="visually-hidden">
        Schemes by their size
      </caption>
      <tr>
        <th scope="col">Scheme</th>
        <th scope="col">Bits</th>
        <th scope="col">Entropy-coded</th>
        <th scope="col">SQNR</th>
        <th scope="col">Size</th>
      </tr>
      ${points.map(
        ({ scheme, error, best }) =>
          html`<tr class=${scheme === this.scheme ? 'chosen' : ''}>
            <th scope="row">
              <button
                class="link"
                aria-pressed=${scheme === this.scheme}
                @click=${() => say(this, 'choose-scheme', scheme)}
              >
                ${scheme}
              </button>
              ${best ? html`<span title="None is both smaller and better" aria-label="None is both smaller and better">●</span>` : nothing}
            </th>
            <td>${error.bitsPerWeight.toFixed(2)}</td>
            <td>${error.entropyBits.toFixed(2)}</td>
            <td>${formatDb(error.sqnrDb)}</td>
            <td>${formatBytes(error.bytes)}</td>
          </tr>`,
      )}
    </table>`;
  }
}

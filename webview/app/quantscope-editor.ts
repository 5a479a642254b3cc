import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { SchemeId } from '../../src/core/scheme/scheme';
import { totals } from '../../src/core/measure/totals';
import { cssProperties } from '../components/cssProperties';
import type { EditorStore } from './EditorStore';
import { filterRows, sortRows, toRows, type Row } from '../features/grid/rows';
import { unlistedSchemes } from '../features/scheme/schemeGroups';
import { base } from './styles';
import '../features/export/export-bar';
import '../features/grid/grid-toolbar';
import type { GridToolbar } from '../features/grid/grid-toolbar';
import '../features/layer/layer-detail';
import '../features/grid/layer-grid';
import type { LayerGrid } from '../features/grid/layer-grid';
import '../features/header/model-header';
import '../components/notice-list';
import { quantscopeEditorStyles } from './quantscopeEditorStyles';
import '../features/grid/selection-bar';
import '../features/grid/skipped-list';

/** From this width on the details stand beside the grid, else below it. */
const WIDE = 1080;

/** The whole editor: passes the store's state down; its parts send intents to the store. */
@customElement('quantscope-editor')
export class QuantscopeEditor extends LitElement {
  static override styles = [base, quantscopeEditorStyles];

  @property({ attribute: false }) store!: EditorStore;
  @state() private wide = true;
  private rows: readonly Row[] = [];
  private shown: readonly Row[] = [];
  private rendered: unknown[] = [];
  /** Schemes on no list that the recipe chooses; the same array as long as it is the same recipe. */
  private used: readonly SchemeId[] = [];
  @query('grid-toolbar') private toolbar!: GridToolbar | null;
  @query('layer-grid') private grid!: LayerGrid | null;

  override connectedCallback(): void {
    super.connectedCallback();
    new ResizeObserver(([entry]) => (this.wide = entry!.contentRect.width >= WIDE)).observe(this);
    this.addEventListener('keydown', (event) => this.onKey(event));
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('store')) this.store?.addEventListener('change', () => this.requestUpdate());
    if (this.store) this.updateRows();
  }

  override render() {
    if (!this.store) return nothing;
    const { state, view } = this.store;
    if (state.failure)
      return html`<div class="failure" role="alert">
        <p>${state.failure}</p>
      </div>`;
    if (!state.inspection)
      return html`<div class="loading" role="status">
        <vscode-progress-ring></vscode-progress-ring><span>Reading the model…</span>
      </div>`;
    const current = this.rows.find(({ layer }) => layer.name === view.current) ?? this.shown[0];
    const share = `${Math.round(view.detailShare * 100)}%`;
    return html`
      <model-header
        .store=${this.store}
        .state=${state}
        .totals=${totals(state.inspection, state.recipe, this.store.measured)}
        .used=${this.used}
      ></model-header>
      <notice-list .store=${this.store} .notices=${state.notices}></notice-list>
      <export-bar .store=${this.store} .progress=${state.exporting} .report=${state.report}></export-bar>
      <div class="work ${this.wide ? 'beside' : 'below'}">
        <div class="main">
          <grid-toolbar
            .store=${this.store}
            .state=${state}
            .view=${view}
            .rows=${this.rows}
            .shown=${this.shown}
            @enter-grid=${() => this.grid?.enter()}
          ></grid-toolbar>
          <div class="grid">
            <selection-bar .store=${this.store} .selected=${view.selected} .used=${this.used}></selection-bar>
            <layer-grid
              .store=${this.store}
              .rows=${this.shown}
              .view=${view}
              .current=${current?.layer.name ?? null}
              .used=${this.used}
              .measuring=${state.measuring}
              .activations=${state.recipe.activations !== null}
            ></layer-grid>
          </div>
          <skipped-list
            .notes=${state.inspection.notes}
            .skipped=${state.inspection.skipped}
            .open=${view.showSkipped}
            @toggle-skipped=${(event: CustomEvent<boolean>) => this.store.look({ showSkipped: event.detail })}
          ></skipped-list>
        </div>
        <div
          class="splitter"
          role="separator"
          tabindex="0"
          aria-label="Size of the details"
          aria-orientation=${this.wide ? 'vertical' : 'horizontal'}
          aria-valuemin="20"
          aria-valuemax="70"
          aria-valuenow=${Math.round(view.detailShare * 100)}
          @pointerdown=${this.drag}
          @keydown=${this.resizeByKey}
        ></div>
        <layer-detail
          ${cssProperties(this.wide ? { width: share } : { height: share })}
          .store=${this.store}
          .row=${current}
          .view=${view}
          .used=${this.used}
        ></layer-detail>
      </div>
    `;
  }

  /** Makes rows anew only where what they show has changed, so that the grid can tell by identity. */
  private updateRows(): void {
    const { state, measured, view } = this.store;
    const { inspection, recipe } = state;
    const { filter, op, onlyQuantizable, sort, level, repaired } = view;
    const whole = state.measuring.summaries.model?.recipe ?? null;
    const errors = { measured, level, repaired, whole };
    const rendered = [inspection, recipe, ...Object.values(errors), filter, op, onlyQuantizable, sort];
    if (rendered.every((value, i) => value === this.rendered[i])) return;
    if (recipe !== this.rendered[1]) this.used = unlistedSchemes(recipe);
    this.rendered = rendered;
    this.rows = inspection ? toRows(inspection, recipe, errors, this.rows) : [];
    this.shown = sortRows(filterRows(this.rows, view), sort);
  }

  /** `/` and Ctrl+F lead to the filter from anywhere. */
  private onKey(event: KeyboardEvent): void {
    const find = event.key === 'f' && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    const slash = event.key === '/' && !(event.composedPath()[0] instanceof HTMLInputElement);
    if (!this.toolbar || !(find || slash)) return;
    event.preventDefault();
    this.toolbar.focusFilter();
  }

  private drag(event: PointerEvent): void {
    const handle = event.currentTarget as HTMLElement;
    handle.setPointerCapture(event.pointerId);
    const move = ({ clientX, clientY }: PointerEvent) => {
      const area = handle.parentElement!.getBoundingClientRect();
      const share = this.wide ? (area.right - clientX) / area.width : (area.bottom - clientY) / area.height;
      this.resize(share);
    };
    handle.addEventListener('pointermove', move);
    const end = () => handle.removeEventListener('pointermove', move);
    handle.addEventListener('lostpointercapture', end, { once: true });
  }

  private resizeByKey(event: KeyboardEvent): void {
    const steps: Record<string, number> = {
      ArrowLeft: 0.03,
      ArrowUp: 0.03,
      ArrowRight: -0.03,
      ArrowDown: -0.03,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.resize(this.store.view.detailShare + step);
  }

  private resize(share: number): void {
    this.store.look({ detailShare: Math.min(0.7, Math.max(0.2, share)) });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'quantscope-editor': QuantscopeEditor;
  }
}

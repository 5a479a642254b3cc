import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { EditorStore } from '../EditorStore';
import { filterRows, sortRows, toRow, type Row } from '../grid/rows';
import { base } from '../styles';
import './export-bar';
import './layer-detail';
import './layer-grid';
import './model-header';
import './notice-list';
import './selection-bar';
import './skipped-list';
import { totals } from '../../src/shared/totals';
import { styled } from '../styled';

/** From this width on the details stand beside the grid, else below it. */
const WIDE = 1080;

/** The whole editor: passes the store's state down; its parts send intents to the store. */
@customElement('quantscope-editor')
export class QuantscopeEditor extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100vh;
        overflow: hidden;
      }
      .failure,
      .loading {
        align-items: center;
        display: flex;
        flex: 1;
        flex-direction: column;
        gap: 8px;
        justify-content: center;
        padding: 24px;
        text-align: center;
      }
      .failure p {
        margin: 0;
        max-width: 60ch;
        overflow-wrap: anywhere;
      }
      .work {
        /* The splitter can be caught beside itself, too. */
        overflow: hidden;
        display: flex;
        flex: 1;
        min-height: 0;
      }
      .work.below {
        flex-direction: column;
      }
      .main {
        display: flex;
        flex: 1;
        flex-direction: column;
        min-height: 140px;
        min-width: 0;
      }
      layer-grid {
        flex: 1;
        min-height: 0;
      }
      layer-detail {
        flex: none;
        min-width: 0;
        overflow: auto;
      }
      .splitter {
        background: var(--vscode-panel-border, var(--vscode-contrastBorder, #8884));
        flex: none;
        position: relative;
      }
      .splitter::after {
        content: '';
        inset: -4px;
        position: absolute;
      }
      .splitter:hover,
      .splitter:focus-visible {
        background: var(--vscode-sash-hoverBorder, var(--vscode-focusBorder));
      }
      .beside .splitter {
        cursor: col-resize;
        width: 1px;
      }
      .below .splitter {
        cursor: row-resize;
        height: 1px;
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @state() private wide = true;
  private rows: readonly Row[] = [];
  private shown: readonly Row[] = [];
  private known: unknown[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    new ResizeObserver(([entry]) => (this.wide = entry!.contentRect.width >= WIDE)).observe(this);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('store')) this.store?.addEventListener('change', () => this.requestUpdate());
    if (this.store) this.updateRows();
  }

  override render() {
    if (!this.store) return nothing;
    const { state, view } = this.store;
    if (state.failure)
      return html`<div class="failure" role="alert">
        <h2>This model cannot be opened</h2>
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
        .totals=${totals(state.inspection, state.recipe, this.store.analyses)}
      ></model-header>
      <notice-list .store=${this.store} .notices=${state.notices}></notice-list>
      <export-bar .store=${this.store} .progress=${state.exporting} .report=${state.report}></export-bar>
      <div class="work ${this.wide ? 'beside' : 'below'}">
        <div class="main">
          <selection-bar
            .store=${this.store}
            .state=${state}
            .view=${view}
            .shown=${this.shown}
          ></selection-bar>
          <layer-grid
            .store=${this.store}
            .rows=${this.shown}
            .view=${view}
            .current=${current?.layer.name ?? null}
          ></layer-grid>
          <skipped-list
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
          aria-valuenow=${Math.round(view.detailShare * 100)}
          @pointerdown=${this.drag}
          @keydown=${this.resizeByKey}
        ></div>
        <layer-detail
          ${styled(this.wide ? { width: share } : { height: share })}
          .store=${this.store}
          .row=${current}
          .logCounts=${view.logCounts}
        ></layer-detail>
      </div>
    `;
  }

  /** Makes rows anew only where what they show has changed, so that the grid can tell by identity. */
  private updateRows(): void {
    const { state, analyses, view } = this.store;
    const { inspection, recipe } = state;
    const known = [inspection, recipe, analyses, view.filter, view.sort];
    if (known.every((value, i) => value === this.known[i])) return;
    this.known = known;
    const bytes = inspection ? inspection.model.bytes + inspection.model.externalBytes : 0;
    this.rows = (inspection?.layers ?? []).map((layer) =>
      toRow(layer, recipe, analyses.get(layer.name), bytes),
    );
    this.shown = sortRows(filterRows(this.rows, view.filter), view.sort);
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
    handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', move), {
      once: true,
    });
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

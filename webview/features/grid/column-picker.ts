import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { isSlow, type SchemeId } from '../../../src/core/scheme/scheme';
import { readSchemes, SCHEME_PRESETS } from '../../../src/core/scheme/schemeLists';
import type { EditorStore } from '../../app/EditorStore';
import { columnTitle, OPTIONAL_COLUMNS } from './columns';
import { base } from '../../app/styles';
import { isChecked } from '../../components/toolkit';
import { MAX_SCHEMES, type ViewState } from '../../app/ViewState';
import '../scheme/scheme-select';
import type { SchemeSelect } from '../scheme/scheme-select';

const PRESET_TITLES: Readonly<Record<string, string>> = {
  common: 'Common',
  'low-bit': 'Low-bit',
  all: 'All',
};

/** Which columns the grid has: the heatmap's schemes, from a preset or one by one, and what is told of a layer. */
@customElement('column-picker')
export class ColumnPicker extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 14px;
        max-width: min(330px, 80vw);
      }
      fieldset {
        border: none;
        margin: 0;
        min-width: 0;
        padding: 0;
      }
      legend {
        font-weight: 600;
        margin-bottom: 4px;
        padding: 0;
      }
      .presets {
        display: flex;
        margin-bottom: 8px;
      }
      .presets button {
        background: none;
        border: 1px solid
          var(--vscode-button-border, var(--vscode-dropdown-border, var(--vscode-contrastBorder, #8888)));
        color: inherit;
        cursor: pointer;
        flex: 1;
        font: inherit;
        min-height: 26px;
        padding: 0 8px;
      }
      .presets button + button {
        border-left: none;
      }
      .presets button:hover {
        background: var(--vscode-toolbar-hoverBackground, var(--vscode-list-hoverBackground));
      }
      .presets button[aria-pressed='true'] {
        background: var(--vscode-button-background);
        color: var(--vscode-button-foreground);
      }
      .add {
        display: grid;
        gap: 6px;
        grid-template-columns: 1fr 1fr;
      }
      .add input {
        width: 100%;
      }
      p {
        margin: 6px 0 0;
        min-height: 2.8em;
      }
      .wrong {
        color: var(--vscode-errorForeground);
      }
      .table {
        display: grid;
        grid-template-columns: 1fr 1fr;
      }
      vscode-checkbox {
        margin: 0;
        min-height: 22px;
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) view!: ViewState;
  /** Why the typed text is no scheme. */
  @state() private problem: string | null = null;
  @query('input') private typed!: HTMLInputElement;

  override render() {
    const { schemes, hiddenColumns } = this.view;
    return html`<fieldset>
        <legend>Schemes of the heatmap</legend>
        <div class="presets">
          ${Object.entries(SCHEME_PRESETS).map(
            ([name, preset]) =>
              html`<button
                aria-pressed=${preset.length === schemes.length && preset.every((id) => schemes.includes(id))}
                @click=${() => this.store.look({ schemes: preset })}
              >
                ${PRESET_TITLES[name]} (${preset.length})
              </button>`,
          )}
        </div>
        <div class="add">
          <scheme-select
            label="Add a scheme of the list to the heatmap"
            none="Add from the list…"
            @choose-scheme=${this.addListed}
          ></scheme-select>
          <input
            type="search"
            aria-label="Add schemes to the heatmap by their text"
            placeholder="or type: int4/block64"
            aria-invalid=${this.problem !== null}
            @keydown=${this.onKey}
          />
        </div>
        ${
          this.problem === null
            ? html`<p class="dim small">
                ${schemes.some(isSlow) ? 'Codebooks of vectors (vq) take longest and come last. ' : nothing}A
                column's × or Delete takes it out.
              </p>`
            : html`<p class="wrong small" role="alert">${this.problem}</p>`
        }
      </fieldset>
      <fieldset>
        <legend title="Left out from the least useful on where there is no room">Columns of the table</legend>
        <div class="table">
          ${OPTIONAL_COLUMNS.map(
            (id) =>
              html`<vscode-checkbox
                .checked=${!hiddenColumns.includes(id)}
                @change=${(event: Event) => this.show(id, isChecked(event))}
                >${columnTitle(id)}</vscode-checkbox
              >`,
          )}
        </div>
      </fieldset>`;
  }

  private addListed(event: CustomEvent<SchemeId | null>): void {
    if (event.detail !== null) this.add(event.detail);
    (event.target as SchemeSelect).reset();
  }

  private onKey({ key }: KeyboardEvent): void {
    if (key === 'Enter') this.add(this.typed.value);
    else this.problem = null;
  }

  /** New columns come first, where they are seen. */
  private add(list: string): void {
    const added = readSchemes(list);
    if (typeof added === 'string') {
      this.problem = added;
      return;
    }
    const schemes = [...new Set([...added, ...this.view.schemes])];
    if (schemes.length > MAX_SCHEMES) {
      this.problem = `The heatmap has ${MAX_SCHEMES} columns at most.`;
      return;
    }
    this.problem = null;
    this.typed.value = '';
    this.store.look({ schemes });
  }

  private show(id: string, shown: boolean): void {
    const others = this.view.hiddenColumns.filter((hidden) => hidden !== id);
    this.store.look({ hiddenColumns: shown ? others : [...others, id] });
  }
}

import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import {
  EVERY_REPAIR,
  NO_REPAIR,
  parseRepair,
  REPAIR_NAMES,
  REPAIR_PASSES,
  type RepairPass,
} from '../../../src/core/recipe/repair';
import { CPU_FACTS, CPUS, type CpuChoice } from '../../../src/core/recipe/cpu';
import type { Recipe } from '../../../src/core/recipe/recipe';
import { formatGain } from '../../../src/core/report/format';
import type { ExportReport, RepairReport } from '../../../src/core/report/report';
import { repairSummary } from '../../../src/core/report/repairText';
import type { EditorStore } from '../../app/EditorStore';
import { base } from '../../app/styles';

const EXPLANATIONS: Readonly<Record<RepairPass, string>> = {
  equalize: 'Channels of one tensor get like ranges; the float model computes the same.',
  gptq: "Weights are rounded so that the layer's outputs change least (GPTQ). The weight error rises, the output error falls.",
  ranges: 'Each activation has the range that costs the outputs least.',
  bias: "Biases take up the mean error of a layer's outputs.",
  kernels: 'Integers are written in the fastest form that computes what was meant.',
};
/** Passes that are about activations, and do nothing for weights alone. */
const OF_INTEGERS: ReadonlySet<RepairPass> = new Set(['ranges', 'kernels']);

/** The choice in a word, for the button that opens the panel. */
export function repairLabel({ repair }: Pick<Recipe, 'repair'>): string {
  if (repair === NO_REPAIR || repair === EVERY_REPAIR) return repair;
  return `${parseRepair(repair)?.size ?? 0} of ${REPAIR_PASSES.length}`;
}

/** A switch for each pass, and what each bought in the last export. */
@customElement('repair-panel')
export class RepairPanel extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: block;
        max-width: 440px;
      }
      p {
        margin: 0 0 8px;
      }
      .passes {
        display: grid;
        gap: 8px 12px;
        grid-template-columns: auto 1fr auto;
        margin-bottom: 10px;
      }
      input {
        align-self: start;
        margin: 2px 0 0;
      }
      label {
        cursor: pointer;
      }
      .gain {
        text-align: right;
        white-space: nowrap;
      }
      .actions {
        display: flex;
        gap: 16px;
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) recipe!: Recipe;
  /** The last export's. */
  @property({ attribute: false }) report: ExportReport | null = null;

  override render() {
    const wanted = parseRepair(this.recipe.repair) ?? new Set();
    const summary = this.report && repairSummary(this.report);
    return html`${this.renderNeed()}
      <div class="passes">${REPAIR_PASSES.map((pass) => this.renderPass(pass, wanted.has(pass)))}</div>
      ${summary ? html`<p class="number">${summary}</p>` : nothing}
      <p class="dim small">
        A pass is kept only if calibration samples that it did not see say that it helps.
      </p>
      <div class="actions">
        <button class="link" @click=${() => this.choose(REPAIR_PASSES)}>All that helps</button>
        <button class="link" @click=${() => this.choose([])}>None</button>
      </div>`;
  }

  private renderNeed() {
    const { calibration } = this.recipe;
    if (calibration !== null && calibration !== 'synthetic') return nothing;
    return html`<p>
      Repairs follow from samples of what the model reads.
      <button class="link" @click=${() => this.store.send('askData', null)}>Choose data…</button>
    </p>`;
  }

  private renderPass(pass: RepairPass, wanted: boolean) {
    const idle = OF_INTEGERS.has(pass) && this.recipe.activations === null;
    return html`<input
        type="checkbox"
        id=${pass}
        .checked=${wanted}
        @change=${(event: Event) => this.toggle(pass, (event.target as HTMLInputElement).checked)}
      />
      <div>
        <label for=${pass}>${REPAIR_NAMES[pass]}</label>
        <div class="dim small">
          ${EXPLANATIONS[pass]}${idle ? ' Only where activations are quantized.' : ''}
        </div>
        ${pass === 'kernels' && wanted ? this.renderCpu() : nothing}
      </div>
      <span class="gain number"
        >${gainText(this.report?.repairs.find((repair) => repair.pass === pass))}</span
      >`;
  }

  private renderCpu() {
    return html`<select
      aria-label="CPU that weights are written for"
      @change=${(event: Event) =>
        this.store.send('chooseCpu', { cpu: (event.target as HTMLSelectElement).value as CpuChoice })}
    >
      ${CPUS.map(
        (cpu) =>
          html`<option value=${cpu} .selected=${cpu === this.recipe.cpu}>
            ${cpu === 'here' ? 'this machine' : CPU_FACTS[cpu].label}
          </option>`,
      )}
    </select>`;
  }

  private toggle(pass: RepairPass, wanted: boolean): void {
    const before = parseRepair(this.recipe.repair) ?? new Set();
    this.choose(REPAIR_PASSES.filter((each) => (each === pass ? wanted : before.has(each))));
  }

  private choose(passes: readonly RepairPass[]): void {
    const some = passes.length === 0 ? NO_REPAIR : passes.join(',');
    this.store.send('chooseRepair', { choice: passes.length === REPAIR_PASSES.length ? EVERY_REPAIR : some });
  }
}

function gainText(repair: RepairReport | undefined): string {
  if (!repair) return '';
  return repair.kept ? formatGain(repair.after, repair.before) : 'left out';
}

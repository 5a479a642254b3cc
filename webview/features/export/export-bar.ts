import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { formatBytes, formatShape, formatShare } from '../../../src/core/report/format';
import {
  isSlower,
  type ExportProgress,
  type ExportReport,
  type ExportStage,
} from '../../../src/core/report/report';
import {
  accuracyText,
  formatOutputError,
  inputsText,
  integersText,
  lossyKernelsText,
  opsetText,
  otherOutputsText,
  slowerText,
} from '../../../src/core/report/reportMarkdown';
import { repairSummary, repairText } from '../../../src/core/report/repairText';
import { cssProperties } from '../../components/cssProperties';
import type { EditorStore } from '../../app/EditorStore';
import { base } from '../../app/styles';

const STAGES: Readonly<Record<ExportStage, string>> = {
  reading: 'Reading the model',
  preparing: 'Preparing the graph',
  quantizing: 'Quantizing',
  repairing: 'Rounding by what layers read',
  raising: 'Raising the opset',
  calibrating: 'Observing activations',
  writing: 'Writing',
  verifying: 'Running source and export',
};

/** The export under way, or what came of the last one. */
@customElement('export-bar')
export class ExportBar extends LitElement {
  static override styles = [
    base,
    css`
      .progress,
      .report {
        background: var(--vscode-editorWidget-background);
        border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
        padding: 8px 14px;
      }
      .progress {
        align-items: center;
        display: flex;
        gap: 12px;
      }
      .track {
        background: var(--vscode-input-background);
        flex: 1;
        height: 4px;
        max-width: 320px;
      }
      .track div {
        background: var(--vscode-progressBar-background);
        height: 100%;
      }
      .report {
        display: flex;
        flex-wrap: wrap;
        gap: 6px 32px;
      }
      .head {
        flex: 1 1 100%;
        overflow-wrap: anywhere;
      }
      .label {
        color: var(--vscode-descriptionForeground);
        font-size: 11px;
      }
      .actions {
        align-items: end;
        display: flex;
        gap: 12px;
        margin-left: auto;
      }
      .warn::before {
        color: var(--vscode-editorWarning-foreground);
        content: '⚠ ';
      }
      .list {
        max-height: 66px;
        overflow: auto;
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) progress: ExportProgress | null = null;
  @property({ attribute: false }) report: ExportReport | null = null;

  override render() {
    if (this.progress) return this.renderProgress(this.progress);
    return this.report ? this.renderReport(this.report) : nothing;
  }

  private renderProgress({ stage, fraction }: ExportProgress) {
    return html`<div class="progress">
      <span role="status">${STAGES[stage]}…</span>
      <div
        class="track"
        role="progressbar"
        aria-label="Export"
        aria-valuenow=${Math.round(fraction * 100)}
        aria-valuemin="0"
        aria-valuemax="100"
      >
        <div ${cssProperties({ width: `${fraction * 100}%` })}></div>
      </div>
      <vscode-button appearance="secondary" @click=${() => this.store.send('cancelExport', null)}
        >Cancel</vscode-button
      >
    </div>`;
  }

  private renderReport(report: ExportReport) {
    const { source, output, verification, opset, layers } = report;
    const left = layers.filter(({ note }) => note).length;
    return html`<section class="report" aria-label="Export">
      <div class="head"><b>Exported</b> ${output.path}</div>
      <div>
        <div class="label">Size</div>
        <span class="number"
          >${formatBytes(source.bytes)} → ${formatBytes(output.bytes)}
          (${formatShare(output.bytes / source.bytes)})</span
        >
      </div>
      ${
        verification
          ? html`<div>
                <div class="label">Model output error (SQNR) on ${inputsText(verification)}</div>
                <div class="list">
                  ${verification.outputs.map(
                    (error) =>
                      html`<div class="number">
                        <code dir="auto">${error.name}</code> ${formatOutputError(error)}
                      </div>`,
                  )}
                </div>
                ${otherOutputsText(verification) ?? nothing} ${accuracyText(verification) ?? nothing}
              </div>
              <div>
                <div class="label">Time per run, source → export</div>
                <span class="number ${isSlower(verification) ? 'warn' : ''}"
                  >${verification.sourceMs.toPrecision(3)} → ${verification.outputMs.toPrecision(3)} ms</span
                >
              </div>
              <div>
                <div class="label">Shapes of the inputs</div>
                <div class="list">
                  ${Object.entries(verification.shapes).map(
                    ([name, shape]) =>
                      html`<div class="number"><code dir="auto">${name}</code> ${formatShape(shape)}</div>`,
                  )}
                </div>
              </div>`
          : html`<div class="warn">Not run and compared.</div>`
      }
      <div class=${opset.note === null ? '' : 'warn'}>${opsetText(opset)}</div>
      ${this.renderRepairs(report)}
      ${report.integers ? html`<div>${integersText(report.integers)}</div>` : nothing}
      ${this.renderLossyKernels(report)}
      ${[slowerText(report), ...report.notes].map((note) => (note === null ? nothing : html`<div class="warn">${note}</div>`))}
      ${left > 0 ? html`<div class="warn">${left === 1 ? '1 layer was' : `${left} layers were`} left as they are; the report says why.</div>` : nothing}
      <div class="actions">
        <button class="link" @click=${() => this.store.send('openOutput', null)}>Open Exported Model</button>
        <button class="link" @click=${() => this.store.send('saveReport', null)}>Save Report</button>
        <button class="link" @click=${() => this.store.send('dismissReport', null)}>Dismiss</button>
      </div>
    </section>`;
  }

  private renderRepairs(report: ExportReport) {
    if (report.repairs.length === 0) return nothing;
    return html`<div>
      <div class="label">${repairSummary(report) ?? 'No repair helped.'}</div>
      <div class="list">${report.repairs.map((repair) => html`<div>${repairText(repair)}</div>`)}</div>
    </div>`;
  }

  private renderLossyKernels(report: ExportReport) {
    const text = lossyKernelsText(report);
    if (text === null) return nothing;
    return html`<div class="warn">
      ${text}
      <button class="link" @click=${() => this.store.send('repairKernels', null)}>Repair Kernels</button>
      <button class="link" @click=${() => this.store.send('narrowWeights', null)}>Use 7-Bit Weights</button>
    </div>`;
  }
}

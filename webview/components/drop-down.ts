import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { base } from '../app/styles';

/** A button that opens a pane with whatever stands in it; Escape closes it, and so does leaving it. */
@customElement('drop-down')
export class DropDown extends LitElement {
  static override styles = [
    base,
    css`
      details {
        position: relative;
      }
      summary {
        border-radius: 2px;
        color: var(--vscode-textLink-foreground);
        cursor: pointer;
        line-height: 22px;
        list-style: none;
      }
      summary:hover {
        color: var(--vscode-textLink-activeForeground);
        text-decoration: underline;
      }
      summary::after {
        content: ' ▾';
      }
      .pane {
        background: var(--vscode-menu-background, var(--vscode-editorWidget-background));
        border: 1px solid var(--vscode-menu-border, var(--vscode-widget-border, var(--line)));
        box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
        color: var(--vscode-menu-foreground, inherit);
        padding: 10px 12px;
        position: absolute;
        width: max-content;
        z-index: 4;
      }
    `,
  ];

  @property() label = '';
  /** The name of the choice, for screen readers: the label shows its value only. */
  @property() name = '';
  @query('details') private details!: HTMLDetailsElement;
  @query('summary') private summary!: HTMLElement;
  @query('.pane') private pane!: HTMLElement;

  override render() {
    return html`<details @focusout=${this.onLeave} @keydown=${this.onKey} @toggle=${this.keepInside}>
      <summary aria-label=${this.name === '' ? nothing : `${this.name}: ${this.label}`}>
        ${this.label}
      </summary>
      <div class="pane"><slot></slot></div>
    </details>`;
  }

  /** A pane that would stick out on the right moves to the left. */
  private keepInside(): void {
    const { pane } = this;
    pane.style.left = '0';
    const over = pane.getBoundingClientRect().right - document.documentElement.clientWidth + 8;
    if (over > 0) pane.style.left = `${-over}px`;
  }

  private onLeave({ relatedTarget }: FocusEvent): void {
    const inside = relatedTarget instanceof Node && (this === relatedTarget || this.contains(relatedTarget));
    // Without a target, the pointer is on something that takes no focus, which may well be in the pane.
    if (!inside && relatedTarget !== null) this.details.open = false;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    this.details.open = false;
    this.summary.focus();
  }

  private readonly onPress = (event: Event): void => {
    if (!event.composedPath().includes(this)) this.details.open = false;
  };

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('pointerdown', this.onPress);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('pointerdown', this.onPress);
  }
}

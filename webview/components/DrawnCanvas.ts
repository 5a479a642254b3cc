import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Has a canvas drawn whenever its element is rendered or gets another size, and when the theme changes. */
export class DrawnCanvas implements ReactiveController {
  private readonly size: ResizeObserver;
  private readonly theme: MutationObserver;

  constructor(
    private readonly host: ReactiveControllerHost & HTMLElement,
    private readonly draw: (canvas: HTMLCanvasElement) => void,
  ) {
    host.addController(this);
    this.size = new ResizeObserver(() => this.hostUpdated());
    this.theme = new MutationObserver(() => this.hostUpdated());
  }

  hostConnected(): void {
    this.size.observe(this.host);
    this.theme.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  }

  hostDisconnected(): void {
    this.size.disconnect();
    this.theme.disconnect();
  }

  hostUpdated(): void {
    const canvas = this.host.shadowRoot?.querySelector('canvas');
    if (canvas) this.draw(canvas);
  }
}

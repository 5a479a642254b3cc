import type { LitElement, ReactiveController } from 'lit';

/** Draws a canvas anew when its element was rendered, its size changed, or the theme, whose colours are read while drawing. */
export class Redraw implements ReactiveController {
  private readonly size: ResizeObserver;
  private readonly theme: MutationObserver;

  constructor(
    private readonly host: LitElement,
    private readonly draw: () => void,
  ) {
    this.size = new ResizeObserver(() => this.drawRendered());
    this.theme = new MutationObserver(() => this.drawRendered());
    host.addController(this);
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
    this.draw();
  }

  private drawRendered(): void {
    if (this.host.hasUpdated) this.draw();
  }
}

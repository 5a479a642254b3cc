import { html, nothing, svg } from 'lit';

/** A tick box as a picture; what it means is said by the cell around it. */
export function renderCheck(on: boolean) {
  return html`<svg class="check" viewBox="0 0 14 14" aria-hidden="true">
    ${on ? svg`<path d="M3 7.5 6 10.5 11 4"></path>` : nothing}
  </svg>`;
}
